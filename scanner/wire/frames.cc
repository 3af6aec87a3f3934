// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/wire/frames.h"

#include "scanner/wire/bytes.h"

namespace ward {
namespace {

constexpr std::uint32_t kMagic = 0x31647257;  // "Wrd1"
constexpr std::size_t kHeader = 12;

enum class Kind : std::uint16_t { hello = 1, scan, verdict, spawn, ready, refused, spawned, spawn_failed, exited };

std::vector<std::byte> framed(Kind kind, ByteWriter body) {
  ByteWriter frame;
  frame.number(kMagic);
  frame.number(static_cast<std::uint16_t>(kind));
  frame.number(std::uint16_t{0});
  frame.number(static_cast<std::uint32_t>(body.size()));
  auto bytes = frame.take();
  const auto rest = body.take();
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

struct Opened {
  Kind kind;
  ByteReader body;
};

Result<Opened> open_frame(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeader || bytes.size() > kMaxFrame) return fail("a frame of impossible length");
  ByteReader header(bytes.first(kHeader));
  const auto magic = header.number<std::uint32_t>();
  const auto kind = header.number<std::uint16_t>();
  const auto zero = header.number<std::uint16_t>();
  const auto length = header.number<std::uint32_t>();
  if (magic != kMagic || zero != 0) return fail("not a frame");
  if (length != bytes.size() - kHeader) return fail("a frame cut short or overlong");
  return Opened{static_cast<Kind>(kind), ByteReader(bytes.subspan(kHeader))};
}

Result<ByteReader> open_frame(std::span<const std::byte> bytes, Kind expected) {
  auto opened = open_frame(bytes);
  if (!opened) return tl::unexpected(opened.error());
  if (opened->kind != expected) return fail("a frame of another kind than is due");
  return opened->body;
}

template <class Frame>
Result<Frame> finished(const ByteReader& body, Frame frame) {
  if (!body.finished()) return fail("a frame with fields that cannot be");
  return frame;
}

void write_verdict(ByteWriter& body, const Verdict& verdict) {
  body.number(static_cast<std::uint8_t>(verdict.kind()));
  switch (verdict.kind()) {
    case VerdictKind::clean:
      break;
    case VerdictKind::infected:
      body.text(verdict.finding().engine, kMaxEngineName);
      body.text(verdict.finding().signature, kMaxSignature);
      break;
    case VerdictKind::unscanned:
      body.number(static_cast<std::uint8_t>(verdict.reason()));
      body.text(verdict.detail(), kMaxDetail);
      break;
  }
}

Verdict read_verdict(ByteReader& body) {
  switch (static_cast<VerdictKind>(body.number<std::uint8_t>())) {
    case VerdictKind::clean:
      return Verdict::clean();
    case VerdictKind::infected: {
      auto engine = body.text(kMaxEngineName);
      auto signature = body.text(kMaxSignature);
      if (engine.empty() || signature.empty()) body.refuse();
      return Verdict::infected(Finding{std::move(engine), std::move(signature)});
    }
    case VerdictKind::unscanned: {
      const auto reason = body.number<std::uint8_t>();
      auto detail = body.text(kMaxDetail);
      if (reason >= kUnscannedReasons) body.refuse();
      return Verdict::unscanned(static_cast<UnscannedReason>(reason), std::move(detail));
    }
  }
  body.refuse();
  return Verdict::unscanned(UnscannedReason::engine_error);
}

SandboxLayers read_layers(ByteReader& body) {
  const auto bits = body.number<std::uint32_t>();
  if (bits >> kSandboxLayers != 0) body.refuse();
  return SandboxLayers(bits);
}

TypeWish read_type_wish(ByteReader& body) {
  const auto wish = body.number<std::uint8_t>();
  if (wish > static_cast<std::uint8_t>(TypeWish::always)) body.refuse();
  return static_cast<TypeWish>(wish);
}

Result<ZygoteFrame> read_ready(ByteReader body) {
  ReadyFrame frame;
  frame.generation = body.number<std::uint64_t>();
  frame.layers = read_layers(body);
  const auto engines = body.number<std::uint8_t>();
  if (engines > kMaxEngines) body.refuse();
  for (unsigned i = 0; i < engines && body.ok(); ++i) {
    EngineDescription engine;
    engine.name = body.text(kMaxEngineName);
    engine.version = body.text(kMaxEngineName);
    engine.signatures = body.number<std::uint64_t>();
    frame.engines.push_back(std::move(engine));
  }
  return finished<ZygoteFrame>(body, std::move(frame));
}

Result<ZygoteFrame> read_exited(ByteReader body) {
  ExitedFrame frame;
  frame.child = body.number<std::uint64_t>();
  const auto by_signal = body.number<std::uint8_t>();
  if (by_signal > 1) body.refuse();
  frame.by_signal = by_signal == 1;
  frame.value = body.number<std::uint32_t>();
  return finished<ZygoteFrame>(body, frame);
}

struct ZygoteEncoder {
  std::vector<std::byte> operator()(const ReadyFrame& frame) const {
    ByteWriter body;
    body.number(frame.generation);
    body.number(frame.layers.bits());
    body.number(static_cast<std::uint8_t>(frame.engines.size()));
    for (const auto& engine : frame.engines) {
      body.text(engine.name, kMaxEngineName);
      body.text(engine.version, kMaxEngineName);
      body.number(engine.signatures);
    }
    return framed(Kind::ready, std::move(body));
  }
  std::vector<std::byte> operator()(const RefusedFrame& frame) const {
    ByteWriter body;
    body.text(frame.reason, kMaxReason);
    return framed(Kind::refused, std::move(body));
  }
  std::vector<std::byte> operator()(const SpawnedFrame& frame) const {
    ByteWriter body;
    body.number(frame.child);
    return framed(Kind::spawned, std::move(body));
  }
  std::vector<std::byte> operator()(const SpawnFailedFrame& frame) const {
    ByteWriter body;
    body.number(frame.child);
    body.text(frame.reason, kMaxReason);
    return framed(Kind::spawn_failed, std::move(body));
  }
  std::vector<std::byte> operator()(const ExitedFrame& frame) const {
    ByteWriter body;
    body.number(frame.child);
    body.number(static_cast<std::uint8_t>(frame.by_signal ? 1 : 0));
    body.number(frame.value);
    return framed(Kind::exited, std::move(body));
  }
};

}  // namespace

std::vector<std::byte> encode(const HelloFrame& frame) {
  ByteWriter body;
  body.number(frame.layers.bits());
  body.text(frame.problem, kMaxDetail);
  return framed(Kind::hello, std::move(body));
}

std::vector<std::byte> encode(const ScanFrame& frame) {
  ByteWriter body;
  body.number(frame.request);
  body.number(static_cast<std::uint8_t>(frame.types));
  return framed(Kind::scan, std::move(body));
}

std::vector<std::byte> encode(const VerdictFrame& frame) {
  ByteWriter body;
  body.number(frame.request);
  write_verdict(body, frame.verdict);
  body.text(frame.type, kMaxType);
  return framed(Kind::verdict, std::move(body));
}

std::vector<std::byte> encode(const SpawnFrame& frame) {
  ByteWriter body;
  body.number(frame.child);
  return framed(Kind::spawn, std::move(body));
}

std::vector<std::byte> encode(const ZygoteFrame& frame) { return std::visit(ZygoteEncoder{}, frame); }

Result<HelloFrame> decode_hello(std::span<const std::byte> bytes) {
  return open_frame(bytes, Kind::hello).and_then([](ByteReader body) {
    HelloFrame frame;
    frame.layers = read_layers(body);
    frame.problem = body.text(kMaxDetail);
    return finished(body, std::move(frame));
  });
}

Result<ScanFrame> decode_scan(std::span<const std::byte> bytes) {
  return open_frame(bytes, Kind::scan).and_then([](ByteReader body) {
    ScanFrame frame;
    frame.request = body.number<std::uint64_t>();
    frame.types = read_type_wish(body);
    return finished(body, frame);
  });
}

Result<VerdictFrame> decode_verdict(std::span<const std::byte> bytes) {
  return open_frame(bytes, Kind::verdict).and_then([](ByteReader body) {
    VerdictFrame frame;
    frame.request = body.number<std::uint64_t>();
    frame.verdict = read_verdict(body);
    frame.type = body.text(kMaxType);
    return finished(body, std::move(frame));
  });
}

Result<SpawnFrame> decode_spawn(std::span<const std::byte> bytes) {
  return open_frame(bytes, Kind::spawn).and_then([](ByteReader body) {
    const SpawnFrame frame{body.number<std::uint64_t>()};
    return finished(body, frame);
  });
}

Result<ZygoteFrame> decode_from_zygote(std::span<const std::byte> bytes) {
  auto opened = open_frame(bytes);
  if (!opened) return tl::unexpected(opened.error());
  auto& body = opened->body;
  switch (opened->kind) {
    case Kind::ready:
      return read_ready(body);
    case Kind::refused: {
      RefusedFrame frame{body.text(kMaxReason)};
      return finished<ZygoteFrame>(body, std::move(frame));
    }
    case Kind::spawned: {
      const SpawnedFrame frame{body.number<std::uint64_t>()};
      return finished<ZygoteFrame>(body, frame);
    }
    case Kind::spawn_failed: {
      SpawnFailedFrame frame;
      frame.child = body.number<std::uint64_t>();
      frame.reason = body.text(kMaxReason);
      return finished<ZygoteFrame>(body, std::move(frame));
    }
    case Kind::exited:
      return read_exited(body);
    default:
      return fail("a frame that no zygote sends");
  }
}

}  // namespace ward
