// SPDX-License-Identifier: GPL-2.0-or-later
// The end of an open file: what was written is to be known before somebody reads it.
#include "fusefs/access.h"
#include "fusefs/backing.h"
#include "fusefs/operations.h"

namespace ward::fusefs::op {

void flush(fuse_req_t request, fuse_ino_t, fuse_file_info*) { fuse_reply_err(request, 0); }

void release(fuse_req_t request, fuse_ino_t node, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  close_backing(fs, NodeId{node}, *info);
  if (can_write(info->flags)) {
    const fuse_ctx caller = *fuse_req_ctx(request);
    const auto fd = fs.open_path(node);
    tell_closed(fs, caller, NodeId{node}, fd ? fd->get() : -1);
  }
  fuse_reply_err(request, 0);
  fs.file_closed();
}

}  // namespace ward::fusefs::op
