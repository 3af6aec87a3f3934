// SPDX-License-Identifier: GPL-2.0-or-later
// Results of operations that can fail, without exceptions and without a bare errno.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace ward {

/// What went wrong, in words that tell a person what to do, and the errno behind it (0: none).
struct Error {
  std::string message;
  int os_error = 0;
};

template <class T>
using Result = tl::expected<T, Error>;

/// An Error whose message ends in the text of `os_error`: "cannot open /x: Permission denied".
Error system_error(std::string what, int os_error);

inline tl::unexpected<Error> fail(std::string message, int os_error = 0) {
  return tl::unexpected<Error>(Error{std::move(message), os_error});
}

/// Shorthand for `tl::unexpected(system_error(what, errno))`, evaluated at once.
tl::unexpected<Error> fail_errno(std::string what);

/// Whether what failed with this errno did for want of descriptors or memory, of this process or the machine: it may
/// succeed another time.
[[nodiscard]] bool lacks_room(int os_error) noexcept;

}  // namespace ward
