// SPDX-License-Identifier: GPL-2.0-or-later
// What is to be on the disk before a request is answered.
#pragma once

#include <unistd.h>

#include <cerrno>

#include "fusefs/errors.h"
#include "fusefs/path_fd.h"
#include "fusefs/slow_calls.h"

namespace ward::fusefs {

/// fsync(2) of the source, and the answer.
class Sync final : public SlowCall {
 public:
  Sync(fuse_req_t request, PathFd file, bool data_only)
      : request_(request), file_(std::move(file)), data_only_(data_only) {}
  void carry_out() noexcept override {
    const int result = data_only_ ? ::fdatasync(file_.get()) : ::fsync(file_.get());
    fuse_reply_err(request_, result == 0 ? 0 : visible(Errno{errno}));
  }

 private:
  const fuse_req_t request_;
  const PathFd file_;
  const bool data_only_;
};

}  // namespace ward::fusefs
