// SPDX-License-Identifier: GPL-2.0-or-later
// Directories, listed. An open directory holds nothing that its node and an offset do not give again.
#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "fusefs/filesystem.h"
#include "fusefs/operations.h"

namespace ward::fusefs {
namespace {

constexpr std::size_t kBatch = 32768;

using RawEntry = struct dirent64;  // as getdents64(2) writes it; the name ends where d_reclen says

Outcome<void> open_directory(Filesystem& fs, NodeId node, OpenDirectory& directory) WARD_REQUIRES(directory.mutex) {
  const auto path_fd = fs.inodes().open_path(fs.inodes().at(node));
  if (!path_fd) return tl::unexpected(path_fd.error());
  UniqueFd fd(::openat(path_fd->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return failed_call();
  directory.fd = std::move(fd);
  directory.node = node;
  directory.buffer.resize(kBatch);
  directory.next = directory.filled = 0;
  directory.position = 0;
  return {};
}

/// Makes the entry at `offset` the next one; opens the directory anew where this process did not open it.
Outcome<void> seek(Filesystem& fs, NodeId node, OpenDirectory& directory, off_t offset) WARD_REQUIRES(directory.mutex) {
  if (!directory.fd || directory.node != node) {
    if (const auto opened = open_directory(fs, node, directory); !opened) return opened;
  }
  if (offset == directory.position && offset != 0) return {};
  if (::lseek(directory.fd.get(), offset, SEEK_SET) < 0) return failed_call();
  directory.next = directory.filled = 0;
  directory.position = offset;
  return {};
}

/// The next entry, read from the source when the buffer is used up; null at the end.
Outcome<const RawEntry*> peek(OpenDirectory& directory) WARD_REQUIRES(directory.mutex) {
  if (directory.next == directory.filled) {
    const long got = ::syscall(SYS_getdents64, directory.fd.get(), directory.buffer.data(), directory.buffer.size());
    if (got < 0) return failed_call();
    directory.next = 0;
    directory.filled = static_cast<std::size_t>(got);
    if (got == 0) return nullptr;
  }
  return reinterpret_cast<const RawEntry*>(directory.buffer.data() + directory.next);
}

bool is_self_or_parent(std::string_view name) noexcept { return name == "." || name == ".."; }

/// One listing under way: entries are added until the reply is full.
class Listing {
 public:
  Listing(Filesystem& fs, fuse_req_t request, OpenDirectory& directory, std::size_t size)
      : fs_(fs), request_(request), directory_(directory), size_(size), reply_(std::make_unique<char[]>(size)) {}

  /// Without attributes.
  Outcome<void> fill_names() WARD_REQUIRES(directory_.mutex) {
    return fill([this](const RawEntry& raw) {
      struct stat status {};
      status.st_ino = raw.d_ino;
      status.st_mode = static_cast<mode_t>(raw.d_type) << 12;
      return fuse_add_direntry(request_, reply_.get() + used_, size_ - used_, raw.d_name, &status, raw.d_off);
    });
  }

  /// With attributes, each entry a reference to its node.
  Outcome<void> fill_entries() WARD_REQUIRES(directory_.mutex) {
    const int fd = directory_.fd.get();
    const NodeId parent = directory_.node;
    return fill([this, fd, parent](const RawEntry& raw) {
      const fuse_entry_param entry = entry_of(raw, fd, parent);
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
  template <class Add>
  Outcome<void> fill(Add add) WARD_REQUIRES(directory_.mutex) {
    for (;;) {
      const auto raw = peek(directory_);
      if (!raw) return tl::unexpected(raw.error());
      if (*raw == nullptr) return {};
      const std::size_t length = add(**raw);
      if (length > size_ - used_) return {};
      used_ += length;
      directory_.next += (*raw)->d_reclen;
      directory_.position = (*raw)->d_off;
    }
  }

  /// An entry without a node where there is none to give: the kernel then looks the name up when it is used.
  fuse_entry_param entry_of(const RawEntry& raw, int fd, NodeId parent) {
    if (!is_self_or_parent(raw.d_name)) {
      if (const auto entry = fs_.enter_child(fd, {parent, raw.d_name})) return *entry;
    }
    fuse_entry_param bare{};
    bare.attr.st_ino = raw.d_ino;
    bare.attr.st_mode = static_cast<mode_t>(raw.d_type) << 12;
    return bare;
  }

  Filesystem& fs_;
  const fuse_req_t request_;
  OpenDirectory& directory_;
  const std::size_t size_;
  const std::unique_ptr<char[]> reply_;
  std::vector<NodeId> referred_;  ///< by entries in the reply, should it reach nobody
  std::size_t used_ = 0;
};

}  // namespace

namespace op {

void opendir(fuse_req_t request, fuse_ino_t node, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  const auto number = fs.directories().allocate();
  if (!number) return reply_error(request, Errno{ENFILE});
  OpenDirectory& directory = fs.directories().at(*number);
  Outcome<void> opened;
  {
    const MutexLock lock(directory.mutex);
    opened = open_directory(fs, NodeId{node}, directory);
  }
  if (!opened) {
    fs.directories().release(*number);
    return reply_error(request, opened.error());
  }
  info->fh = static_cast<std::uint64_t>(*number);
  if (fuse_reply_open(request, info) != 0) fs.directories().release(*number);
}

void readdir(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  OpenDirectory& directory = fs.directories().at(HandleNumber{info->fh});
  Listing listing(fs, request, directory, size);
  Outcome<void> outcome;
  {
    const MutexLock lock(directory.mutex);
    outcome = seek(fs, NodeId{node}, directory, offset);
    if (outcome) outcome = listing.fill_names();
  }
  listing.reply(outcome);
}

void readdirplus(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  OpenDirectory& directory = fs.directories().at(HandleNumber{info->fh});
  Listing listing(fs, request, directory, size);
  Outcome<void> outcome;
  {
    const MutexLock lock(directory.mutex);
    outcome = seek(fs, NodeId{node}, directory, offset);
    if (outcome) outcome = listing.fill_entries();
  }
  listing.reply(outcome);
}

void releasedir(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  OpenDirectory& directory = fs.directories().at(HandleNumber{info->fh});
  {
    const MutexLock lock(directory.mutex);
    directory.fd.reset();
    directory.node = NodeId::none;
    std::vector<char>().swap(directory.buffer);
  }
  fs.directories().release(HandleNumber{info->fh});
  fuse_reply_err(request, 0);
}

void fsyncdir(fuse_req_t request, fuse_ino_t node, int data_only, fuse_file_info*) {
  const auto path_fd = Filesystem::of(request).open_path(node);
  if (!path_fd) return reply_error(request, path_fd.error());
  const UniqueFd fd(::openat(path_fd->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return reply_error(request, Errno{errno});
  const int result = data_only != 0 ? ::fdatasync(fd.get()) : ::fsync(fd.get());
  fuse_reply_err(request, result == 0 ? 0 : visible(Errno{errno}));
}

}  // namespace op
}  // namespace ward::fusefs
