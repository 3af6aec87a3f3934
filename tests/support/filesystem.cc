// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/filesystem.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <stdexcept>

#include "scanner/base/unique_fd.h"
#include "tests/support/process.h"

namespace ward::test {
namespace {

void run_or_throw(const std::vector<std::string>& arguments) {
  const Outcome outcome = run(arguments);
  if (outcome.exit_code != 0) throw std::runtime_error(arguments[0] + " failed: " + outcome.output);
}

constexpr unsigned kSmallMegabytes = 64;

std::string make_ext4_image(const std::string& file, unsigned megabytes, const char* percent_for_root) {
  UniqueFd image(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!image || ::ftruncate(image.get(), static_cast<off_t>(megabytes) << 20) != 0) {
    throw std::runtime_error("cannot make " + file);
  }
  // Large inodes carry nanoseconds; no journal and lazy tables keep this cheap.
  run_or_throw({"/sbin/mkfs.ext4", "-q", "-F", "-I", "256", "-m", percent_for_root, "-O", "^has_journal", "-E",
                "lazy_itable_init=1,nodiscard", file});
  return file;
}

}  // namespace

Filesystem::Filesystem(FilesystemKind kind, const std::string& options, unsigned megabytes)
    : path_(make_dir(private_ / "root")) {
  const std::string more = options.empty() ? "" : "," + options;
  if (kind == FilesystemKind::tmpfs) {
    run_or_throw(
        {"mount", "-t", "tmpfs", "-o", "mode=0755,size=" + std::to_string(megabytes) + "m" + more, "tmpfs", path_});
  } else if (kind != FilesystemKind::machine) {
    // Else no blocks are kept for root, so that every user sees the same free space.
    const std::string image = kind == FilesystemKind::ext4 ? make_ext4_image(private_ / "image", megabytes, "0")
                                                           : make_ext4_image(private_ / "image", kSmallMegabytes, "10");
    run_or_throw({"mount", "-t", "ext4", "-o", "loop,acl,user_xattr" + more, image, path_});
  }
  mounted_ = kind != FilesystemKind::machine;
}

Filesystem::~Filesystem() {
  if (mounted_ && ::umount2(path_.c_str(), 0) != 0) ::umount2(path_.c_str(), MNT_DETACH);
}

std::string to_string(FilesystemKind kind) {
  switch (kind) {
    case FilesystemKind::ext4:
      return "ext4";
    case FilesystemKind::small_ext4:
      return "small_ext4";
    case FilesystemKind::tmpfs:
      return "tmpfs";
    case FilesystemKind::machine:
      break;
  }
  return "machine";
}

}  // namespace ward::test
