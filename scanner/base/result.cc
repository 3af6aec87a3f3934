// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/base/result.h"

#include <cerrno>
#include <system_error>

namespace ward {

Error system_error(std::string what, int os_error) {
  what += ": ";
  what += std::generic_category().message(os_error);
  return Error{std::move(what), os_error};
}

tl::unexpected<Error> fail_errno(std::string what) {
  const int saved = errno;
  return tl::unexpected<Error>(system_error(std::move(what), saved));
}

bool lacks_room(int os_error) noexcept { return os_error == EMFILE || os_error == ENFILE || os_error == ENOMEM; }

}  // namespace ward
