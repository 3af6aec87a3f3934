// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/database_watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "scanner/pool/quiet_period.h"
#include "scanner/wire/signature_files.h"

namespace ward {
namespace {

/// Names that come and go: hard and symbolic links say nothing else.
constexpr std::uint32_t kNames = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
constexpr std::uint32_t kGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;
/// A file that is still being written (IN_MODIFY) keeps the directory from being quiet.
constexpr std::uint32_t kContents = kNames | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF;
/// The directory may be watched for another reason, too.
constexpr std::uint32_t kFlags = IN_ONLYDIR | IN_MASK_ADD;

}  // namespace

DatabaseWatch::DatabaseWatch(std::chrono::milliseconds settle, std::function<void()> changed)
    : settle_(settle), changed_(std::move(changed)) {}

Result<std::unique_ptr<DatabaseWatch>> DatabaseWatch::start(const EngineOptions& engines,
                                                            std::chrono::milliseconds settle,
                                                            std::function<void()> changed) {
  std::unique_ptr<DatabaseWatch> made(new DatabaseWatch(settle, std::move(changed)));
  made->inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  made->stop_.reset(::eventfd(0, EFD_CLOEXEC));
  if (!made->inotify_ || !made->stop_) return fail_errno("cannot watch the databases");
  for (const auto& directory : engines.rule_directories) {
    if (auto watched = made->watch(directory, is_rule_file); !watched) return tl::unexpected(watched.error());
  }
  if (!engines.clamav_directory.empty()) {
    auto watched = made->watch(engines.clamav_directory, is_clamav_database);
    if (!watched) return tl::unexpected(watched.error());
  }
  made->thread_ = std::thread([watch = made.get()] { watch->run(); });
  return made;
}

DatabaseWatch::~DatabaseWatch() {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

Result<void> DatabaseWatch::watch(const std::string& path, Counts counts) {
  // First the parent: what is replaced in between is then seen.
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  Directory directory{path, counts, kNone, kNone};
  directory.parent = ::inotify_add_watch(inotify_.get(), parent.c_str(), kNames | kFlags);
  auto id = watch_contents(path);
  if (!id) return tl::unexpected(id.error());
  directory.id = *id;
  directories_.push_back(std::move(directory));
  return {};
}

Result<DatabaseWatch::WatchId> DatabaseWatch::watch_contents(const std::string& path) const {
  const WatchId id = ::inotify_add_watch(inotify_.get(), path.c_str(), kContents | kFlags);
  if (id < 0 && errno != ENOENT) return fail_errno("cannot watch the directory " + path);
  return id < 0 ? kNone : id;
}

void DatabaseWatch::watch_anew(Directory& directory) {
  const WatchId id = watch_contents(directory.path).value_or(kNone);
  const WatchId old = std::exchange(directory.id, id);
  const auto uses = [old](const Directory& other) { return other.id == old || other.parent == old; };
  if (old != kNone && std::none_of(directories_.begin(), directories_.end(), uses)) {
    ::inotify_rm_watch(inotify_.get(), old);
  }
}

bool DatabaseWatch::take_event(const inotify_event& event, std::string_view name) {
  bool counts = (event.mask & IN_Q_OVERFLOW) != 0;
  for (auto& directory : directories_) {
    const bool replaced = event.wd == directory.parent && (event.mask & kNames) != 0 &&
                          name == std::filesystem::path(directory.path).filename().native();
    const bool gone = event.wd == directory.id && (event.mask & kGone) != 0;
    if (replaced || gone) {
      watch_anew(directory);
      counts = true;
    } else if (event.wd == directory.id && directory.counts(name)) {
      counts = true;
    }
  }
  return counts;
}

bool DatabaseWatch::take_events() {
  bool any = false;
  alignas(inotify_event) std::array<char, 16'384> buffer;
  for (;;) {
    const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (size <= 0) return any;
    for (ssize_t at = 0; at < size;) {
      inotify_event event;
      std::memcpy(&event, &buffer[static_cast<std::size_t>(at)], sizeof(event));
      // The name ends with its first zero; there is none when the directory itself is meant.
      const char* name = &buffer[static_cast<std::size_t>(at)] + sizeof(event);
      if (take_event(event, event.len > 0 ? std::string_view(name) : std::string_view())) any = true;
      at += static_cast<ssize_t>(sizeof(event) + event.len);
    }
  }
}

void DatabaseWatch::run() {
  ::pthread_setname_np(::pthread_self(), "databases");
  QuietPeriod burst(settle_);
  for (;;) {
    int timeout = -1;
    if (burst.pending()) {
      timeout = static_cast<int>(burst.left(std::chrono::steady_clock::now()).count());
      if (timeout <= 0) {
        burst.done();
        changed_();
        continue;
      }
    }
    std::array<pollfd, 2> entries = {{{inotify_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    ::poll(entries.data(), entries.size(), timeout);
    if (entries[1].revents != 0) return;
    if (entries[0].revents != 0 && take_events()) burst.note(std::chrono::steady_clock::now());
  }
}

}  // namespace ward
