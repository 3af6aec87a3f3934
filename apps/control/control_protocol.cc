// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/control/control_protocol.h"

#include <array>
#include <nlohmann/json.hpp>

namespace ward {
namespace {

using nlohmann::json;

constexpr std::size_t kHeader = 4;
struct Word {
  Order order;
  const char* text;
};
constexpr std::array kWords{Word{Order::status, "status"}, Word{Order::reload, "reload"}};

}  // namespace

Result<Order> parse_request(std::string_view text) {
  const json request = json::parse(text, nullptr, false);
  if (!request.is_object()) return fail("a request is a JSON object");
  const auto found = request.find("request");
  if (found == request.end() || !found->is_string()) return fail("a request has a word named request");
  if (request.size() != 1) return fail("a request has nothing but a word named request");
  const auto& word = found->get_ref<const std::string&>();
  for (const Word& known : kWords) {
    if (word == known.text) return known.order;
  }
  return fail("no such request; there are status and reload");
}

std::string format_request(Order order) {
  for (const Word& known : kWords) {
    if (known.order == order) return json{{"request", known.text}}.dump();
  }
  return {};
}

std::string format_error(std::string_view what) {
  return json{{"error", what}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string frame(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < kHeader; ++i) bytes += static_cast<char>(text.size() >> (8 * i) & 0xff);
  return bytes.append(text);
}

std::optional<std::size_t> FrameCollector::length() const noexcept {
  if (bytes_.size() < kHeader) return std::nullopt;
  std::size_t value = 0;
  for (std::size_t i = 0; i < kHeader; ++i) value |= std::size_t{static_cast<unsigned char>(bytes_[i])} << (8 * i);
  return value;
}

bool FrameCollector::add(std::string_view piece) {
  if (piece.size() > most_ + kHeader - bytes_.size()) return false;
  bytes_.append(piece);
  const auto announced = length();
  return !announced || (*announced <= most_ && bytes_.size() <= kHeader + *announced);
}

std::optional<std::string_view> FrameCollector::complete() const noexcept {
  const auto announced = length();
  if (!announced || bytes_.size() != kHeader + *announced) return std::nullopt;
  return std::string_view(bytes_).substr(kHeader);
}

}  // namespace ward
