// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/ward/printable.h"
#include "apps/ward/progress_bar.h"
#include "apps/ward/scan_printer.h"

namespace ward {
namespace {

Answer answer(Verdict verdict) {
  Answer made;
  made.verdict = std::move(verdict);
  return made;
}

TEST(Printable, LetsNoNameSteerTheTerminal) {
  EXPECT_EQ(printable("plain name"), "plain name");
  EXPECT_EQ(printable("a\nb\x1b[2J"), "a\\012b\\033[2J");
  EXPECT_EQ(printable("back\\slash\x7f"), "back\\134slash\\177");
}

TEST(ScanPrinter, TellsPeopleWhatIsNotClean) {
  std::ostringstream out;
  const auto printer = make_text_printer(out);
  printer->answer("/a/clean", answer(Verdict::clean()));
  printer->answer("/a/bad\n", answer(Verdict::infected({"yara", "Rule"})));
  printer->answer("/a/locked", answer(Verdict::unscanned(UnscannedReason::encrypted, "a zip")));
  printer->error("/a/gone", ENOENT);
  printer->finish(1.25);
  EXPECT_EQ(out.str(),
            "/a/bad\\012: infected: Rule (yara)\n"
            "/a/locked: not scanned: encrypted (a zip)\n"
            "/a/gone: cannot be opened: No such file or directory\n"
            "3 files: 1 clean, 1 infected, 1 not scanned, and 1 could not be opened (1.2 s)\n");
}

TEST(ScanPrinter, WritesAnObjectALine) {
  std::ostringstream out;
  const auto printer = make_json_printer(out);
  printer->answer("/a/\xff", answer(Verdict::infected({"clamav", "Sig"})));
  printer->finish(1);
  std::istringstream lines(out.str());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto file = nlohmann::json::parse(line);
  EXPECT_EQ(file["verdict"], "infected");
  EXPECT_EQ(file["engine"], "clamav");
  EXPECT_EQ(file["signature"], "Sig");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line)["summary"]["infected"], 1);
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(ScanTotals, TellTheCaller) {
  ScanTotals totals;
  EXPECT_EQ(totals.exit_code(), 0);
  totals.clean = 3;
  EXPECT_EQ(totals.exit_code(), 0);
  totals.unscanned = 1;
  EXPECT_EQ(totals.exit_code(), 2);
  totals.infected = 1;
  EXPECT_EQ(totals.exit_code(), 1);
  EXPECT_EQ((ScanTotals{.errors = 1}.exit_code()), 2);
}

TEST(ProgressLine, FitsTheTerminal) {
  EXPECT_EQ(progress_line(12, 24, "name", 80), "[##########          ] 50 %  12 of 24  name");
  EXPECT_EQ(progress_line(0, 0, "", 80), "[                    ] 0 %  0 of 1  ");
  EXPECT_EQ(progress_line(30, 24, "n", 80), "[####################] 100 %  30 of 30  n");
  EXPECT_EQ(progress_line(12, 24, std::string(500, 'x'), 60).size(), 60U);
}

}  // namespace
}  // namespace ward
