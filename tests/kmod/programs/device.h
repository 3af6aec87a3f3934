// SPDX-License-Identifier: GPL-2.0-or-later
// /dev/ward as the tests use it: thin calls that end the program when they fail.
#pragma once

#include <cstdint>
#include <string>

#include "ward.h"

namespace ward::kmodtest {

class Device {
 public:
  Device();
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  void mark(const std::string& place, std::uint32_t hooks) const;
  void policy(const ward_policy& policy) const;
  /// KIND as in ward.h; the value is a path, a number or an extension, as the kind wants it.
  void filter(std::uint32_t kind, const std::string& value) const;
  void clear_filters() const;
  void forget() const;
  /// errno, or 0.
  int answer(std::uint64_t id, std::uint32_t decision, std::uint32_t known) const;

 private:
  int fd_;
};

ward_policy default_policy();

}  // namespace ward::kmodtest
