// SPDX-License-Identifier: GPL-2.0-or-later
#include "device.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "commands.h"

namespace ward::kmodtest {

Device::Device() : fd_(open(WARD_DEVICE, O_RDWR | O_CLOEXEC)) {
  if (fd_ < 0) die(WARD_DEVICE);
}

Device::~Device() { close(fd_); }

void Device::mark(const std::string& place, std::uint32_t hooks) const {
  ward_mark_request request{};
  request.size = sizeof request;
  request.fd = open(place.c_str(), O_RDONLY | O_CLOEXEC);
  request.hooks = hooks;
  if (request.fd < 0 || ioctl(fd_, WARD_IOC_MARK, &request) != 0) die("mark " + place);
  close(request.fd);
}

void Device::policy(const ward_policy& policy) const {
  if (ioctl(fd_, WARD_IOC_POLICY, &policy) != 0) die("policy");
}

void Device::filter(std::uint32_t kind, const std::string& value) const {
  ward_filter filter{};
  filter.size = sizeof filter;
  filter.operation = WARD_FILTER_ADD;
  filter.kind = kind;
  filter.fd = -1;
  if (value.starts_with("/")) {
    filter.fd = open(value.c_str(), O_RDONLY | O_CLOEXEC);
    if (filter.fd < 0) die(value);
  } else if (kind == WARD_FILTER_INCLUDE_EXTENSION || kind == WARD_FILTER_EXCLUDE_EXTENSION) {
    std::strncpy(filter.text, value.c_str(), sizeof filter.text - 1);
  } else {
    filter.number = static_cast<std::uint32_t>(std::stoul(value));
  }
  if (ioctl(fd_, WARD_IOC_FILTER, &filter) != 0) die("filter " + value);
  if (filter.fd >= 0) close(filter.fd);
}

void Device::clear_filters() const {
  ward_filter filter{};
  filter.size = sizeof filter;
  filter.operation = WARD_FILTER_CLEAR;
  if (ioctl(fd_, WARD_IOC_FILTER, &filter) != 0) die("clear filters");
}

void Device::forget() const {
  if (ioctl(fd_, WARD_IOC_FORGET) != 0) die("forget");
}

int Device::answer(std::uint64_t id, std::uint32_t decision, std::uint32_t known) const {
  ward_verdict verdict{};
  verdict.size = sizeof verdict;
  verdict.decision = decision;
  verdict.id = id;
  verdict.known = known;
  return write(fd_, &verdict, sizeof verdict) == sizeof verdict ? 0 : errno;
}

ward_policy default_policy() {
  ward_policy policy{};
  policy.size = sizeof policy;
  policy.deadline_ms = 20000;
  policy.locked_deadline_ms = 5000;
  policy.on_deadline = WARD_DENY;
  policy.on_no_scanner = WARD_ALLOW;
  policy.max_closes = 16384;
  policy.max_held = 4096;
  policy.close_age_ms = 1000;
  return policy;
}

}  // namespace ward::kmodtest
