// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers and short texts to and from bytes, little-endian, every length checked.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ward {

class ByteWriter {
 public:
  template <std::unsigned_integral T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
  }
  /// A 16-bit length and the bytes, cut to `limit`. Bytes that are not printable ASCII are written as '?'.
  void text(std::string_view value, std::size_t limit) {
    value = value.substr(0, limit);
    number(static_cast<std::uint16_t>(value.size()));
    for (const char c : value) bytes_.push_back(static_cast<std::byte>(c >= 0x20 && c < 0x7f ? c : '?'));
  }
  /// A 16-bit length and the bytes as they are, cut to `limit`.
  void raw(std::string_view value, std::size_t limit) {
    value = value.substr(0, limit);
    number(static_cast<std::uint16_t>(value.size()));
    for (const char c : value) bytes_.push_back(static_cast<std::byte>(c));
  }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads hostile bytes. After the first thing that is not as it must be, ok() is false and everything read is empty.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}

  template <std::unsigned_integral T>
  T number() noexcept {
    if (!ok_ || rest_.size() < sizeof(T)) return fail<T>();
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value |= std::to_integer<std::uint64_t>(rest_[i]) << (8 * i);
    rest_ = rest_.subspan(sizeof(T));
    return static_cast<T>(value);
  }
  /// A text of at most `limit` printable ASCII bytes.
  std::string text(std::size_t limit) {
    std::string value = raw(limit);
    for (const char c : value) {
      if (c < 0x20 || c >= 0x7f) return fail<std::string>();
    }
    return value;
  }
  /// At most `limit` bytes of any value.
  std::string raw(std::size_t limit) {
    const std::size_t size = number<std::uint16_t>();
    if (!ok_ || size > limit || size > rest_.size()) return fail<std::string>();
    std::string value(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return value;
  }
  void refuse() noexcept { ok_ = false; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// True when everything was as it must be and nothing is left over.
  [[nodiscard]] bool finished() const noexcept { return ok_ && rest_.empty(); }

 private:
  template <class T>
  T fail() noexcept {
    ok_ = false;
    return T{};
  }
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

}  // namespace ward
