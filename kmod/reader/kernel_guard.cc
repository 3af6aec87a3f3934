// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/kernel_guard.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "kmod/reader/event_request.h"
#include "scanner/base/descriptor_limit.h"

namespace ward::kmod {
namespace {

constexpr std::size_t kBatch = 32;
constexpr int kGenerationPollMs = 500;

Known known_from(const Answer& answer) noexcept {
  if (answer.verdict.is_clean() && answer.decision == Decision::allow) return Known::clean;
  return answer.verdict.is_infected() && answer.decision == Decision::deny ? Known::infected : Known::nothing;
}

/// Carries one answer to who waits in the kernel.
class KernelReply final : public Reply {
 public:
  KernelReply(std::shared_ptr<KernelDevice> device, std::uint64_t id) noexcept : device_(std::move(device)), id_(id) {}
  void answer(const Answer& answer) noexcept override { device_->answer(id_, answer.decision, known_from(answer)); }

 private:
  std::shared_ptr<KernelDevice> device_;
  std::uint64_t id_;
};

}  // namespace

KernelGuard::KernelGuard(KernelGuardConfig config, Gate& gate, Log& log, std::shared_ptr<KernelDevice> device,
                         std::shared_ptr<const WatchedPlaces> places, UniqueFd stopped)
    : config_(std::move(config)),
      gate_(gate),
      log_(log),
      device_(std::move(device)),
      places_(std::move(places)),
      stopped_(std::move(stopped)),
      healer_(places_, config_.walk, gate_, log_) {}

Result<std::unique_ptr<KernelGuard>> KernelGuard::create(KernelGuardConfig config, Gate& gate, Log& log) {
  raise_descriptor_limit();  // every held open brings one
  auto places = WatchedPlaces::create(config.places);
  if (!places) return tl::unexpected(places.error());
  auto device = KernelDevice::open();
  if (!device) return tl::unexpected(device.error());
  if (auto set = (*device)->set_policy(config.policy); !set) return tl::unexpected(set.error());
  UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stopped) return fail_errno("cannot make an event descriptor");
  std::unique_ptr<KernelGuard> guard(new KernelGuard(std::move(config), gate, log, std::move(*device),
                                                     std::make_shared<const WatchedPlaces>(std::move(*places)),
                                                     std::move(stopped)));
  if (auto hooked = guard->hook_all(); !hooked) return tl::unexpected(hooked.error());
  return guard;
}

KernelGuard::~KernelGuard() { unhook_all(); }

void KernelGuard::unhook_all() noexcept {
  for (const auto& place : places_->all()) {
    const auto root = WatchedPlaces::open(place);
    if (root) static_cast<void>(device_->mark(root->get(), 0));
  }
}

Result<void> KernelGuard::hook_all() {
  device_->forget();
  generation_ = config_.generation();
  for (const auto& place : places_->all()) {
    const auto root = WatchedPlaces::open(place);
    if (!root) return tl::unexpected(root.error());
    if (auto marked = device_->mark(root->get(), config_.hooks); !marked)
      return fail(place.path + ": " + marked.error().message, marked.error().os_error);
  }
  if (!device_->can_hold())
    log_.warning("this kernel cannot hold opens for a scan: only what was found infected before is denied");
  return {};
}

std::string KernelGuard::description() const {
  std::string text = device_->can_hold() ? "opens are held by the kernel module" : "only known infections are denied";
  for (const auto& place : places_->all()) text += ", filesystem of " + place.path;
  return text;
}

void KernelGuard::stop() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stopped_.get(), &one, sizeof one);
}

Result<void> KernelGuard::run() {
  for (;;) {
    std::array<pollfd, 2> sources{{{device_->fd(), POLLIN, 0}, {stopped_.get(), POLLIN, 0}}};
    if (::poll(sources.data(), sources.size(), kGenerationPollMs) < 0 && errno != EINTR) return fail_errno("poll");
    if ((sources[1].revents & POLLIN) != 0) break;
    notice_generation();
    if ((sources[0].revents & POLLIN) == 0) continue;
    if (auto served = serve_some(); !served) return served;
  }
  unhook_all();
  return {};
}

void KernelGuard::notice_generation() {
  const std::uint64_t now = config_.generation();
  if (now == generation_) return;
  device_->forget();
  generation_ = now;
}

Result<void> KernelGuard::serve_some() {
  std::array<ward_event, kBatch> events{};
  const auto count = device_->read(events);
  if (!count) return tl::unexpected(count.error());
  for (std::size_t i = 0; i < *count; i++) handle(events[i]);
  tell_unopened();
  return {};
}

void KernelGuard::tell_unopened() {
  if (unopened_ == 0) return;
  log_.warning("no room for the descriptors of " + std::to_string(unopened_) +
               " opened or closed files: opens are answered by policy (queue-full), closed files are looked for");
  unopened_ = 0;
}

void KernelGuard::handle(const ward_event& event) {
  UniqueFd fd(event.fd);
  if (event.kind == WARD_EVENT_OVERFLOW) {
    log_.warning("the kernel module dropped " + std::to_string(event.lost) + " closes: looking for what changed");
    return healer_.request();
  }
  if (lacks_room(-event.fd)) return handle_unopened(event);
  auto request = make_request(event, std::move(fd), gate_, places_);
  if (request && is_held(request->access)) return hold(event, std::move(*request));
  if (request) {
    gate_.wrote(request->id);
    request->version.writes = gate_.write_count(request->id);
    return gate_.closed(std::move(*request));
  }
  if (event.id != 0) device_->answer(event.id, config_.on_failure, Known::nothing);
}

void KernelGuard::handle_unopened(const ward_event& event) {
  unopened_++;
  if (event.id != 0) return device_->answer(event.id, config_.on_no_room, Known::nothing);
  healer_.request();
}

void KernelGuard::hold(const ward_event& event, AccessRequest request) {
  if (const auto answer = gate_.known(request.id, request.version, request.access))
    return device_->answer(event.id, answer->decision, known_from(*answer));
  gate_.admit(std::move(request), std::make_unique<KernelReply>(device_, event.id));
}

}  // namespace ward::kmod
