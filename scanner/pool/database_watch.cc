// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/database_watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "scanner/pool/quiet_period.h"
#include "scanner/wire/signature_files.h"

namespace ward {
namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;

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

Result<void> DatabaseWatch::watch(const std::string& directory, Counts counts) {
  const int id = ::inotify_add_watch(inotify_.get(), directory.c_str(), kEvents);
  if (id < 0 && errno == ENOENT) return {};
  if (id < 0) return fail_errno("cannot watch the directory " + directory);
  watched_[id] = counts;
  return {};
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
      const char* name = &buffer[static_cast<std::size_t>(at)] + sizeof(event);
      const auto watched = watched_.find(event.wd);
      if ((event.mask & IN_Q_OVERFLOW) != 0) any = true;
      if (watched != watched_.end() && event.len > 0 && watched->second(name)) any = true;
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
