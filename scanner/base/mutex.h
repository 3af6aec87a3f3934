// SPDX-License-Identifier: GPL-2.0-or-later
// Locks whose use clang checks (-Wthread-safety). Everything in Ward that locks uses these.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define WARD_TS(x) __attribute__((x))
#else
#define WARD_TS(x)
#endif

#define WARD_CAPABILITY(name) WARD_TS(capability(name))
#define WARD_SCOPED_CAPABILITY WARD_TS(scoped_lockable)
#define WARD_GUARDED_BY(m) WARD_TS(guarded_by(m))
#define WARD_PT_GUARDED_BY(m) WARD_TS(pt_guarded_by(m))
#define WARD_REQUIRES(...) WARD_TS(requires_capability(__VA_ARGS__))
#define WARD_REQUIRES_SHARED(...) WARD_TS(requires_shared_capability(__VA_ARGS__))
#define WARD_ACQUIRE(...) WARD_TS(acquire_capability(__VA_ARGS__))
#define WARD_ACQUIRE_SHARED(...) WARD_TS(acquire_shared_capability(__VA_ARGS__))
#define WARD_RELEASE(...) WARD_TS(release_capability(__VA_ARGS__))
#define WARD_RELEASE_GENERIC(...) WARD_TS(release_generic_capability(__VA_ARGS__))
#define WARD_EXCLUDES(...) WARD_TS(locks_excluded(__VA_ARGS__))
#define WARD_NO_THREAD_SAFETY_ANALYSIS WARD_TS(no_thread_safety_analysis)

namespace ward {

class WARD_CAPABILITY("mutex") Mutex {
 public:
  void lock() WARD_ACQUIRE() { mutex_.lock(); }
  void unlock() WARD_RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class WARD_CAPABILITY("shared_mutex") SharedMutex {
 public:
  void lock() WARD_ACQUIRE() { mutex_.lock(); }
  void unlock() WARD_RELEASE() { mutex_.unlock(); }
  void lock_shared() WARD_ACQUIRE_SHARED() { mutex_.lock_shared(); }
  void unlock_shared() WARD_RELEASE_GENERIC() { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

/// Holds a Mutex or SharedMutex for writing while it lives.
template <class M>
class WARD_SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(M& mutex) WARD_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() WARD_RELEASE() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  M& mutex_;
};

/// Holds a SharedMutex for reading while it lives.
class WARD_SCOPED_CAPABILITY SharedLock {
 public:
  explicit SharedLock(SharedMutex& mutex) WARD_ACQUIRE_SHARED(mutex) : mutex_(mutex) { mutex_.lock_shared(); }
  ~SharedLock() WARD_RELEASE_GENERIC() { mutex_.unlock_shared(); }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  SharedMutex& mutex_;
};

using MutexLock = Lock<Mutex>;

/// Waits on a Mutex that the caller holds. Spurious wake-ups happen: call in a loop.
class CondVar {
 public:
  void wait(Mutex& mutex) WARD_REQUIRES(mutex) {
    std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
    condition_.wait(held);
    held.release();
  }
  /// Returns false when `until` passed without a notification.
  template <class TimePoint>
  bool wait_until(Mutex& mutex, TimePoint until) WARD_REQUIRES(mutex) {
    std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
    const bool notified = condition_.wait_until(held, until) == std::cv_status::no_timeout;
    held.release();
    return notified;
  }
  void notify_one() noexcept { condition_.notify_one(); }
  void notify_all() noexcept { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace ward
