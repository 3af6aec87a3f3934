// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/config/config_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ward {
namespace {

using ::testing::HasSubstr;

Configuration sample() {
  Configuration c;
  c.scanner.rules = {"/rules", "/r\xc3\xa4"};
  c.scanner.clamav_db = "/db";
  c.scanner.clamav_db_given = true;
  c.scanner.on_unscanned = {"limit=allow"};
  c.queue_slots = 77;
  c.control_group = "staff";
  c.directories.push_back({"/a", "/b", "dev", "no", {1, 2}});
  c.directories.push_back({"/c", "", "auto", "auto", {0, 9}});
  c.filesystems.push_back({"/home", {0, 12}});
  c.origins["scanner.rules"] = {0, 5};
  return c;
}

Result<Configuration> decode(const std::vector<std::vector<std::byte>>& frames) {
  ConfigurationDecoder decoder;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto last = decoder.take(frames[i]);
    if (!last) return tl::unexpected(last.error());
    EXPECT_EQ(*last, i + 1 == frames.size());
  }
  return std::move(decoder.configuration());
}

TEST(ConfigFrames, GiveTheConfigurationBack) {
  const Configuration sent = sample();
  const auto got = decode(encode_configuration(sent));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->scanner.rules, sent.scanner.rules);
  EXPECT_TRUE(got->scanner.clamav_db_given);
  EXPECT_EQ(got->scanner.on_unscanned, sent.scanner.on_unscanned);
  EXPECT_EQ(got->queue_slots, 77U);
  ASSERT_EQ(got->directories.size(), 2U);
  EXPECT_EQ(got->directories[0].source, "/b");
  EXPECT_EQ(got->directories[0].passthrough, "no");
  EXPECT_EQ(got->directories[0].origin, (ConfigOrigin{1, 2}));
  ASSERT_EQ(got->filesystems.size(), 1U);
  EXPECT_EQ(got->origins, sent.origins);
  EXPECT_EQ(encode_configuration(*got), encode_configuration(sent)) << "some field is not carried";
}

TEST(ConfigFrames, CarryOneProblem) {
  const auto got = decode({encode_problem("f:1: no\ngood")});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "f:1: no?good");
}

TEST(ConfigFrames, RefuseWhatIsCutOrTooLong) {
  auto frames = encode_configuration(sample());
  for (std::size_t size = 0; size < frames[0].size(); ++size) {
    auto cut = frames;
    cut[0].resize(size);
    EXPECT_FALSE(decode(cut)) << size;
  }
  frames[0].push_back(std::byte{0});
  EXPECT_FALSE(decode(frames));
}

TEST(ConfigFrames, RefuseFramesOutOfTurn) {
  const auto frames = encode_configuration(sample());
  EXPECT_FALSE(decode({frames[1]}));
  EXPECT_FALSE(decode({frames[0], frames[0]}));
  EXPECT_FALSE(decode({encode_file("/x")}));
  EXPECT_FALSE(decode({{std::byte{99}}}));
}

TEST(ConfigFrames, BelieveNoValueThatCannotBe) {
  const auto refused = [](auto change) {
    Configuration c = sample();
    change(c);
    const auto got = decode(encode_configuration(c));
    return got ? "" : got.error().message;
  };
  EXPECT_THAT(refused([](Configuration& c) { c.scanner.isolation = "none"; }), HasSubstr("scanner.isolation"));
  EXPECT_THAT(refused([](Configuration& c) { c.queue_slots = 1; }), HasSubstr("limits.queue"));
  EXPECT_THAT(refused([](Configuration& c) { c.directories[0].path = "a"; }), HasSubstr("directory.path"));
  EXPECT_THAT(refused([](Configuration& c) { c.directories[0].path = "/a\n"; }), HasSubstr("directory.path"));
  EXPECT_THAT(refused([](Configuration& c) { c.scanner.on_unscanned = {"limit=perhaps"}; }), HasSubstr("on-unscanned"));
  EXPECT_THAT(refused([](Configuration& c) { c.scanner.deadline = 0; }), HasSubstr("policy.deadline"));
  EXPECT_THAT(refused([](Configuration& c) { c.hooks = {}; }), HasSubstr("module.hooks"));
}

TEST(ConfigFrames, NamesOfFilesGoThere) {
  const auto name = decode_file(encode_file("/etc/ward/ward.toml"));
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, "/etc/ward/ward.toml");
  EXPECT_FALSE(decode_file(encode_problem("x")));
  EXPECT_FALSE(decode_file({}));
}

}  // namespace
}  // namespace ward
