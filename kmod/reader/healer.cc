// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/healer.h"

#include <sys/stat.h>

#include "kmod/reader/event_request.h"
#include "scanner/model/file_version.h"

namespace ward::kmod {
namespace {

/// The coarsest change times that filesystems keep, and an event's way through the queue.
constexpr std::int64_t kSlackNs = 4'000'000'000;

std::int64_t wall_ns() noexcept {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

Healer::Healer(std::shared_ptr<const WatchedPlaces> places, Walk walk, Gate& gate, Log& log,
               std::chrono::milliseconds patience)
    : places_(std::move(places)),
      walk_(std::move(walk)),
      gate_(gate),
      log_(log),
      patience_(patience),
      whole_until_(wall_ns()),
      thread_([this] { run(); }) {}

Healer::~Healer() {
  {
    const Lock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Healer::request() {
  {
    const Lock lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

bool Healer::await_request(std::int64_t& since) {
  const Lock lock(mutex_);
  while (!wanted_ && !ended_) changed_.wait(mutex_);
  wanted_ = false;
  since = whole_until_ - kSlackNs;
  whole_until_ = wall_ns();
  return !ended_;
}

/// What was to be looked for is so still.
void Healer::await_another_time(std::int64_t since) {
  const auto until = std::chrono::steady_clock::now() + patience_;
  const Lock lock(mutex_);
  while (!ended_ && std::chrono::steady_clock::now() < until) changed_.wait_until(mutex_, until);
  whole_until_ = since + kSlackNs;
  wanted_ = true;
}

bool Healer::ended() {
  const Lock lock(mutex_);
  return ended_;
}

void Healer::run() {
  std::int64_t since = 0;
  while (await_request(since)) {
    scanned_ = 0;
    bool whole = true;
    for (const auto& place : places_->all()) whole = heal(place, since) && whole;
    log_.info("scanning " + std::to_string(scanned_) + " files that changed while closes were lost");
    if (!whole) await_another_time(since);
  }
}

bool Healer::heal(const WatchedPlaces::Place& place, std::int64_t since) {
  return walk_(place.path, [&](UniqueFd fd) {
    if (!ended()) look(std::move(fd), place, since);
  });
}

void Healer::look(UniqueFd fd, const WatchedPlaces::Place& place, std::int64_t since) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || status.st_dev != place.device) return;
  if (status.st_ctim.tv_sec < since / 1'000'000'000) return;
  ward_event event{};
  event.kind = WARD_EVENT_CLOSE;
  event.uid = status.st_uid;
  auto request = make_request(event, std::move(fd), gate_, places_);
  if (!request || gate_.known(request->id, request->version, Access::read)) return;
  scanned_++;
  gate_.closed(std::move(*request));
}

}  // namespace ward::kmod
