// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/wire/frames.h"

#include <gtest/gtest.h>

#include <functional>

namespace ward {
namespace {

using Bytes = std::vector<std::byte>;

VerdictFrame infected() { return {42, Verdict::infected({"yara", "Name"}), "text/plain"}; }

Bytes with(Bytes bytes, std::size_t at, unsigned value) {
  bytes.at(at) = std::byte(value);
  return bytes;
}

TEST(FramesTest, SurviveTheWay) {
  const HelloFrame hello{SandboxLayers(5), "no scratch"};
  EXPECT_EQ(decode_hello(encode(hello)).value(), hello);
  for (const auto wish : {TypeWish::never, TypeWish::unless_clean, TypeWish::always}) {
    const ScanFrame frame{~0ULL, wish};
    EXPECT_EQ(decode_scan(encode(frame)).value(), frame);
  }
  EXPECT_EQ(decode_spawn(encode(SpawnFrame{9})).value(), SpawnFrame{9});
  for (const auto& verdict : {Verdict::clean(), Verdict::infected({"clamav", "A.B-1"}),
                              Verdict::unscanned(UnscannedReason::encrypted, "zip")}) {
    const VerdictFrame frame{7, verdict, "application/zip"};
    EXPECT_EQ(decode_verdict(encode(frame)).value(), frame);
  }
  const std::vector<ZygoteFrame> frames = {
      ReadyFrame{3, SandboxLayers(1), {{"yara", "4.2", 10}, {"clamav", "1.4", 1'000'000}}}, RefusedFrame{"line 3"},
      SpawnedFrame{1}, SpawnFailedFrame{2, "no memory"}, ExitedFrame{3, true, 31}};
  for (const auto& frame : frames) EXPECT_EQ(decode_from_zygote(encode(frame)).value(), frame);
}

TEST(FramesTest, EveryShorterOrLongerOneIsRefused) {
  const Bytes whole = encode(infected());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_verdict(std::span(whole).first(size))) << size;
  }
  Bytes longer = whole;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode_verdict(longer));
  // Also where the header admits to the extra byte.
  EXPECT_FALSE(decode_verdict(with(longer, 8, static_cast<unsigned>(longer.size() - 12))));
}

TEST(FramesTest, OtherKindsAreRefused) {
  EXPECT_FALSE(decode_verdict(encode(HelloFrame{})));
  EXPECT_FALSE(decode_hello(encode(infected())));
  EXPECT_FALSE(decode_from_zygote(encode(infected())));
  EXPECT_FALSE(decode_spawn(encode(ScanFrame{1, TypeWish::never})));
  EXPECT_FALSE(decode_scan(encode(SpawnFrame{1})));
}

TEST(FramesTest, UnknownValuesAreRefused) {
  const Bytes frame = encode(infected());
  EXPECT_TRUE(decode_verdict(frame));
  EXPECT_FALSE(decode_verdict(with(frame, 0, 0)));     // magic
  EXPECT_FALSE(decode_verdict(with(frame, 6, 1)));     // must be zero
  EXPECT_FALSE(decode_verdict(with(frame, 20, 3)));    // kind of verdict
  EXPECT_FALSE(decode_verdict(with(frame, 23, 7)));    // a control character in a text
  EXPECT_FALSE(decode_verdict(with(frame, 23, 200)));  // not ASCII
  const Bytes unscanned = encode(VerdictFrame{1, Verdict::unscanned(UnscannedReason::limit), {}});
  EXPECT_TRUE(decode_verdict(with(unscanned, 21, kUnscannedReasons - 1)));
  EXPECT_FALSE(decode_verdict(with(unscanned, 21, kUnscannedReasons)));
  const Bytes hello = encode(HelloFrame{});
  EXPECT_FALSE(decode_hello(with(hello, 15, 0x80)));  // an unknown layer
  const Bytes scan = encode(ScanFrame{1, TypeWish::always});
  EXPECT_FALSE(decode_scan(with(scan, 20, 3)));
  const Bytes exited = encode(ZygoteFrame(ExitedFrame{1, true, 9}));
  EXPECT_FALSE(decode_from_zygote(with(exited, 20, 2)));
  const Bytes ready = encode(ZygoteFrame(ReadyFrame{1, {}, {}}));
  EXPECT_FALSE(decode_from_zygote(with(ready, 24, kMaxEngines + 1)));
}

TEST(FramesTest, FindingsHaveNames) {
  EXPECT_FALSE(decode_verdict(encode(VerdictFrame{1, Verdict::infected({"", "Name"}), {}})));
  EXPECT_FALSE(decode_verdict(encode(VerdictFrame{1, Verdict::infected({"yara", ""}), {}})));
}

TEST(FramesTest, SenderCutsAndCleansTexts) {
  const VerdictFrame frame{1, Verdict::infected({"clamav", std::string(1000, 'x') + "\n"}), "a\nb"};
  const auto decoded = decode_verdict(encode(frame));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->verdict.finding().signature, std::string(kMaxSignature, 'x'));
  EXPECT_EQ(decoded->type, "a?b");
}

TEST(FramesTest, LengthsThatPointBeyondTheFrameAreRefused) {
  const Bytes frame = encode(infected());
  EXPECT_FALSE(decode_verdict(with(with(frame, 21, 0xff), 22, 0xff)));
  EXPECT_FALSE(decode_verdict(with(frame, 21, kMaxEngineName + 1)));
}

}  // namespace
}  // namespace ward
