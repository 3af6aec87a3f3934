// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/errors.h"

#include "fusefs/fuse_api.h"

namespace ward::fusefs {

int visible(Errno error) noexcept {
  switch (error.value) {
    case EMFILE:  // the daemon's limit, not the program's
      return ENFILE;
    case ENOSYS:  // would switch the operation off for the whole mount
      return EOPNOTSUPP;
    default:
      return error.value;
  }
}

void reply_error(fuse_req* request, Errno error) noexcept { fuse_reply_err(request, visible(error)); }

}  // namespace ward::fusefs
