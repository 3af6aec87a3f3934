// SPDX-License-Identifier: GPL-2.0-or-later
// Bad input gets one line that says what is wrong, and exit code 2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/mount_table.h"
#include "tests/support/temp_dir.h"
#include "tests/system/ward_command.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

void expect_complaint(const std::vector<std::string>& arguments, const std::string& about) {
  const Outcome outcome = ward(arguments);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
  EXPECT_EQ(lines_of(outcome.output), 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr(about));
}

TEST(CommandLine, HelpsAtEachLevel) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"-h"}, {"mount", "-h"}, {"scan", "--help"}, {"version", "-h"}, {"demo", "-h"}}) {
    const Outcome outcome = ward(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("Usage"));
  }
  EXPECT_THAT(ward({"-h"}).output, HasSubstr("mount"));
  EXPECT_THAT(ward({"mount", "-h"}).output, HasSubstr("--on-unscanned"));
}

TEST(CommandLine, TellsItsVersion) {
  const Outcome outcome = ward({"version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, ::testing::MatchesRegex("ward [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, TellsWhatItStandsOn) {
  const Outcome outcome = ward({"version", "--verbose"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("libfuse 3."));
  EXPECT_THAT(outcome.output, HasSubstr("yara "));
}

TEST(CommandLine, WantsACommand) {
  expect_complaint({}, "which command?");
  expect_complaint({"mout", "/tmp"}, "unknown command 'mout'; did you mean mount?");
}

TEST(CommandLine, SuggestsTheNearestOption) {
  expect_complaint({"mount", "--recrod", "x", "/tmp"}, "unknown option --recrod; did you mean --record?");
  expect_complaint({"mount", "--deamon"}, "did you mean --daemon?");
  expect_complaint({"scan", "--jsno", "/tmp"}, "did you mean --json?");
  expect_complaint({"mount", "--frobnicate=3", "/tmp"}, "unknown option --frobnicate (");
}

TEST(CommandLine, WantsPlaces) {
  expect_complaint({"mount"}, "required");
  expect_complaint({"scan"}, "required");
  expect_complaint({"mount", "/tmp", "/tmp", "/tmp"}, "2 required but received 3");
}

TEST(CommandLine, RefusesWhatIsNoDirectory) {
  const TempDir dir;
  write_file(dir / "file", "x");
  expect_complaint({"mount", dir / "absent"}, "absent: No such file or directory");
  expect_complaint({"mount", dir / "file"}, "file: Not a directory");
  expect_complaint({"mount", dir / "absent", dir.path()}, "absent: No such file or directory");
  expect_complaint({"scan", dir / "absent"}, "absent: No such file or directory");
}

TEST(CommandLine, RefusesPlacesInsideEachOther) {
  const TempDir dir;
  const std::string inner = make_dir(dir / "inner");
  expect_complaint({"mount", dir.path(), inner}, "lies inside");
  expect_complaint({"mount", inner, dir.path()}, "lies inside");
}

TEST(CommandLine, RefusesValuesThatCannotBe) {
  const TempDir dir;
  expect_complaint({"mount", dir.path(), "--transport", "pigeon"}, "--transport");
  expect_complaint({"mount", dir.path(), "--passthrough", "perhaps"}, "--passthrough");
  expect_complaint({"mount", dir.path(), "--deadline", "30"}, "--deadline");
  expect_complaint({"mount", dir.path(), "--deadline", "0s"}, "--deadline");
  expect_complaint({"mount", dir.path(), "--max-size", "lots"}, "--max-size");
  expect_complaint({"mount", dir.path(), "--max-size", "4GiB"}, "size");
  expect_complaint({"mount", dir.path(), "--on-unscanned", "encrypted"}, "REASON=allow");
  expect_complaint({"mount", dir.path(), "--on-unscanned", "encripted=deny"}, "no reason 'encripted'");
  expect_complaint({"mount", dir.path(), "--rules", dir / "absent"}, "--rules: ");
  expect_complaint({"mount", dir.path(), "--clamav-db", dir / "absent"}, "--clamav-db: ");
  expect_complaint({"mount", dir.path(), "--scan-processes", "-1"}, "--scan-processes");
}

TEST(CommandLine, NamesTheLineOfARuleThatDoesNotCompile) {
  const TempDir dir;
  write_file(make_dir(dir / "rules") + "/broken.yar",
             "rule fine { condition: false }\nrule broken { condition: nonsense }\n");
  const Outcome outcome = ward({"scan", dir.path(), "--rules", dir / "rules", "--clamav-db", ""});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(lines_of(outcome.output), 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("broken.yar"));
  EXPECT_THAT(outcome.output, ::testing::ContainsRegex("[:( ]2[^0-9]")) << "the line";
}

TEST(CommandLine, RefusesToGuardWithoutAnEngine) {
  WARD_SKIP_WITHOUT_MOUNTS();
  const TempDir dir;
  const std::string guarded = make_dir(dir / "guarded");
  expect_complaint({"mount", guarded, "--no-builtin-rules", "--clamav-db", ""}, "no engine");
  expect_complaint({"mount", guarded, "--no-builtin-rules", "--clamav-db", make_dir(dir / "empty")}, "no engine");
  EXPECT_EQ(mount_at(guarded), std::nullopt);
}

TEST(CommandLine, NeedsRootToGuard) {
  if (const std::string why = why_no_mounts(); !why.empty()) GTEST_SKIP() << why;
  const TempDir dir;
  ProcessOptions as_alice;
  as_alice.who = &alice();
  const Outcome outcome = run({ward_program(), "mount", dir.path()}, as_alice);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(lines_of(outcome.output), 1) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("needs root"));
}

}  // namespace
}  // namespace ward::test
