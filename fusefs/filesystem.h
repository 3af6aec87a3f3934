// SPDX-License-Identifier: GPL-2.0-or-later
// What the operations of one mount share: the tables, the gate, and the few steps that many operations take.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fusefs/errors.h"
#include "fusefs/fuse_api.h"
#include "fusefs/guarded_mount.h"
#include "fusefs/held_budget.h"
#include "fusefs/inode_table.h"
#include "fusefs/kept_fds.h"
#include "fusefs/open_files.h"
#include "fusefs/passthrough.h"
#include "fusefs/path_fd.h"
#include "fusefs/slow_calls.h"
#include "fusefs/submounts.h"
#include "scanner/gate/gate.h"

namespace ward::fusefs {

/// What was agreed with the kernel when the mount came up; not changed afterwards.
struct Agreement {
  bool done = false;
  bool posix_acl = false;
  bool passthrough = false;
  bool kill_flags = false;     ///< the kernel says when setuid bits are to go
  bool flags_checked = false;  ///< the kernel says no to who may not change inode flags
  bool uring = false;
  bool no_opendir = false;  ///< the kernel opens directories by itself
};

/// All members may be used from any thread. Questions that the gate keeps for later keep it, too, beyond the mount.
class Filesystem : public std::enable_shared_from_this<Filesystem> {
 public:
  /// `gate` must outlive the object.
  static Result<std::shared_ptr<Filesystem>> create(const MountConfig& config, UniqueFd source, Gate& gate);

  static Filesystem& of(fuse_req_t request) { return *static_cast<Filesystem*>(fuse_req_userdata(request)); }

  [[nodiscard]] Gate& gate() noexcept { return gate_; }
  [[nodiscard]] InodeTable& inodes() noexcept { return *inodes_; }
  [[nodiscard]] OpenFiles& files() noexcept { return files_; }
  [[nodiscard]] Passthrough& passthrough() noexcept { return passthrough_; }
  [[nodiscard]] HeldBudget& held() noexcept { return held_; }
  [[nodiscard]] SlowCalls& syncs() noexcept { return syncs_; }
  /// Opens that wait until the kernel has written back what was stored through mappings.
  [[nodiscard]] SlowCalls& write_backs() noexcept { return write_backs_; }
  [[nodiscard]] KeptFds& kept_for_scans() noexcept { return kept_for_scans_; }
  [[nodiscard]] Agreement& agreement() noexcept { return agreement_; }
  [[nodiscard]] const Agreement& agreement() const noexcept { return agreement_; }

  /// The source is on a network filesystem, whose server decides who may do what with names of its own.
  [[nodiscard]] bool names_checked_by_server() const noexcept { return names_checked_by_server_; }

  /// The session, once there is one; before any request.
  void set_session(fuse_session* session) noexcept { session_ = session; }

  [[nodiscard]] Outcome<PathFd> open_path(fuse_ino_t node) { return inodes().open_path(NodeId{node}); }
  /// A directory in which names are looked up, made or changed.
  [[nodiscard]] Outcome<PathFd> open_parent(fuse_ino_t node);
  /// Fills what the kernel is told of the file that `fd` shows, and takes a reference to it.
  Outcome<fuse_entry_param> enter(int fd, Place place);
  /// The same but for how long the attributes may be believed, which is for the caller to say.
  Outcome<fuse_entry_param> enter_unlent(int fd, Place place);
  /// The same for a name in a directory.
  Outcome<fuse_entry_param> enter_child(int directory, Place place);
  /// An O_PATH descriptor of a name in a directory; never follows, never leaves the directory's mount: EXDEV is
  /// answered for what is mounted inside the source.
  Outcome<UniqueFd> open_child(int directory, Place place);
  /// How long the kernel may believe attributes of the inode.
  [[nodiscard]] double attribute_seconds(Inode& inode) noexcept;
  /// The inode has a writer from now on: the kernel is to ask for its attributes again and again.
  void begin_writing(NodeId node, Inode& inode) noexcept;
  /// The kernel may have contents of the file that the source has not: what is stored through a mapping comes to the
  /// daemon later. Of a file whose contents go past the daemon the source has everything.
  [[nodiscard]] bool may_be_unwritten(NodeId node, Inode& inode) noexcept;
  /// Has the kernel write all of it to the source, by requests to the daemon: not to be called by a thread that serves
  /// them, nor for a request in which the kernel truncates the file.
  void write_back(NodeId node) noexcept;
  /// Nobody sees the mount any more: `end` is called when the last file is closed, and at once if none is open. To be
  /// called once.
  void end_when_unused(std::function<void()> end);
  /// An open file was closed.
  void file_closed() {
    if (ending_.load(std::memory_order_acquire)) end_if_unused();
  }
  /// A nameless file that the kernel still knows cannot be kept reachable: there are more than descriptors for them.
  void tell_unreachable();
  /// For people: where the node was last seen, from the mountpoint's root.
  [[nodiscard]] std::string path_for_people(NodeId node);
  /// The same for a node that the kernel may have forgotten meanwhile: then nothing.
  [[nodiscard]] std::optional<std::string> path_for_people(NodeId node, std::uint32_t incarnation);

 private:
  Filesystem(const MountConfig& config, std::unique_ptr<InodeTable> inodes, Gate& gate, std::size_t descriptors);

  const std::string mountpoint_;
  bool names_checked_by_server_ = false;
  Gate& gate_;
  std::unique_ptr<InodeTable> inodes_;
  OpenFiles files_;
  Passthrough passthrough_;
  HeldBudget held_;
  SlowCalls syncs_;
  SlowCalls write_backs_;
  KeptFds kept_for_scans_;
  fuse_session* session_ = nullptr;
  SubmountRefusals submounts_;
  void end_if_unused();

  Agreement agreement_;
  std::function<void()> end_;
  std::atomic<bool> ending_{false};
  std::atomic<bool> told_unreachable_{false};
};

/// Answers with the entry; where the answer reaches nobody, its reference is given back.
void reply_entry(Filesystem& fs, fuse_req_t request, const Outcome<fuse_entry_param>& entry);

}  // namespace ward::fusefs
