// SPDX-License-Identifier: GPL-2.0-or-later
// An open that can read gets its file when the gate says so: at once, or later on a thread of the gate's.
#include <memory>
#include <optional>

#include "fusefs/access.h"
#include "fusefs/backing.h"
#include "fusefs/held_open.h"
#include "fusefs/operations.h"

namespace ward::fusefs {
namespace {

constexpr int kExecute = 0x20;  // the kernel's FMODE_EXEC, set in the flags of an execve's open

Access access_of(int flags) noexcept { return (flags & kExecute) != 0 ? Access::execute : Access::read; }

/// The answer that needs no scan.
std::optional<Answer> known_answer(Filesystem& fs, const Inode& inode, int path_fd, Access access) {
  const auto version = current_version(fs.gate(), inode.id, path_fd);
  return version ? fs.gate().known(inode.id, *version, access) : std::nullopt;
}

void hold(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path) {
  auto question = make_request(fs, *fuse_req_ctx(request), opening.node, path.get(), access_of(opening.flags));
  if (!question) return reply_error(request, question.error());
  if (auto place = fs.held().take(question->uid, question->pid)) {
    fs.gate().admit(std::move(*question), HeldOpen::create(fs, request, opening, std::move(path), std::move(*place)));
  } else {
    fs.gate().refuse(std::move(*question),
                     HeldOpen::create(fs, request, opening, std::move(path), HeldBudget::Place()));
  }
}

void ask(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path) {
  const auto answer = known_answer(fs, fs.inodes().at(opening.node), path.get(), access_of(opening.flags));
  if (!answer) return hold(fs, request, opening, std::move(path));
  if (answer->decision != Decision::allow) return reply_error(request, Errno{EPERM});
  finish_open(fs, request, opening, std::move(path));
}

/// An open of a file that programs may have stored into: what is scanned is to be what they stored.
class OpenOfStored final : public SlowCall {
 public:
  OpenOfStored(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path)
      : fs_(fs), request_(request), opening_(opening), path_(std::move(path)) {}
  void carry_out() noexcept override {
    fs_.write_back(opening_.node);
    ask(fs_, request_, opening_, std::move(path_));
  }

 private:
  Filesystem& fs_;
  const fuse_req_t request_;
  const Opening opening_;
  PathFd path_;
};

}  // namespace

void finish_open(Filesystem& fs, fuse_req_t request, const Opening& opening, PathFd path) {
  const auto info = open_backing(fs, request, opening, std::move(path));
  if (!info) return reply_error(request, info.error());
  if (fuse_reply_open(request, &*info) != 0) close_backing(fs, opening.node, *info);
}

namespace op {

void open(fuse_req_t request, fuse_ino_t node, fuse_file_info* info) {
  Filesystem& fs = Filesystem::of(request);
  Inode& inode = fs.inodes().at(NodeId{node});
  if (!inode.is_regular()) return reply_error(request, Errno{ENXIO});
  auto path = fs.inodes().open_hot(NodeId{node});
  if (!path) return reply_error(request, path.error());
  const Opening opening{NodeId{node}, info->flags, setid_bits(fs.agreement(), *info)};
  if (!can_read(info->flags)) return finish_open(fs, request, opening, std::move(*path));
  if ((info->flags & O_TRUNC) == 0 && fs.may_be_unwritten(NodeId{node}, inode)) {
    return fs.write_backs().add(std::make_unique<OpenOfStored>(fs, request, opening, std::move(*path)));
  }
  ask(fs, request, opening, std::move(*path));
}

}  // namespace op
}  // namespace ward::fusefs
