// SPDX-License-Identifier: GPL-2.0-or-later
// Names to nodes, and nodes given back.
#include <span>

#include "fusefs/filesystem.h"
#include "fusefs/operations.h"

namespace ward::fusefs::op {
namespace {

constexpr double kAbsentSeconds = 10;

}  // namespace

void lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  Filesystem& fs = Filesystem::of(request);
  const auto directory = fs.open_parent(parent);
  if (!directory) return reply_error(request, directory.error());
  const auto entry = fs.enter_child(directory->get(), {NodeId{parent}, name});
  if (!entry && entry.error().value == ENOENT) {
    fuse_entry_param absent{};
    absent.entry_timeout = kAbsentSeconds;
    fuse_reply_entry(request, &absent);
    return;
  }
  reply_entry(fs, request, entry);
}

void forget(fuse_req_t request, fuse_ino_t node, std::uint64_t references) {
  Filesystem& fs = Filesystem::of(request);
  fs.inodes().forget(NodeId{node}, references);
  fs.passthrough().close_unused(request, fs.inodes().hot());
  fuse_reply_none(request);
}

void forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets) {
  Filesystem& fs = Filesystem::of(request);
  for (const fuse_forget_data& one : std::span(forgets, count)) fs.inodes().forget(NodeId{one.ino}, one.nlookup);
  fs.passthrough().close_unused(request, fs.inodes().hot());
  fuse_reply_none(request);
}

}  // namespace ward::fusefs::op
