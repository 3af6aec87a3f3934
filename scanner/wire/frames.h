// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon, the zygote and the scan processes say to each other, one frame a message. A frame is a 12-byte
// header (magic, kind, zero, length of what follows) and fixed fields; texts are printable ASCII of bounded length.
// Whoever receives believes nothing: a frame is decoded entirely or refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/model/engine_description.h"
#include "scanner/model/sandbox_layer.h"
#include "scanner/model/type_wish.h"
#include "scanner/model/verdict.h"

namespace ward {

inline constexpr std::size_t kMaxFrame = 4096;
inline constexpr std::size_t kMaxEngineName = 32;
inline constexpr std::size_t kMaxSignature = 256;
inline constexpr std::size_t kMaxType = 128;
inline constexpr std::size_t kMaxDetail = 512;
inline constexpr std::size_t kMaxReason = 2048;
inline constexpr std::size_t kMaxEngines = 8;

// --- on the channel of a scan process ---

/// Process to daemon, once, when its sandbox is complete or failed.
struct HelloFrame {
  SandboxLayers layers;
  std::string problem;  ///< empty: ready for files
  friend bool operator==(const HelloFrame&, const HelloFrame&) = default;
};

/// Daemon to process, with one descriptor.
struct ScanFrame {
  std::uint64_t request = 0;
  TypeWish types = TypeWish::never;
  friend bool operator==(const ScanFrame&, const ScanFrame&) = default;
};

/// Process to daemon, exactly one for each ScanFrame.
struct VerdictFrame {
  std::uint64_t request = 0;
  Verdict verdict;
  std::string type;
  friend bool operator==(const VerdictFrame&, const VerdictFrame&) = default;
};

// --- on the zygote's control socket ---

/// Daemon to zygote, with the process's channel and, where the daemon could make one, its scratch directory.
struct SpawnFrame {
  std::uint64_t child = 0;
  friend bool operator==(const SpawnFrame&, const SpawnFrame&) = default;
};

/// Zygote to daemon, once: the engines are loaded...
struct ReadyFrame {
  std::uint64_t generation = 0;
  SandboxLayers layers;
  std::vector<EngineDescription> engines;
  friend bool operator==(const ReadyFrame&, const ReadyFrame&) = default;
};

/// ...or they are not, and why, in one line; the zygote exits then.
struct RefusedFrame {
  std::string reason;
  friend bool operator==(const RefusedFrame&, const RefusedFrame&) = default;
};

/// Zygote to daemon, with a pidfd.
struct SpawnedFrame {
  std::uint64_t child = 0;
  friend bool operator==(const SpawnedFrame&, const SpawnedFrame&) = default;
};

struct SpawnFailedFrame {
  std::uint64_t child = 0;
  std::string reason;
  friend bool operator==(const SpawnFailedFrame&, const SpawnFailedFrame&) = default;
};

/// Zygote to daemon, for every process that ended.
struct ExitedFrame {
  std::uint64_t child = 0;
  bool by_signal = false;
  std::uint32_t value = 0;  ///< the signal, or the exit code
  friend bool operator==(const ExitedFrame&, const ExitedFrame&) = default;
};

using ZygoteFrame = std::variant<ReadyFrame, RefusedFrame, SpawnedFrame, SpawnFailedFrame, ExitedFrame>;

std::vector<std::byte> encode(const HelloFrame& frame);
std::vector<std::byte> encode(const ScanFrame& frame);
std::vector<std::byte> encode(const VerdictFrame& frame);
std::vector<std::byte> encode(const SpawnFrame& frame);
std::vector<std::byte> encode(const ZygoteFrame& frame);

Result<HelloFrame> decode_hello(std::span<const std::byte> bytes);
Result<ScanFrame> decode_scan(std::span<const std::byte> bytes);
Result<VerdictFrame> decode_verdict(std::span<const std::byte> bytes);
Result<SpawnFrame> decode_spawn(std::span<const std::byte> bytes);
Result<ZygoteFrame> decode_from_zygote(std::span<const std::byte> bytes);

}  // namespace ward
