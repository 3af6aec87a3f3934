// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/engines/yara_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/engines/engine_files.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string compile_error(const std::string& text) {
  const auto engine = YaraEngine::compile({{"test.yar", text}});
  return engine ? std::string() : engine.error().message;
}

TEST(YaraEngineTest, FindsByAnyFile) {
  auto engine = YaraEngine::compile({{"a.yar", "rule A { strings: $a = \"aaaa\" condition: $a }"},
                                     {"b.yar", "rule B { strings: $b = \"bbbb\" condition: $b }"}});
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ(scan_with(**engine, "xxaaaaxx"), Verdict::infected({"yara", "A"}));
  EXPECT_EQ(scan_with(**engine, "xxbbbbxx"), Verdict::infected({"yara", "B"}));
  EXPECT_EQ(scan_with(**engine, "xxccccxx"), Verdict::clean());
  EXPECT_EQ((*engine)->describe().signatures, 2U);
}

TEST(YaraEngineTest, SameNameInTwoFilesIsNoClash) {
  EXPECT_TRUE(
      YaraEngine::compile({{"a.yar", "rule A { condition: false }"}, {"b.yar", "rule A { condition: false }"}}));
}

TEST(YaraEngineTest, ErrorsNameFileAndLine) {
  EXPECT_EQ(compile_error("rule A {\n  condition:\n    $x }\n"), "rule file test.yar, line 3: undefined string \"$x\"");
  EXPECT_THAT(compile_error("\nrule A { condition: "), StartsWith("rule file test.yar, line 2: syntax error"));
  EXPECT_THAT(compile_error(std::string("rule A\0 { }", 11)), HasSubstr("not a text file"));
}

TEST(YaraEngineTest, IncludesAreRefused) {
  const ScratchDirectory scratch;
  write_text("other.yar", "rule Other { condition: true }");
  EXPECT_THAT(compile_error("include \"other.yar\"\nrule A { condition: false }"),
              StartsWith("rule file test.yar, line 1"));
  EXPECT_THAT(compile_error("include \"/etc/passwd\"\n"), StartsWith("rule file test.yar, line 1"));
}

TEST(YaraEngineTest, NamesThatPublishedRulesExpectAreThere) {
  EXPECT_EQ(compile_error("rule A { condition: filename == \"x\" or filepath == \"y\" or extension == \".z\" "
                          "or filetype == \"EXE\" or owner == \"o\" }"),
            "");
}

TEST(YaraEngineTest, PrivateRulesAreNoFindings) {
  auto engine =
      YaraEngine::compile({{"a.yar", "private rule P { condition: true } rule A { condition: P and false }"}});
  ASSERT_TRUE(engine);
  EXPECT_EQ(scan_with(**engine, "text"), Verdict::clean());
}

TEST(YaraEngineTest, MoreMatchesThanItCountsIsALimit) {
  auto engine = YaraEngine::compile({{"a.yar", "rule A { strings: $a = \"ab\" condition: #a == 7 }"}});
  ASSERT_TRUE(engine);
  std::string many;
  for (int i = 0; i < 1'100'000; ++i) many += "ab";
  const auto verdict = scan_with(**engine, many);
  ASSERT_EQ(verdict.kind(), VerdictKind::unscanned);
  EXPECT_EQ(verdict.reason(), UnscannedReason::limit);
}

TEST(YaraEngineTest, RuleWithoutStringsSeesEmptyFiles) {
  auto engine = YaraEngine::compile({{"a.yar", "rule Empty { condition: filesize == 0 }"}});
  ASSERT_TRUE(engine);
  EXPECT_EQ(scan_with(**engine, ""), Verdict::infected({"yara", "Empty"}));
}

TEST(RuleDirectoryTest, ReadsRuleFilesInOrderAndNothingElse) {
  const ScratchDirectory scratch;
  write_text("b.yara", "b");
  write_text("a.yar", "a");
  write_text("notes.txt", "c");
  write_text(".hidden.yar", "d");
  const auto sources = read_rule_directory(scratch.path());
  ASSERT_TRUE(sources);
  ASSERT_EQ(sources->size(), 2U);
  EXPECT_EQ((*sources)[0].name, scratch.path() / "a.yar");
  EXPECT_EQ((*sources)[0].text, "a");
  EXPECT_EQ((*sources)[1].text, "b");
}

TEST(RuleDirectoryTest, SaysWhatCannotBeRead) {
  const ScratchDirectory scratch;
  EXPECT_EQ(read_rule_directory("/nonexistent").error().message,
            "cannot read the rule directory /nonexistent: No such file or directory");
  std::filesystem::create_directory("folder.yar");
  EXPECT_EQ(read_rule_directory(scratch.path()).error().message,
            "the rule file " + (scratch.path() / "folder.yar").string() + " is not a regular file");
}

}  // namespace
}  // namespace ward::test
