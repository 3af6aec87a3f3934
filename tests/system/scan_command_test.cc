// SPDX-License-Identifier: GPL-2.0-or-later
// `ward scan` as scripts use it.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "scanner/base/unique_fd.h"
#include "tests/support/eicar.h"
#include "tests/support/temp_dir.h"
#include "tests/system/archives.h"
#include "tests/system/ward_command.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

class ScanCommand : public ::testing::Test {
 protected:
  static Outcome scan(std::vector<std::string> arguments, const std::string& database = "") {
    arguments.insert(arguments.begin(), "scan");
    arguments.insert(arguments.end(), {"--clamav-db", database});
    return ward(std::move(arguments));
  }
  TempDir dir;
};

TEST_F(ScanCommand, ExitsZeroWhenAllIsClean) {
  make_dir(dir / "a");
  write_file(dir / "a/letter", "nothing is wrong\n");
  write_file(dir / "empty", "");
  const Outcome outcome = scan({dir.path()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("2 files: 2 clean, 0 infected, 0 not scanned"));
}

TEST_F(ScanCommand, ExitsOneWhenSomethingIsInfected) {
  make_dir(dir / "deep");
  make_dir(dir / "deep/er");
  write_file(dir / "deep/er/bad", eicar());
  write_file(dir / "good", "fine\n");
  const Outcome outcome = scan({dir.path()});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr(dir / "deep/er/bad: infected: EICAR_Test_File (yara)"));
  EXPECT_THAT(outcome.output, HasSubstr("2 files: 1 clean, 1 infected"));
}

TEST_F(ScanCommand, ExitsTwoWhenSomethingWasNotScanned) {
  write_file(dir / "large", std::string(4096, 'x'));
  const Outcome outcome = scan({dir.path(), "--max-size", "1KiB"});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("large: not scanned: oversize"));
}

TEST_F(ScanCommand, UnpacksWithADatabaseOnly) {
  write_file(dir / "eicar.zip", eicar_zip());
  write_file(dir / "eicar.tar.gz", eicar_tar_gz());
  EXPECT_EQ(scan({dir.path()}).exit_code, 0);
  const Outcome outcome = scan({dir.path()}, WARD_TEST_DATABASE);
  EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("eicar.zip: infected: Eicar-Test-Signature.UNOFFICIAL (clamav)"));
  EXPECT_THAT(outcome.output, HasSubstr("eicar.tar.gz: infected: Eicar-Test-Signature.UNOFFICIAL (clamav)"));
}

TEST_F(ScanCommand, UsesRulesOfOnesOwn) {
  write_file(dir / "file", "the secret word is xyzzy\n");
  TempDir rules;
  write_file(rules / "own.yar", "rule Own { strings: $word = \"xyzzy\" condition: $word }\n");
  const Outcome outcome = scan({dir.path(), "--rules", rules.path()});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("infected: Own (yara)"));
}

TEST_F(ScanCommand, PrintsAnObjectALine) {
  write_file(dir / "bad", eicar());
  write_file(dir / "good", "fine\n");
  const Outcome outcome = scan({dir.path(), "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  std::istringstream lines(outcome.output);
  int files = 0;
  bool summary = false;
  for (std::string line; std::getline(lines, line);) {
    const auto object = nlohmann::json::parse(line);
    if (object.contains("summary")) {
      summary = true;
      EXPECT_EQ(object["summary"]["files"], 2);
      EXPECT_EQ(object["summary"]["infected"], 1);
      continue;
    }
    ++files;
    EXPECT_EQ(object["verdict"], object["path"] == dir / "bad" ? "infected" : "clean");
    EXPECT_FALSE(object["type"].empty());
  }
  EXPECT_EQ(files, 2);
  EXPECT_TRUE(summary);
}

TEST_F(ScanCommand, DrawsItsProgressOnATerminalOnly) {
  if (!UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY))) GTEST_SKIP() << "needs a pseudo-terminal: /dev/ptmx";
  constexpr int kFiles = 40;
  for (int i = 0; i < kFiles; ++i) write_file(dir / ("file" + std::to_string(i)), "contents\n");
  const Outcome drawn = run({"script", "--quiet", "--return", "--command",
                             ward_program() + " scan " + dir.path() + " --clamav-db ''", "/dev/null"});
  EXPECT_EQ(drawn.exit_code, 0) << drawn.output;
  EXPECT_THAT(drawn.output, ::testing::ContainsRegex("\r\033\\[K\\[#* *\\] [0-9]+ %  [0-9]+ of 40  "));
  EXPECT_THAT(drawn.output, HasSubstr("\r\033[K40 files: 40 clean")) << "the bar is gone when the answer comes";
  EXPECT_EQ(scan({dir.path()}).output.find('\r'), std::string::npos);
}

TEST_F(ScanCommand, CountsEveryFileOfALargeTree) {
  constexpr int kFiles = 2000;
  for (int i = 0; i < kFiles; ++i) write_file(dir / std::to_string(i), "file " + std::to_string(i) + "\n");
  const Outcome outcome = scan({dir.path()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("2000 files: 2000 clean"));
}

}  // namespace
}  // namespace ward::test
