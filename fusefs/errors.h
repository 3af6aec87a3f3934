// SPDX-License-Identifier: GPL-2.0-or-later
// errno inside the filesystem: a type of its own, made and answered in one place.
#pragma once

#include <cerrno>
#include <tl/expected.hpp>

struct fuse_req;

namespace ward::fusefs {

/// A system call's error number; never zero.
struct Errno {
  int value;
  friend bool operator==(Errno, Errno) noexcept = default;
};

/// What an operation gives, or the error number its caller in user space will see. Costs no allocation.
template <class T>
using Outcome = tl::expected<T, Errno>;

inline tl::unexpected<Errno> failed(int number) noexcept { return tl::unexpected<Errno>(Errno{number}); }
/// The thread's errno as it is now.
inline tl::unexpected<Errno> failed_call() noexcept { return failed(errno); }

/// The number a program may see: what befell the daemon alone is said in words that are true for the program.
[[nodiscard]] int visible(Errno error) noexcept;
void reply_error(fuse_req* request, Errno error) noexcept;

}  // namespace ward::fusefs
