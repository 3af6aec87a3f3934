// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/fusefs/slow_source.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "fusefs/fuse_api.h"
#include "scanner/base/mutex.h"

namespace ward::test {
namespace {

constexpr fuse_ino_t kFirstFile = 2;
constexpr std::string_view kPrefix = "file";
constexpr double kLong = 3600;

struct stat attributes(fuse_ino_t node) {
  struct stat status {};
  status.st_ino = node;
  status.st_mode = node >= kFirstFile ? S_IFREG | 0666 : S_IFDIR | 0777;
  status.st_nlink = node >= kFirstFile ? 1 : 2;
  return status;
}

}  // namespace

struct SlowSource::State {
  std::string directory;
  fuse_session* session = nullptr;
  std::thread server;
  std::atomic<uid_t> setter{static_cast<uid_t>(-1)};
  mutable Mutex mutex;
  std::vector<fuse_req_t> waiting WARD_GUARDED_BY(mutex);
  bool released WARD_GUARDED_BY(mutex) = false;

  static State& of(fuse_req_t request) { return *static_cast<State*>(fuse_req_userdata(request)); }

  static void lookup(fuse_req_t request, fuse_ino_t, const char* name) {
    if (!std::string_view(name).starts_with(kPrefix)) {
      fuse_reply_err(request, ENOENT);
      return;
    }
    fuse_entry_param entry{};
    entry.ino = kFirstFile + std::strtoul(name + kPrefix.size(), nullptr, 10);
    entry.attr = attributes(entry.ino);
    entry.attr_timeout = entry.entry_timeout = kLong;
    fuse_reply_entry(request, &entry);
  }
  static void getattr(fuse_req_t request, fuse_ino_t node, fuse_file_info*) {
    const struct stat status = attributes(node);
    fuse_reply_attr(request, &status, kLong);
  }
  static void open(fuse_req_t request, fuse_ino_t, fuse_file_info* info) { fuse_reply_open(request, info); }
  static void fsync(fuse_req_t request, fuse_ino_t, int, fuse_file_info*) {
    State& state = of(request);
    {
      const MutexLock lock(state.mutex);
      if (!state.released) {
        state.waiting.push_back(request);
        return;
      }
    }
    fuse_reply_err(request, 0);
  }
  static void setxattr(fuse_req_t request, fuse_ino_t, const char*, const char*, std::size_t, int) {
    of(request).setter = fuse_req_ctx(request)->uid;
    fuse_reply_err(request, 0);
  }
};

SlowSource::SlowSource(const std::string& directory) : state_(std::make_unique<State>()) {
  fuse_lowlevel_ops ops{};
  ops.lookup = State::lookup;
  ops.getattr = State::getattr;
  ops.open = State::open;
  ops.fsync = State::fsync;
  ops.setxattr = State::setxattr;
  fuse_args arguments = FUSE_ARGS_INIT(0, nullptr);
  fuse_opt_add_arg(&arguments, "slow");
  fuse_opt_add_arg(&arguments, "-ofsname=slow,subtype=slow");
  state_->directory = directory;
  state_->session = fuse_session_new(&arguments, &ops, sizeof(ops), state_.get());
  fuse_opt_free_args(&arguments);
  if (state_->session == nullptr || fuse_session_mount(state_->session, directory.c_str()) != 0) {
    throw std::runtime_error("cannot mount a source for the test");
  }
  state_->server = std::thread([state = state_.get()] { fuse_session_loop(state->session); });
}

SlowSource::~SlowSource() {
  release();
  ::umount2(state_->directory.c_str(), MNT_DETACH);
  state_->server.join();
  fuse_session_destroy(state_->session);
}

std::size_t SlowSource::waiting() const {
  const MutexLock lock(state_->mutex);
  return state_->waiting.size();
}

void SlowSource::release() {
  std::vector<fuse_req_t> waiting;
  {
    const MutexLock lock(state_->mutex);
    state_->released = true;
    waiting.swap(state_->waiting);
  }
  for (const fuse_req_t request : waiting) fuse_reply_err(request, 0);
}

uid_t SlowSource::last_setter() const { return state_->setter; }

}  // namespace ward::test
