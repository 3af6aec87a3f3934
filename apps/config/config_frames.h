// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon and the program that reads the configuration say to each other: a kind (one byte) and fields of
// bounded length. The daemon believes nothing: an answer is decoded entirely and checked, or refused.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/config/configuration.h"
#include "scanner/base/result.h"

namespace ward {

inline constexpr std::size_t kMaxConfigFrame = std::size_t{128} * 1024;
/// The place of the socket in ward-config.
inline constexpr int kConfigChannelFd = 3;

/// To ward-config: the name of a file, whose descriptor comes with it; an empty name ends the list.
std::vector<std::byte> encode_file(const std::string& name);
Result<std::string> decode_file(std::span<const std::byte> frame);

/// From ward-config: either one problem, or the settings, one frame a place, and the end.
std::vector<std::byte> encode_problem(const std::string& text);
std::vector<std::vector<std::byte>> encode_configuration(const Configuration& configuration);

/// Puts the frames of an answer together again. Used for one answer.
class ConfigurationDecoder {
 public:
  /// True when this was the last one. The error is what ward-config complains of, or that it speaks nonsense.
  Result<bool> take(std::span<const std::byte> frame);
  /// The configuration, after the last frame; its values are checked.
  [[nodiscard]] Configuration& configuration() noexcept { return configuration_; }

 private:
  Configuration configuration_;
  bool settings_seen_ = false;
};

}  // namespace ward
