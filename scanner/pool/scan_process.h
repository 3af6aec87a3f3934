// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's handle of one scan process: asks it about one file at a time and believes only well-formed answers.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scanner/base/clock.h"
#include "scanner/base/result.h"
#include "scanner/model/file_id.h"
#include "scanner/model/type_wish.h"
#include "scanner/model/verdict.h"
#include "scanner/pool/zygote_client.h"

namespace ward {

/// How one question to a process ended. After anything but `answered` the process is dead.
enum class ScanEnd : std::uint8_t {
  answered,
  timed_out,  ///< killed
  lied,       ///< killed: the frame was no answer to the question
  died,       ///< by itself, or by the sandbox, over this question
  gone,       ///< was dead before it was asked
  unasked,    ///< killed: it had spoken before it was asked
};

struct ScanOutcome {
  ScanEnd end = ScanEnd::died;
  Verdict verdict;
  std::string type;
  /// Of a process that died, where it could be learnt.
  std::optional<ExitStatus> exit;
};

/// Used by one thread at a time. Dies with the object.
class ScanProcess {
 public:
  /// Forks one and waits until its sandbox is complete.
  static Result<std::unique_ptr<ScanProcess>> fork(std::shared_ptr<ZygoteClient> zygote, MonotonicTime deadline);
  ~ScanProcess();
  ScanProcess(const ScanProcess&) = delete;
  ScanProcess& operator=(const ScanProcess&) = delete;

  ScanOutcome scan(int fd, TypeWish types, MonotonicTime deadline);
  void kill() noexcept;

  [[nodiscard]] const ZygoteClient& zygote() const noexcept { return *zygote_; }
  [[nodiscard]] bool alive() const noexcept;
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Readable once it has ended.
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
  [[nodiscard]] SandboxLayers layers() const noexcept { return layers_; }

 private:
  ScanProcess(std::shared_ptr<ZygoteClient> zygote, SpawnedProcess spawned);
  Result<void> await_hello(MonotonicTime deadline);
  ScanOutcome not_silent();
  ScanOutcome await_verdict(std::uint64_t request, MonotonicTime deadline);
  /// Something came behind the answer.
  [[nodiscard]] bool said_more() const;
  [[nodiscard]] bool may_say(const Verdict& verdict) const;
  ScanOutcome died();
  ScanOutcome lied(std::string what);

  std::shared_ptr<ZygoteClient> zygote_;
  std::uint64_t id_;
  UniqueFd pidfd_;
  FrameSocket channel_;
  pid_t pid_;
  SandboxLayers layers_;
  bool exit_known_ = false;
};

}  // namespace ward
