// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/config/toml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace ward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Configuration read(std::string_view text) {
  Configuration configuration;
  const auto done = read_toml(text, "f.toml", 0, configuration);
  EXPECT_TRUE(done) << done.error().message;
  return configuration;
}

std::string problem(std::string_view text) {
  Configuration configuration;
  const auto done = read_toml(text, "f.toml", 0, configuration);
  return done ? "" : done.error().message;
}

TEST(TomlReader, ReadsEveryKindOfValue) {
  const Configuration c = read(R"(
[scanner]
rules = ["/a", "/b"]
max-size = "64KiB"
scan-time-limit = "2min"
scan-processes = 3
isolation = "file"
[policy.on-unscanned]
encrypted = "allow"
[[directory]]
path = "/srv/a"
[[directory]]
path = "/srv/b"
source = "/srv/c"
transport = "dev"
passthrough = "no"
[[filesystem]]
path = "/home"
)");
  EXPECT_THAT(c.scanner.rules, ElementsAre("/a", "/b"));
  EXPECT_EQ(c.scanner.max_size, 65536U);
  EXPECT_EQ(c.scanner.scan_time_limit, 120'000U);
  EXPECT_EQ(c.scanner.scan_processes, 3U);
  EXPECT_EQ(c.scanner.isolation, "file");
  EXPECT_THAT(c.scanner.on_unscanned, ElementsAre("encrypted=allow"));
  ASSERT_EQ(c.directories.size(), 2U);
  EXPECT_EQ(c.directories[0].path, "/srv/a");
  EXPECT_EQ(c.directories[0].transport, "auto");
  EXPECT_EQ(c.directories[0].passthrough, "auto");
  EXPECT_EQ(c.directories[1].transport, "dev");
  EXPECT_EQ(c.directories[1].passthrough, "no");
  EXPECT_EQ(c.directories[1].source, "/srv/c");
  EXPECT_EQ(c.directories[1].origin, (ConfigOrigin{0, 12}));
  ASSERT_EQ(c.filesystems.size(), 1U);
  EXPECT_EQ(c.origins.at("scanner.isolation"), (ConfigOrigin{0, 7}));
  EXPECT_FALSE(c.origins.contains("scanner.state"));
}

TEST(TomlReader, LaterFilesTakeThePlaceOfValuesAndAddPlaces) {
  Configuration c;
  ASSERT_TRUE(read_toml("[policy]\nwriter-open='deny'\n[policy.on-unscanned]\nlimit='allow'\n[[directory]]\npath='/a'",
                        "1", 0, c));
  ASSERT_TRUE(read_toml("[policy]\nwriter-open='wait'\n[policy.on-unscanned]\nlimit='deny'\n[[directory]]\npath='/b'",
                        "2", 1, c));
  EXPECT_EQ(c.scanner.writer_open, "wait");
  EXPECT_THAT(c.scanner.on_unscanned, ElementsAre("limit=deny"));
  ASSERT_EQ(c.directories.size(), 2U);
  EXPECT_EQ(c.origins.at("policy.writer-open"), (ConfigOrigin{1, 2}));
}

TEST(TomlReader, NamesFileLineKeyAndTheNearestKnownKey) {
  EXPECT_EQ(problem("\n[scanner]\nisolatoin = 'file'"),
            "f.toml:3: unknown key scanner.isolatoin; did you mean isolation?");
  EXPECT_EQ(problem("[scaner]\n"), "f.toml:1: unknown key scaner; did you mean scanner?");
  EXPECT_EQ(problem("[[directory]]\npath='/a'\ntransprot='dev'"),
            "f.toml:3: unknown key directory.transprot; did you mean transport?");
  EXPECT_EQ(problem("[policy.on-unscanned]\nencripted='allow'"),
            "f.toml:2: unknown key policy.on-unscanned.encripted; did you mean encrypted?");
  EXPECT_EQ(problem("zzzzzzzzzz = 1"), "f.toml:1: unknown key zzzzzzzzzz");
}

TEST(TomlReader, SaysWhatIsExpectedInstead) {
  EXPECT_THAT(problem("[scanner]\nmax-size = 5"), HasSubstr("f.toml:2: scanner.max-size: a text in quotes"));
  EXPECT_THAT(problem("[scanner]\nmax-size = '5'"), HasSubstr("'5' is no size like"));
  EXPECT_THAT(problem("[scanner]\nmax-size = '99999999999999999GiB'"), HasSubstr("is no size"));
  EXPECT_THAT(problem("[policy]\ndeadline = '-1s'"), HasSubstr("'-1s' is no time like"));
  EXPECT_THAT(problem("[scanner]\nisolation = 'owners'"), HasSubstr("none of file, owner, pool; did you mean owner?"));
  EXPECT_THAT(problem("[scanner]\nrules = '/a'"), HasSubstr("a list of texts"));
  EXPECT_THAT(problem("[scanner]\nscan-processes = -1"), HasSubstr("a whole number"));
  EXPECT_THAT(problem("scanner = 1"), HasSubstr("[scanner]"));
  EXPECT_THAT(problem("[directory]\npath = '/a'"), HasSubstr("[[directory]]"));
  EXPECT_THAT(problem("[[directory]]\nsource = '/a'"), HasSubstr("f.toml:1: directory.path: it is missing"));
  EXPECT_THAT(problem("[[directory]]\npath = 'a'"), HasSubstr("f.toml:1: directory.path: a path starts with /"));
}

TEST(TomlReader, SyntaxErrorsAreOneLine) {
  const std::string text = problem("[scanner]\nrules = [\n");
  EXPECT_THAT(text, HasSubstr("f.toml:"));
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(TomlReader, TheExampleHasEveryKeyAtItsDefault) {
  std::ifstream file(WARD_EXAMPLE_CONFIG);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  ASSERT_FALSE(text.empty());
  const Configuration c = read(text);
  const Configuration d;
  EXPECT_EQ(c.origins.size(), 35U) << "a key is missing in the example, or this number is old";
  EXPECT_EQ(c.scanner.max_size, d.scanner.max_size);
  EXPECT_EQ(c.scanner.scan_time_limit, d.scanner.scan_time_limit);
  EXPECT_EQ(c.scanner.deadline, d.scanner.deadline);
  EXPECT_EQ(c.scanner.isolation, d.scanner.isolation);
  EXPECT_EQ(c.scanner.writer_open, d.scanner.writer_open);
  EXPECT_EQ(c.scanner.cache_size, d.scanner.cache_size);
  EXPECT_EQ(c.queue_slots, d.queue_slots);
  EXPECT_EQ(c.remembered_closes, d.remembered_closes);
  EXPECT_EQ(c.scan_memory, d.scan_memory);
  EXPECT_EQ(c.descriptors, d.descriptors);
  EXPECT_EQ(c.record_queue, d.record_queue);
  EXPECT_EQ(c.log_queue, d.log_queue);
  EXPECT_EQ(c.log_lines_per_minute, d.log_lines_per_minute);
  EXPECT_EQ(c.log_level, d.log_level);
  EXPECT_EQ(c.socket, d.socket);
  EXPECT_EQ(c.status_for, d.status_for);
  EXPECT_EQ(c.hooks, d.hooks);
  EXPECT_EQ(c.without_scanner, d.without_scanner);
}

}  // namespace
}  // namespace ward
