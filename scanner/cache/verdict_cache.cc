// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/verdict_cache.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace ward {
namespace {

constexpr std::size_t kMostNames = 65'536;
constexpr std::uint32_t kNoName = 0xffffffff;
/// A change of a set takes less than a microsecond, unless its thread loses the CPU in the middle.
constexpr int kMostReads = 256;

enum Field : std::size_t { kSize = 6, kMtime, kCtime, kWrites, kGeneration, kMeaning };

/// The last word of an entry: verdict and names. Never zero for an entry in use.
struct Meaning {
  std::uint32_t name = kNoName;  ///< of the finding, or of an unscanned verdict's detail
  std::uint16_t type = 0;        ///< name's number plus one; 0: none
  VerdictKind kind = VerdictKind::clean;
  UnscannedReason reason = UnscannedReason::oversize;

  static constexpr std::uint64_t kInUse = 0x80;
  [[nodiscard]] std::uint64_t pack() const noexcept {
    return (static_cast<std::uint64_t>(name) << 32) | (static_cast<std::uint64_t>(type) << 16) |
           (static_cast<std::uint64_t>(reason) << 8) | kInUse | static_cast<std::uint64_t>(kind);
  }
  static Meaning unpack(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint16_t>(word >> 16),
            static_cast<VerdictKind>(word & 0x7f), static_cast<UnscannedReason>((word >> 8) & 0xff)};
  }
};

/// Engine and signature as one name; engines' names hold no newline.
std::string joined(const Finding& finding) { return finding.engine + '\n' + finding.signature; }

Finding parted(const std::string& name) {
  const std::size_t newline = name.find('\n');
  if (newline == std::string::npos) return {name, {}};
  return {name.substr(0, newline), name.substr(newline + 1)};
}

template <class Words>
bool same_version(const Words& words, const FileVersion& version) noexcept {
  return words[kSize] == static_cast<std::uint64_t>(version.size) &&
         words[kMtime] == static_cast<std::uint64_t>(version.mtime_ns) &&
         words[kCtime] == static_cast<std::uint64_t>(version.ctime_ns);
}

template <class Words>
void put_id(Words& words, const FileId& id) noexcept {
  const auto bytes = id.to_bytes();
  std::memcpy(words.data(), bytes.data(), bytes.size());
}

}  // namespace

VerdictCache::VerdictCache(std::size_t entries_bytes, std::size_t names_bytes)
    : sets_count_(std::max<std::size_t>(entries_bytes / sizeof(Set), 1)),
      names_bytes_(names_bytes),
      names_(kMostNames, names_bytes) {
  static_assert(sizeof(Set) < 100 * kWays, "an entry costs less than 100 bytes");
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::is_trivially_destructible_v<Set>);
  void* memory = ::mmap(nullptr, this->entries_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  sets_ = static_cast<Set*>(memory);
}

VerdictCache::~VerdictCache() { ::munmap(sets_, entries_bytes()); }

std::size_t VerdictCache::entries_bytes() const noexcept { return sets_count_ * sizeof(Set); }
std::size_t VerdictCache::bytes() const noexcept { return entries_bytes() + names_bytes_; }
std::size_t VerdictCache::capacity() const noexcept { return sets_count_ * kWays; }

std::size_t VerdictCache::set_of(const FileId& id) const noexcept {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::size_t>((static_cast<Wide>(id.hash()) * sets_count_) >> 64);
}

bool VerdictCache::read_once(const Set& set, const Words& key, std::optional<Words>& found, std::size_t& way) noexcept {
  // Acquire on every word: a word of a later change cannot be seen without its odd sequence number being seen below.
  const std::uint64_t before = set.sequence.load(std::memory_order_acquire);
  if ((before & 1U) != 0) return false;
  found.reset();
  for (way = 0; way < kWays && !found; ++way) {
    const auto& entry = set.entries[way];
    bool same = entry[kMeaning].load(std::memory_order_acquire) != 0;
    for (std::size_t word = 0; same && word < kIdWords; ++word) {
      same = entry[word].load(std::memory_order_acquire) == key[word];
    }
    if (!same) continue;
    found.emplace();
    for (std::size_t word = 0; word < kWords; ++word) (*found)[word] = entry[word].load(std::memory_order_acquire);
    break;
  }
  return set.sequence.load(std::memory_order_acquire) == before;
}

std::optional<VerdictCache::Words> VerdictCache::find(const FileId& id) const noexcept {
  Set& set = sets_[set_of(id)];
  Words key{};
  put_id(key, id);
  std::optional<Words> found;
  std::size_t way = 0;
  int reads = 0;
  while (!read_once(set, key, found, way)) {
    // Not to know costs a scan; to wait for another thread would cost whoever this one serves.
    if (++reads == kMostReads) return std::nullopt;
  }
  if (found && set.used[way].load(std::memory_order_relaxed) == 0) set.used[way].store(1, std::memory_order_relaxed);
  return found;
}

std::optional<CachedVerdict> VerdictCache::lookup(const FileId& id, const FileVersion& version,
                                                  std::uint64_t generation, bool with_names) const noexcept {
  const std::optional<Words> words = find(id);
  if (!words || !same_version(*words, version) || (*words)[kWrites] != version.writes ||
      (*words)[kGeneration] != generation) {
    return std::nullopt;
  }
  return unpack(*words, with_names);
}

