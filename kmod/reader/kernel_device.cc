// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/kernel_device.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace ward::kmod {
namespace {

std::uint32_t number(Decision decision) noexcept { return decision == Decision::allow ? WARD_ALLOW : WARD_DENY; }

std::uint32_t number(Known known) noexcept {
  if (known == Known::clean) return WARD_KNOWN_CLEAN;
  return known == Known::infected ? WARD_KNOWN_INFECTED : 0;
}

tl::unexpected<Error> cannot_open(int error) {
  if (error == ENOENT || error == ENODEV || error == ENXIO)
    return fail("there is no " WARD_DEVICE ": load the kernel module (modprobe ward)", error);
  if (error == EBUSY) return fail("another scanner is connected to the kernel module", error);
  return tl::unexpected<Error>(system_error("cannot open " WARD_DEVICE, error));
}

}  // namespace

Result<std::unique_ptr<KernelDevice>> KernelDevice::open() {
  UniqueFd fd(::open(WARD_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return cannot_open(errno);
  ward_info info{};
  info.size = sizeof info;
  if (::ioctl(fd.get(), WARD_IOC_INFO, &info) != 0) return fail_errno("the kernel module does not answer");
  if (info.protocol != WARD_PROTOCOL)
    return fail("the kernel module speaks protocol " + std::to_string(info.protocol) + ", this program " +
                std::to_string(WARD_PROTOCOL) + ": install those that belong together");
  const bool can_hold = (info.abilities & WARD_CAN_HOLD) != 0;
  return std::unique_ptr<KernelDevice>(new KernelDevice(std::move(fd), can_hold));
}

Result<void> KernelDevice::set_policy(const KernelPolicy& policy) {
  ward_policy request{};
  request.size = sizeof request;
  request.deadline_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(policy.deadline.count(), 1, 86'400'000));
  request.locked_deadline_ms = std::min<std::uint32_t>(request.deadline_ms, 5'000);
  request.on_deadline = number(policy.on_deadline);
  request.on_no_scanner = number(policy.on_no_scanner);
  request.max_closes = 16'384;
  request.max_held = 4'096;
  request.close_age_ms = 1'000;
  if (::ioctl(fd_.get(), WARD_IOC_POLICY, &request) != 0) return fail_errno("the kernel module refuses the policy");
  return {};
}

Result<void> KernelDevice::mark(int place, std::uint32_t hooks) {
  ward_mark_request request{};
  request.size = sizeof request;
  request.fd = place;
  request.hooks = hooks;
  if (::ioctl(fd_.get(), WARD_IOC_MARK, &request) != 0) return fail_errno("the kernel cannot guard this filesystem");
  return {};
}

Result<std::size_t> KernelDevice::read(std::span<ward_event> events) {
  const ssize_t length = ::read(fd_.get(), events.data(), events.size_bytes());
  if (length >= 0) return static_cast<std::size_t>(length) / sizeof(ward_event);
  if (errno == EAGAIN || errno == EINTR) return 0;
  return fail_errno("cannot read from the kernel module");
}

void KernelDevice::answer(std::uint64_t id, Decision decision, Known known) noexcept {
  ward_verdict verdict{};
  verdict.size = sizeof verdict;
  verdict.decision = number(decision);
  verdict.id = id;
  verdict.known = number(known);
  [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &verdict, sizeof verdict);
}

void KernelDevice::tell(int fd, std::uint64_t changes, Known known) noexcept {
  ward_known request{};
  request.size = sizeof request;
  request.fd = fd;
  request.changes = changes;
  request.known = number(known);
  ::ioctl(fd_.get(), WARD_IOC_KNOWN, &request);
}

void KernelDevice::forget() noexcept { ::ioctl(fd_.get(), WARD_IOC_FORGET); }

Result<ward_counters> KernelDevice::counters() const {
  ward_counters counters{};
  counters.size = sizeof counters;
  if (::ioctl(fd_.get(), WARD_IOC_COUNTERS, &counters) != 0) return fail_errno("the kernel module does not count");
  return counters;
}

}  // namespace ward::kmod
