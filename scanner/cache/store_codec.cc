// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/store_codec.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

namespace ward {
namespace {

constexpr std::size_t kChecksum = 16;
constexpr std::size_t kLongestText = 4096;

class Writer {
 public:
  void bytes(const void* data, std::size_t size) { out_.append(static_cast<const char*>(data), size); }
  void number(std::uint64_t value) { bytes(&value, sizeof(value)); }
  void text(const std::string& value) {
    const auto size = static_cast<std::uint32_t>(value.size());
    bytes(&size, sizeof(size));
    bytes(value.data(), value.size());
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what Writer wrote; once something is missing, everything after it is too.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}
  std::uint64_t number() { return fixed<std::uint64_t>(); }
  std::uint8_t octet() { return fixed<std::uint8_t>(); }
  std::string text() {
    const std::size_t size = fixed<std::uint32_t>();
    if (!good_ || size > kLongestText || size > rest_.size()) {
      good_ = false;
      return {};
    }
    std::string value(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return value;
  }
  [[nodiscard]] bool complete() const noexcept { return good_ && rest_.empty(); }

 private:
  template <class T>
  T fixed() {
    T value{};
    if (rest_.size() < sizeof(T)) {
      good_ = false;
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }

  std::span<const std::byte> rest_;
  bool good_ = true;
};

std::array<std::byte, kChecksum> checksum(std::span<const std::byte> key, std::span<const std::byte> body) {
  std::string all;
  all.append(reinterpret_cast<const char*>(&kStoreFormat), sizeof(kStoreFormat));
  all.append(reinterpret_cast<const char*>(key.data()), key.size());
  all.append(reinterpret_cast<const char*>(body.data()), body.size());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(all.data(), all.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::array<std::byte, kChecksum> cut;
  std::memcpy(cut.data(), digest.data(), cut.size());
  return cut;
}

}  // namespace

std::string encode_stored(const StoredVerdict& entry) {
  Writer writer;
  writer.number(static_cast<std::uint64_t>(entry.version.size));
  writer.number(static_cast<std::uint64_t>(entry.version.mtime_ns));
  writer.number(static_cast<std::uint64_t>(entry.version.ctime_ns));
  writer.number(entry.generation);
  const auto kind = static_cast<std::uint8_t>(entry.value.verdict.kind());
  writer.bytes(&kind, sizeof(kind));
  writer.text(entry.value.type);
  if (entry.value.verdict.is_infected()) {
    writer.text(entry.value.verdict.finding().engine);
    writer.text(entry.value.verdict.finding().signature);
  }
  std::string body = writer.take();
  const auto key = entry.key.to_bytes();
  const auto sum = checksum(key, std::as_bytes(std::span(body)));
  body.append(reinterpret_cast<const char*>(sum.data()), sum.size());
  return body;
}

std::optional<StoredVerdict> decode_stored(std::span<const std::byte> key, std::span<const std::byte> value) {
  if (value.size() < kChecksum) return std::nullopt;
  const auto body = value.first(value.size() - kChecksum);
  const auto sum = checksum(key, body);
  if (!std::ranges::equal(sum, value.last(kChecksum))) return std::nullopt;
  return decode_unchecked(key, body);
}

std::optional<StoredVerdict> decode_unchecked(std::span<const std::byte> key, std::span<const std::byte> body) {
  const std::optional<FileId> id = FileId::from_bytes(key);
  if (!id) return std::nullopt;
  Reader reader(body);
  StoredVerdict entry;
  entry.key = *id;
  entry.version.size = static_cast<std::int64_t>(reader.number());
  entry.version.mtime_ns = static_cast<std::int64_t>(reader.number());
  entry.version.ctime_ns = static_cast<std::int64_t>(reader.number());
  entry.generation = reader.number();
  const std::uint8_t kind = reader.octet();
  entry.value.type = reader.text();
  if (kind == static_cast<std::uint8_t>(VerdictKind::clean)) {
    entry.value.verdict = Verdict::clean();
  } else if (kind == static_cast<std::uint8_t>(VerdictKind::infected)) {
    Finding finding;
    finding.engine = reader.text();
    finding.signature = reader.text();
    entry.value.verdict = Verdict::infected(std::move(finding));
  } else {
    return std::nullopt;
  }
  if (!reader.complete()) return std::nullopt;
  return entry;
}

}  // namespace ward
