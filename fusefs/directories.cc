// SPDX-License-Identifier: GPL-2.0-or-later
// Directories, listed. An open directory is its node and an offset and nothing else, so none has to be kept: the kernel
// is told that opening one needs no daemon, and caches what was listed until the directory changes.
#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "fusefs/filesystem.h"
#include "fusefs/operations.h"
#include "fusefs/sync.h"

namespace ward::fusefs {
namespace {

using RawEntry = struct dirent64;  // as getdents64(2) writes it; the name ends where d_reclen says

constexpr std::size_t kLongestEntry = sizeof(RawEntry);
/// An entry with attributes takes so much more room in the answer than the source's own takes here.
constexpr std::size_t kPlusFactor = 5;

bool is_self_or_parent(std::string_view name) noexcept { return name == "." || name == ".."; }

Outcome<UniqueFd> open_directory(Filesystem& fs, fuse_ino_t node, off_t offset) {
  const auto path_fd = fs.open_parent(node);
  if (!path_fd) return tl::unexpected(path_fd.error());
  UniqueFd fd(::openat(path_fd->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || (offset != 0 && ::lseek(fd.get(), offset, SEEK_SET) < 0)) return failed_call();
  return fd;
}

/// One answer under way: entries are added until it is full.
class Listing {
 public:
  Listing(Filesystem& fs, fuse_req_t request, NodeId parent, std::size_t size)
      : fs_(fs), request_(request), parent_(parent), size_(size), reply_(std::make_unique<char[]>(size)) {}

  Outcome<void> fill_names(int directory) {
    return fill(directory, size_, [this](const RawEntry& raw, int) {
      const struct stat status = bare_attributes(raw);
      return fuse_add_direntry(request_, reply_.get() + used_, size_ - used_, raw.d_name, &status, raw.d_off);
    });
  }

  /// With attributes, each entry a reference to its node.
  Outcome<void> fill_entries(int directory) {
    return fill(directory, size_ / kPlusFactor, [this](const RawEntry& raw, int fd) {
      const fuse_entry_param entry = entry_of(raw, fd);
      const std::size_t length =
          fuse_add_direntry_plus(request_, reply_.get() + used_, size_ - used_, raw.d_name, &entry, raw.d_off);
      if (entry.ino == 0) return length;
      if (length > size_ - used_) {
        fs_.inodes().forget(NodeId{entry.ino}, 1);
      } else {
        referred_.push_back(NodeId{entry.ino});
      }
      return length;
    });
  }

  void reply(const Outcome<void>& outcome) {
    if (!outcome && used_ == 0) return reply_error(request_, outcome.error());
    if (fuse_reply_buf(request_, reply_.get(), used_) == 0) return;
    for (const NodeId node : referred_) fs_.inodes().forget(node, 1);
  }

 private:
  /// Reads batches of about `batch` bytes, for what does not fit into the answer is read again for the next one.
  template <class Add>
  Outcome<void> fill(int directory, std::size_t batch, Add add) {
    alignas(RawEntry) std::array<char, 32768> buffer;
    const std::size_t room = std::clamp(batch, kLongestEntry, buffer.size());
    for (;;) {
      const long got = ::syscall(SYS_getdents64, directory, buffer.data(), room);
      if (got < 0) return failed_call();
      if (got == 0) return {};
      for (long at = 0; at < got;) {
        const auto& raw = *reinterpret_cast<const RawEntry*>(buffer.data() + at);
        const std::size_t length = add(raw, directory);
        if (length > size_ - used_) return {};
        used_ += length;
        at += raw.d_reclen;
      }
    }
  }

  static struct stat bare_attributes(const RawEntry& raw) {
    struct stat status {};
    status.st_ino = raw.d_ino;
    status.st_mode = static_cast<mode_t>(raw.d_type) << 12;
    return status;
  }

  /// An entry without a node where there is none to give: the kernel then looks the name up when it is used.
  fuse_entry_param entry_of(const RawEntry& raw, int directory) {
    if (!is_self_or_parent(raw.d_name)) {
      if (const auto entry = fs_.enter_child(directory, {parent_, raw.d_name})) return *entry;
    }
    fuse_entry_param bare{};
    bare.attr = bare_attributes(raw);
    return bare;
  }

  Filesystem& fs_;
  const fuse_req_t request_;
  const NodeId parent_;
  const std::size_t size_;
  const std::unique_ptr<char[]> reply_;
  std::vector<NodeId> referred_;  ///< by entries in the reply, should it reach nobody
  std::size_t used_ = 0;
};

}  // namespace

namespace op {

void opendir(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
  if (Filesystem::of(request).agreement().no_opendir) {
    fuse_reply_err(request, ENOSYS);  // the kernel asks no more, and caches listings
    return;
  }
  info->keep_cache = 1;
  info->cache_readdir = 1;
  fuse_reply_open(request, info);
}

void readdir(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info*) {
  Filesystem& fs = Filesystem::of(request);
  const auto directory = open_directory(fs, node, offset);
  if (!directory) return reply_error(request, directory.error());
  Listing listing(fs, request, NodeId{node}, size);
  listing.reply(listing.fill_names(directory->get()));
}

void readdirplus(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info*) {
  Filesystem& fs = Filesystem::of(request);
  const auto directory = open_directory(fs, node, offset);
  if (!directory) return reply_error(request, directory.error());
  Listing listing(fs, request, NodeId{node}, size);
  listing.reply(listing.fill_entries(directory->get()));
}

void fsyncdir(fuse_req_t request, fuse_ino_t node, int data_only, fuse_file_info*) {
  Filesystem& fs = Filesystem::of(request);
  auto directory = open_directory(fs, node, 0);
  if (!directory) return reply_error(request, directory.error());
  fs.syncs().add(std::make_unique<Sync>(request, PathFd(std::move(*directory)), data_only != 0));
}

}  // namespace op
}  // namespace ward::fusefs
