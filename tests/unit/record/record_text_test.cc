// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/record/record_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ward {
namespace {

AccessRecord denied() {
  AccessRecord record;
  record.time = WallTime{std::chrono::nanoseconds{1'700'000'000'000'000'005}};
  record.path = "/a/b";
  record.id = FileId::from_inode(1, 2, 3);
  record.inode = 3;
  record.pid = 7;
  record.program = "/usr/bin/cat";
  record.uid = 1000;
  record.access = Access::execute;
  record.verdict = Verdict::infected({"yara", "EICAR"});
  record.type = "text/plain";
  record.held = std::chrono::microseconds{1234};
  return record;
}

TEST(RecordJson, TellsEverythingOnOneLine) {
  const std::string line = to_json(denied());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const nlohmann::json json = nlohmann::json::parse(line);
  EXPECT_EQ(json["time"], "2023-11-14T22:13:20.000000005Z");
  EXPECT_EQ(json["path"], "/a/b");
  EXPECT_EQ(json["inode"], 3);
  EXPECT_EQ(json["id"].get<std::string>().size(), 16U);
  EXPECT_EQ(json["pid"], 7);
  EXPECT_EQ(json["program"], "/usr/bin/cat");
  EXPECT_EQ(json["uid"], 1000);
  EXPECT_EQ(json["access"], "execute");
  EXPECT_EQ(json["verdict"], "infected");
  EXPECT_EQ(json["engine"], "yara");
  EXPECT_EQ(json["signature"], "EICAR");
  EXPECT_EQ(json["type"], "text/plain");
  EXPECT_EQ(json["decision"], "deny");
  EXPECT_EQ(json["held_us"], 1234);
  EXPECT_FALSE(json.contains("reason"));
  EXPECT_FALSE(json.contains("path_hex"));
}

TEST(RecordJson, UnscannedHasItsReasonAndDetail) {
  AccessRecord record = denied();
  record.verdict = Verdict::unscanned(UnscannedReason::engine_error, "scratch full");
  record.decision = Decision::allow;
  const nlohmann::json json = nlohmann::json::parse(to_json(record));
  EXPECT_EQ(json["verdict"], "unscanned");
  EXPECT_EQ(json["reason"], "engine-error");
  EXPECT_EQ(json["detail"], "scratch full");
  EXPECT_EQ(json["decision"], "allow");
  EXPECT_FALSE(json.contains("engine"));
}

TEST(RecordJson, HostileNamesStayOneLineAndCanBeHadBack) {
  AccessRecord record = denied();
  record.path = "/a\n{\"forged\": 1}\x1b[2J";
  EXPECT_EQ(to_json(record).find('\n'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(to_json(record))["path"], record.path);
  record.path = "/a\xff\xfe";
  const nlohmann::json json = nlohmann::json::parse(to_json(record));
  EXPECT_EQ(json["path_hex"], "2f61fffe");
  EXPECT_NE(json["path"], record.path);
}

TEST(RecordLine, SaysWhoWasRefusedWhat) {
  EXPECT_EQ(to_line(denied()), "denied execute of /a/b: infected with EICAR (yara); by /usr/bin/cat, pid 7, uid 1000");
  AccessRecord closed = denied();
  closed.access = Access::closed_after_write;
  closed.program.clear();
  EXPECT_EQ(to_line(closed), "found on close of /a/b: infected with EICAR (yara); by pid 7, uid 1000");
}

}  // namespace
}  // namespace ward
