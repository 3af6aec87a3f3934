// SPDX-License-Identifier: GPL-2.0-or-later
// Objects with small numbers: found by number without a lock, never moved, reused after release.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <vector>

namespace ward::fusefs {

/// Chunks double in size, so a number's place follows from the number alone. Memory is touched only as far as it was
/// ever used. `allocate` and `release` need the owner's lock; operator[] needs none, for a number that is allocated.
/// An object is constructed once, when its number is first given out; whoever releases a number leaves the object as a
/// new one would be.
template <class T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    for (std::uint32_t number = 0; number < used_; ++number) std::destroy_at(&(*this)[number]);
    for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
      if (T* memory = chunks_[chunk].load(std::memory_order_relaxed)) {
        std::allocator<T>().deallocate(memory, length(chunk));
      }
    }
  }

  T& operator[](std::uint32_t number) noexcept {
    const std::size_t chunk = chunk_of(number);
    return chunks_[chunk].load(std::memory_order_acquire)[number - first(chunk)];
  }

  /// Nothing when every number is in use.
  std::optional<std::uint32_t> allocate() {
    if (!free_.empty()) {
      const std::uint32_t number = free_.back();
      free_.pop_back();
      return number;
    }
    if (used_ == kNumbers) return std::nullopt;
    const std::size_t chunk = chunk_of(used_);
    T* memory = chunks_[chunk].load(std::memory_order_relaxed);
    if (memory == nullptr) {
      memory = std::allocator<T>().allocate(length(chunk));
      chunks_[chunk].store(memory, std::memory_order_release);
    }
    std::construct_at(&memory[used_ - first(chunk)]);
    return used_++;
  }

  void release(std::uint32_t number) { free_.push_back(number); }
  [[nodiscard]] std::uint32_t in_use() const noexcept { return used_ - static_cast<std::uint32_t>(free_.size()); }

 private:
  static constexpr std::uint32_t kFirstLength = 64;
  static constexpr std::size_t kChunks = 24;
  static constexpr std::uint32_t kNumbers = kFirstLength * ((1U << kChunks) - 1);

  static constexpr std::size_t chunk_of(std::uint32_t number) noexcept {
    return static_cast<std::size_t>(std::bit_width(number / kFirstLength + 1)) - 1;
  }
  static constexpr std::uint32_t first(std::size_t chunk) noexcept { return kFirstLength * ((1U << chunk) - 1); }
  static constexpr std::size_t length(std::size_t chunk) noexcept { return std::size_t{kFirstLength} << chunk; }

  std::array<std::atomic<T*>, kChunks> chunks_{};
  std::vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
};

}  // namespace ward::fusefs
