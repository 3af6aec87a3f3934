// SPDX-License-Identifier: GPL-2.0-or-later
// Signals as calls on an ordinary thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "scanner/base/result.h"
#include "scanner/base/unique_fd.h"

namespace ward {

/// What is called on the signal thread, one at a time.
struct SignalHandlers {
  std::function<void()> stop;    ///< SIGTERM or SIGINT
  std::function<void()> reload;  ///< SIGHUP
  /// Now and then, after the first `stop`.
  std::function<void()> tick;
};

/// Life: block() while the program has one thread, so that every thread inherits it; then start(). The destructor ends
/// the thread after the call under way.
class SignalThread {
 public:
  /// Keeps SIGTERM, SIGINT and SIGHUP for the thread to come, and ignores SIGPIPE and SIGIO.
  static Result<void> block();
  static Result<std::unique_ptr<SignalThread>> start(SignalHandlers handlers);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  SignalThread(SignalHandlers handlers, UniqueFd signals, UniqueFd ended);
  void run();
  void take_signals();

  SignalHandlers handlers_;
  UniqueFd signals_;
  UniqueFd ended_;
  bool stopping_ = false;  // the thread's own
  std::thread thread_;
};

}  // namespace ward
