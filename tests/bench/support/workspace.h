// SPDX-License-Identifier: GPL-2.0-or-later
// A scratch folder with a filesystem of its own.
//
// enter_private_mounts() first: what is mounted afterwards, by this process or the programs it starts, is seen by them
// only and disappears with the last of them, also after a crash.
#pragma once

#include <cstdint>
#include <string>

#include "scanner/base/result.h"

namespace ward::bench {

/// Needs CAP_SYS_ADMIN, and a process with one thread.
Result<void> enter_private_mounts();

enum class Storage { ext4_on_loop, plain_folder, tmpfs };

struct WorkspaceOptions {
  std::string base;                        ///< where the scratch folder is made
  std::uint64_t image_bytes = 6ULL << 30;  ///< sparse
  std::uint64_t inodes = 400'000;
  Storage storage = Storage::ext4_on_loop;
};

class Workspace {
 public:
  /// Where no loop device can be had, a plain folder is used and description() says so.
  static Result<Workspace> create(const WorkspaceOptions& options);
  Workspace(Workspace&& other) noexcept;
  Workspace& operator=(Workspace&&) = delete;
  ~Workspace();

  /// On the filesystem under test.
  [[nodiscard]] const std::string& data() const { return data_; }
  /// A new folder outside of it: mount points, sockets, logs.
  [[nodiscard]] Result<std::string> make_private(const std::string& name) const;
  [[nodiscard]] const std::string& description() const { return description_; }

 private:
  explicit Workspace(std::string root) : root_(std::move(root)) {}
  Result<void> mount_storage(const WorkspaceOptions& options);
  Result<void> mount_image(const WorkspaceOptions& options);

  std::string root_;
  std::string data_;
  std::string description_;
  bool mounted_ = false;
};

/// A new folder of the benchmark's own in `base`. Scan processes without rights read signatures below it.
Result<std::string> make_scratch(const std::string& base);

/// Creates a folder and its parents.
Result<void> make_folder(const std::string& path);

/// Unmounts with patience (files may be closing), then detaches. No error when nothing is mounted there.
void unmount(const std::string& path);

/// Writes dirty pages and drops the kernel's caches of pages, names and inodes.
Result<void> drop_caches();

}  // namespace ward::bench