std::optional<CachedVerdict> VerdictCache::lookup_settled(const FileId& id, const FileVersion& version,
                                                          std::uint64_t generation) const noexcept {
  const std::optional<Words> words = find(id);
  if (!words || !same_version(*words, version) || (*words)[kGeneration] != generation) return std::nullopt;
  return unpack(*words, true);
}

CachedVerdict VerdictCache::unpack(const Words& words, bool with_names) const {
  const Meaning meaning = Meaning::unpack(words[kMeaning]);
  const std::string name = with_names && meaning.name != kNoName ? names_.name(meaning.name) : std::string();
  CachedVerdict value;
  if (with_names && meaning.type != 0) value.type = names_.name(meaning.type - 1U);
  switch (meaning.kind) {
    case VerdictKind::clean:
      value.verdict = Verdict::clean();
      break;
    case VerdictKind::infected:
      value.verdict = Verdict::infected(parted(name));
      break;
    case VerdictKind::unscanned:
      value.verdict = Verdict::unscanned(meaning.reason, name);
      break;
  }
  return value;
}

bool VerdictCache::pack(const CachedVerdict& value, Words& words) {
  Meaning meaning;
  meaning.kind = value.verdict.kind();
  if (!value.type.empty()) {
    const auto type = names_.intern(value.type);
    if (type && *type < 0xffff) meaning.type = static_cast<std::uint16_t>(*type + 1);
  }
  if (value.verdict.is_infected()) {
    const auto name = names_.intern(joined(value.verdict.finding()));
    if (!name) return false;
    meaning.name = *name;
  } else if (meaning.kind == VerdictKind::unscanned) {
    meaning.reason = value.verdict.reason();
    if (!value.verdict.detail().empty()) meaning.name = names_.intern(value.verdict.detail()).value_or(kNoName);
  }
  words[kMeaning] = meaning.pack();
  return true;
}

void VerdictCache::insert(const FileId& id, const FileVersion& version, std::uint64_t generation,
                          const CachedVerdict& value) {
  Words words{};
  if (!pack(value, words)) {
    erase(id);
    return;
  }
  put_id(words, id);
  words[kSize] = static_cast<std::uint64_t>(version.size);
  words[kMtime] = static_cast<std::uint64_t>(version.mtime_ns);
  words[kCtime] = static_cast<std::uint64_t>(version.ctime_ns);
  words[kWrites] = version.writes;
  words[kGeneration] = generation;
  const std::size_t index = set_of(id);
  Set& set = sets_[index];
  const MutexLock lock(shards_[index % kShards].mutex);
  store(set, way_of(set, words).value_or(victim(set)), words);
}

void VerdictCache::renew(const FileId& id, const FileVersion& version, std::uint64_t generation) {
  Words words{};
  put_id(words, id);
  const std::size_t index = set_of(id);
  Set& set = sets_[index];
  const MutexLock lock(shards_[index % kShards].mutex);
  const auto way = way_of(set, words);
  if (!way) return;
  for (std::size_t word = kIdWords; word < kWords; ++word) words[word] = set.entries[*way][word].load();
  if (!same_version(words, version) || words[kGeneration] != generation) return;
  words[kWrites] = version.writes;
  store(set, *way, words);
}

void VerdictCache::erase(const FileId& id) {
  Words key{};
  put_id(key, id);
  const std::size_t index = set_of(id);
  Set& set = sets_[index];
  const MutexLock lock(shards_[index % kShards].mutex);
  if (const auto way = way_of(set, key)) store(set, *way, Words{});
}

std::optional<std::size_t> VerdictCache::way_of(const Set& set, const Words& key) noexcept {
  for (std::size_t way = 0; way < kWays; ++way) {
    const auto& entry = set.entries[way];
    bool same = entry[kMeaning].load() != 0;
    for (std::size_t word = 0; same && word < kIdWords; ++word) same = entry[word].load() == key[word];
    if (same) return way;
  }
  return std::nullopt;
}

std::size_t VerdictCache::victim(Set& set) noexcept {
  for (std::size_t way = 0; way < kWays; ++way) {
    if (set.entries[way][kMeaning].load() == 0) return way;
  }
  // The clock's hand moves on with every change of the set.
  const std::size_t hand = (set.sequence.load() / 2) % kWays;
  for (std::size_t step = 0; step < kWays; ++step) {
    const std::size_t way = (hand + step) % kWays;
    if (set.used[way].exchange(0) == 0) return way;
  }
  return hand;
}

void VerdictCache::store(Set& set, std::size_t way, const Words& words) noexcept {
  auto& entry = set.entries[way];
  const bool was_used = entry[kMeaning].load() != 0;
  const bool is_used = words[kMeaning] != 0;
  const std::uint64_t sequence = set.sequence.load(std::memory_order_relaxed);
  set.sequence.store(sequence + 1, std::memory_order_relaxed);
  // Release on every word, so that none is seen before the odd sequence number.
  for (std::size_t word = 0; word < kWords; ++word) entry[word].store(words[word], std::memory_order_release);
  set.sequence.store(sequence + 2, std::memory_order_release);
  // An entry earns its mark by being looked up: what is only passing through makes room first.
  set.used[way].store(0, std::memory_order_relaxed);
  if (is_used && !was_used) entries_.fetch_add(1);
  if (!is_used && was_used) entries_.fetch_sub(1);
}

}  // namespace ward
