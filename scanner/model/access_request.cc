// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/model/access_request.h"

namespace ward {

std::string_view to_string(Access access) noexcept {
  switch (access) {
    case Access::read:
      return "read";
    case Access::execute:
      return "execute";
    case Access::closed_after_write:
      return "closed-after-write";
    case Access::on_demand:
      break;
  }
  return "on-demand";
}

}  // namespace ward
