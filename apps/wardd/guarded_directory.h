// SPDX-License-Identifier: GPL-2.0-or-later
// One guarded directory of the daemon: its mount, the thread that serves it, and how it is given up.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "apps/ward/places.h"
#include "apps/ward/unmounter.h"
#include "fusefs/guarded_mount.h"
#include "scanner/base/log.h"
#include "scanner/gate/gate.h"

namespace ward {

struct DirectoryPlan {
  std::string configured;         ///< the path as the configuration has it
  std::string configured_source;  ///< the same for the source; may be empty
  MountPlaces places;
  fusefs::Transport transport = fusefs::Transport::automatic;
  bool passthrough = true;
  std::size_t descriptors = 0;
};

/// What the directory needs of the daemon; called from tick().
struct DirectoryHooks {
  /// Answers every held open of all directories by policy: the daemon is stopping.
  std::function<void()> answer_held;
  /// Ends the daemon although the mount lives on somewhere.
  std::function<void()> give_up;
};

enum class DirectoryState : std::uint8_t {
  guarded,
  leaving,    ///< to be unmounted as soon as nobody uses it
  unmounted,  ///< the mount is gone
};

/// A log whose lines begin with what they are about.
class PrefixedLog final : public Log {
 public:
  PrefixedLog(std::string prefix, Log& log) : prefix_(std::move(prefix)), log_(log) {}
  void write(LogLevel level, std::string_view line) noexcept override {
    log_.write(level, prefix_ + ": " + std::string(line));
  }

 private:
  const std::string prefix_;
  Log& log_;
};

/// create() mounts and serves; the destructor waits for the mount to be gone, so give it up before. request() and
/// tick() belong to one thread; the rest is safe from any.
class GuardedDirectory {
 public:
  static Result<std::unique_ptr<GuardedDirectory>> create(const DirectoryPlan& plan, Gate& gate, DirectoryHooks hooks,
                                                          Log& log);
  ~GuardedDirectory();
  GuardedDirectory(const GuardedDirectory&) = delete;
  GuardedDirectory& operator=(const GuardedDirectory&) = delete;

  [[nodiscard]] const DirectoryPlan& plan() const noexcept { return plan_; }
  [[nodiscard]] const std::string& mountpoint() const noexcept { return plan_.places.mountpoint; }
  [[nodiscard]] DirectoryState state() const noexcept;
  [[nodiscard]] fusefs::MountStatus status() const { return mount_->status(); }
  /// What went around the guard when it came up, for people.
  [[nodiscard]] const std::vector<std::string>& gaps() const noexcept { return gaps_; }

  /// The configuration has it no more; the next tick() begins to give it up.
  void leave() noexcept { leaving_ = true; }
  /// The daemon stops. The second time the mount is detached, the third time all ends (Unmounter).
  void request();
  /// To be called a few times a second.
  void tick();
  /// The mount is gone and no open is held: the object may go.
  [[nodiscard]] bool finished() const { return ended_ && mount_->status().held == 0; }

 private:
  GuardedDirectory(DirectoryPlan plan, std::unique_ptr<fusefs::GuardedMount> mount, std::vector<std::string> gaps,
                   DirectoryHooks hooks, Log& log);

  const DirectoryPlan plan_;
  const std::unique_ptr<fusefs::GuardedMount> mount_;
  const std::vector<std::string> gaps_;
  const DirectoryHooks hooks_;
  PrefixedLog log_;
  bool stopping_ = false;  // the ticking thread's own
  bool asked_ = false;
  Unmounter unmounter_;
  std::atomic<bool> leaving_{false};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace ward
