// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/config/config_frames.h"

#include <limits>

#include "scanner/wire/bytes.h"

namespace ward {
namespace {

enum class Kind : std::uint8_t { file = 1, problem, settings, directory, filesystem, end };

constexpr std::size_t kMostOrigins = 256;
constexpr std::size_t kLongestKey = 64;
constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kLongestProblem = 5000;
constexpr std::size_t kMostWords = 16;

/// One list of fields serves both ways, so that they cannot differ.
class Encoder {
 public:
  explicit Encoder(Kind kind) { writer_.number(static_cast<std::uint8_t>(kind)); }
  void bytes(const std::string& value, std::size_t limit) { writer_.raw(value, limit); }
  template <class T>
  void number(const T& value) {
    writer_.number(value);
  }
  void flag(const bool& value) { writer_.number(static_cast<std::uint8_t>(value ? 1 : 0)); }
  void list(const std::vector<std::string>& values, std::size_t most, std::size_t limit) {
    const std::size_t count = std::min(values.size(), most);
    writer_.number(static_cast<std::uint16_t>(count));
    for (std::size_t i = 0; i < count; ++i) bytes(values[i], limit);
  }
  void origin(const ConfigOrigin& origin) {
    number(origin.file);
    number(origin.line);
  }
  void origins(const std::map<std::string, ConfigOrigin>& origins) {
    const std::size_t count = std::min(origins.size(), kMostOrigins);
    writer_.number(static_cast<std::uint16_t>(count));
    std::size_t left = count;
    for (const auto& [key, where] : origins) {
      if (left-- == 0) break;
      bytes(key, kLongestKey);
      origin(where);
    }
  }
  std::vector<std::byte> take() { return writer_.take(); }

 private:
  ByteWriter writer_;
};

class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> bytes) : reader_(bytes) {}
  void bytes(std::string& value, std::size_t limit) { value = reader_.raw(limit); }
  template <class T>
  void number(T& value) {
    value = reader_.number<T>();
  }
  void flag(bool& value) {
    const auto byte = reader_.number<std::uint8_t>();
    if (byte > 1) reader_.refuse();
    value = byte == 1;
  }
  void list(std::vector<std::string>& values, std::size_t most, std::size_t limit) {
    const std::size_t count = reader_.number<std::uint16_t>();
    if (count > most) reader_.refuse();
    values.clear();
    for (std::size_t i = 0; i < count && reader_.ok(); ++i) bytes(values.emplace_back(), limit);
  }
  void origin(ConfigOrigin& origin) {
    number(origin.file);
    number(origin.line);
  }
  void origins(std::map<std::string, ConfigOrigin>& origins) {
    const std::size_t count = reader_.number<std::uint16_t>();
    if (count > kMostOrigins) reader_.refuse();
    for (std::size_t i = 0; i < count && reader_.ok(); ++i) {
      std::string key;
      bytes(key, kLongestKey);
      origin(origins[key]);
    }
  }
  [[nodiscard]] bool finished() const noexcept { return reader_.finished(); }

 private:
  ByteReader reader_;
};

template <class Archive, class Value>
void settings(Archive& archive, Value& c) {
  auto& scanner = c.scanner;
  archive.list(scanner.rules, kMostRuleDirectories, kLongestPath);
  archive.bytes(scanner.clamav_db, kLongestPath);
  archive.flag(scanner.clamav_db_given);
  archive.number(scanner.deadline);
  archive.number(scanner.scan_time_limit);
  archive.number(scanner.max_size);
  archive.number(scanner.cache_size);
  archive.number(scanner.scan_processes);
  archive.bytes(scanner.isolation, kLongestWord);
  archive.list(scanner.on_unscanned, kMostWords, kLongestWord);
  archive.bytes(scanner.writer_open, kLongestWord);
  archive.bytes(scanner.state, kLongestPath);
  archive.bytes(scanner.record, kLongestPath);
  archive.number(c.queue_slots);
  archive.number(c.remembered_closes);
  archive.number(c.scan_memory);
  archive.number(c.descriptors);
  archive.number(c.record_queue);
  archive.bytes(c.log, kLongestPath);
  archive.bytes(c.log_level, kLongestWord);
  archive.number(c.log_queue);
  archive.number(c.log_lines_per_minute);
  archive.bytes(c.socket, kLongestPath);
  archive.bytes(c.control_group, kLongestWord);
  archive.bytes(c.status_for, kLongestWord);
  archive.list(c.hooks, kMostWords, kLongestWord);
  archive.bytes(c.without_scanner, kLongestWord);
  archive.origins(c.origins);
}

