// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/support/workspace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "scanner/base/unique_fd.h"
#include "tests/bench/support/process.h"

namespace ward::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int kUnmountTries = 200;

}  // namespace

Result<void> enter_private_mounts() {
  if (unshare(CLONE_NEWNS) != 0) return fail_errno("cannot make a mount namespace (run as root)");
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return fail_errno("cannot make mounts private");
  return {};
}

Result<Workspace> Workspace::create(const WorkspaceOptions& options) {
  auto root = make_scratch(options.base);
  if (!root) return tl::unexpected(root.error());
  Workspace workspace(*root);
  workspace.data_ = *root + "/data";
  if (auto made = make_folder(workspace.data_); !made) return tl::unexpected(made.error());
  auto mounted = workspace.mount_storage(options);
  if (!mounted) workspace.description_ = "plain folder (" + mounted.error().message + ")";
  return workspace;
}

Workspace::Workspace(Workspace&& other) noexcept
    : root_(std::exchange(other.root_, {})),
      data_(std::move(other.data_)),
      description_(std::move(other.description_)),
      mounted_(std::exchange(other.mounted_, false)) {}

Workspace::~Workspace() {
  if (root_.empty()) return;
  if (mounted_) unmount(data_);
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

Result<void> Workspace::mount_storage(const WorkspaceOptions& options) {
  if (options.storage == Storage::plain_folder) {
    description_ = "plain folder in " + options.base;
    return {};
  }
  if (options.storage == Storage::ext4_on_loop) return mount_image(options);
  const std::string limits = "mode=755,nr_inodes=" + std::to_string(options.inodes);
  if (mount("none", data_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, limits.c_str()) != 0)
    return fail_errno("no tmpfs can be mounted");
  mounted_ = true;
  description_ = "tmpfs";
  return {};
}

Result<void> Workspace::mount_image(const WorkspaceOptions& options) {
  const std::string image = root_ + "/image";
  const UniqueFd fd(open(image.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd || ftruncate(fd.get(), static_cast<off_t>(options.image_bytes)) != 0)
    return fail_errno("cannot make " + image);
  const std::string log = root_ + "/mkfs.log";
  // Without the lazy initialisation a kernel thread would write during the measurements.
  auto formatted = run({{"mkfs.ext4", "-q", "-F", "-N", std::to_string(options.inodes), "-E",
                         "lazy_itable_init=0,lazy_journal_init=0", image},
                        {},
                        log});
  if (!formatted) return formatted;
  auto mounted = run({{"mount", "-o", "loop", image, data_}, {}, log});
  mounted_ = mounted.has_value();
  if (!mounted) return fail("no loop device: " + mounted.error().message);
  description_ = "ext4 image on a loop device";
  return {};
}

Result<std::string> Workspace::make_private(const std::string& name) const {
  std::string path = root_ + "/" + name;
  if (auto made = make_folder(path); !made) return tl::unexpected(made.error());
  return path;
}

Result<std::string> make_scratch(const std::string& base) {
  std::string path = base + "/ward-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr || chmod(path.c_str(), 0755) != 0) {
    return fail_errno("cannot make a folder in " + base);
  }
  return path;
}

Result<void> make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail("cannot make " + path + ": " + error.message(), error.value());
  return {};
}

void unmount(const std::string& path) {
  for (int i = 0; i < kUnmountTries; ++i) {
    if (umount2(path.c_str(), UMOUNT_NOFOLLOW) == 0 || errno != EBUSY) return;
    std::this_thread::sleep_for(10ms);
  }
  umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
}

Result<void> drop_caches() {
  sync();
  const UniqueFd fd(open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC));
  if (!fd || write(fd.get(), "3", 1) != 1) return fail_errno("cannot drop the kernel's caches");
  return {};
}

}  // namespace ward::bench
