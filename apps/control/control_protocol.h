// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon and its clients say to each other: one request and one answer a connection, each a length (32 bits,
// little-endian) and so many bytes of JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "scanner/base/result.h"

namespace ward {

inline constexpr std::size_t kMaxRequest = 4096;
inline constexpr std::size_t kMaxAnswer = std::size_t{4} << 20;

enum class Order : std::uint8_t { status, reload };
/// True for what only root and the configured group may ask for.
constexpr bool is_privileged(Order order) noexcept { return order != Order::status; }

/// `{"request": "status"}`; anything else, or anything more, is refused in one line.
Result<Order> parse_request(std::string_view json);
std::string format_request(Order order);
/// An answer that says what is wrong: `{"error": "..."}`.
std::string format_error(std::string_view what);

/// The frame around a text.
std::string frame(std::string_view text);

/// Collects one frame from pieces as they come.
class FrameCollector {
 public:
  explicit FrameCollector(std::size_t most) : most_(most) {}
  /// False when the frame is longer than allowed, or more comes after it: the sender is not to be listened to.
  [[nodiscard]] bool add(std::string_view piece);
  /// The text, once it is complete.
  [[nodiscard]] std::optional<std::string_view> complete() const noexcept;

 private:
  [[nodiscard]] std::optional<std::size_t> length() const noexcept;

  const std::size_t most_;
  std::string bytes_;
};

}  // namespace ward