template <class Archive, class Value>
void directory(Archive& archive, Value& place) {
  archive.bytes(place.path, kLongestPath);
  archive.bytes(place.source, kLongestPath);
  archive.bytes(place.transport, kLongestWord);
  archive.bytes(place.passthrough, kLongestWord);
  archive.origin(place.origin);
}

template <class Archive, class Value>
void filesystem(Archive& archive, Value& place) {
  archive.bytes(place.path, kLongestPath);
  archive.origin(place.origin);
}

tl::unexpected<Error> nonsense() { return fail("the program that reads the configuration speaks nonsense"); }

/// What ward-config complains of, fit to be shown.
std::string printable_problem(const std::string& text) {
  std::string line = text;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return line;
}

}  // namespace

std::vector<std::byte> encode_file(const std::string& name) {
  Encoder encoder(Kind::file);
  encoder.bytes(name, kLongestPath);
  return encoder.take();
}

Result<std::string> decode_file(std::span<const std::byte> frame) {
  if (frame.empty() || frame[0] != static_cast<std::byte>(Kind::file)) return fail("not a file's name");
  Decoder decoder(frame.subspan(1));
  std::string name;
  decoder.bytes(name, kLongestPath);
  if (!decoder.finished()) return fail("not a file's name");
  return name;
}

std::vector<std::byte> encode_problem(const std::string& text) {
  Encoder encoder(Kind::problem);
  encoder.bytes(text, kLongestProblem);
  return encoder.take();
}

std::vector<std::vector<std::byte>> encode_configuration(const Configuration& configuration) {
  std::vector<std::vector<std::byte>> frames;
  Encoder first(Kind::settings);
  settings(first, configuration);
  frames.push_back(first.take());
  for (const ConfiguredDirectory& place : configuration.directories) {
    Encoder encoder(Kind::directory);
    directory(encoder, place);
    frames.push_back(encoder.take());
  }
  for (const ConfiguredFilesystem& place : configuration.filesystems) {
    Encoder encoder(Kind::filesystem);
    filesystem(encoder, place);
    frames.push_back(encoder.take());
  }
  frames.push_back(Encoder(Kind::end).take());
  return frames;
}

Result<bool> ConfigurationDecoder::take(std::span<const std::byte> frame) {
  if (frame.empty() || frame.size() > kMaxConfigFrame) return nonsense();
  const auto kind = static_cast<Kind>(frame[0]);
  Decoder decoder(frame.subspan(1));
  if (kind == Kind::problem) {
    std::string text;
    decoder.bytes(text, kLongestProblem);
    if (!decoder.finished()) return nonsense();
    return fail(printable_problem(text));
  }
  if ((kind == Kind::settings) == settings_seen_) return nonsense();
  switch (kind) {
    case Kind::settings:
      settings(decoder, configuration_);
      settings_seen_ = true;
      break;
    case Kind::directory:
      if (configuration_.directories.size() >= kMostPlaces) return nonsense();
      directory(decoder, configuration_.directories.emplace_back());
      break;
    case Kind::filesystem:
      if (configuration_.filesystems.size() >= kMostPlaces) return nonsense();
      filesystem(decoder, configuration_.filesystems.emplace_back());
      break;
    case Kind::end:
      break;
    default:
      return nonsense();
  }
  if (!decoder.finished()) return nonsense();
  if (kind != Kind::end) return false;
  if (auto checked = check_values(configuration_); !checked) return tl::unexpected(checked.error());
  return true;
}

}  // namespace ward
