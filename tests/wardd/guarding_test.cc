// SPDX-License-Identifier: GPL-2.0-or-later
// Several directories under one roof, and changes to them while it stands.
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/wardd/service.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

TEST_F(Service, GuardsSeveralDirectories) {
  WardDaemon daemon(guard({a_, b_}));
  expect_works(a_);
  expect_works(b_);
  EXPECT_FALSE(is_guarded(c_));
  const json status = status_of(daemon);
  ASSERT_EQ(status["directories"].size(), 2U);
  EXPECT_EQ(status["directories"][0]["state"], "guarded");
  EXPECT_EQ(status["engines"][0]["name"], "yara");
  EXPECT_GE(status["gate"]["denied"], 2);
  EXPECT_TRUE(status["not_guarded"].empty()) << status["not_guarded"];
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
  EXPECT_FALSE(is_guarded(a_) || is_guarded(b_));
}

TEST_F(Service, DirectoriesComeAndGoWhileTheOthersStay) {
  WardDaemon daemon(guard({a_, b_}));
  const UniqueFd open_there(::open((a_ + "/clean").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(open_there);
  const unsigned connection = mount_at(a_)->minor;
  daemon.configure(guard({a_, c_}));
  const Outcome reloaded = daemon.reload();
  EXPECT_EQ(reloaded.exit_code, 0);
  EXPECT_EQ(reloaded.output, "directories: 1 stay, 1 new, 1 given up\n");
  EXPECT_EQ(mount_at(a_)->minor, connection) << "mounted anew though it stays";
  std::array<char, 7> read{};
  EXPECT_EQ(::pread(open_there.get(), read.data(), read.size(), 0), 7);
  expect_works(a_);
  expect_works(c_);
  EXPECT_TRUE(eventually([&] { return !is_guarded(b_); }));
  EXPECT_EQ(open_error(b_ + "/eicar"), 0);
}

TEST_F(Service, WhatIsInUseLeavesWhenItIsNot) {
  WardDaemon daemon(guard({a_, b_}));
  UniqueFd held(::open((b_ + "/clean").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(held);
  daemon.configure(guard({a_}));
  EXPECT_EQ(daemon.reload().exit_code, 0);
  EXPECT_TRUE(eventually([&] {
    const json status = status_of(daemon);
    return status["directories"].size() == 2 && status["directories"][1]["state"] == "leaving";
  }));
  std::array<char, 7> read{};
  EXPECT_EQ(::pread(held.get(), read.data(), read.size(), 0), 7);
  EXPECT_EQ(open_error(b_ + "/eicar"), EPERM) << "guarded to its end";
  held.reset();
  EXPECT_TRUE(eventually([&] { return !is_guarded(b_); }));
  expect_works(a_);
}

TEST_F(Service, ADirectoryLeavesWhileItsFilesAreBeingScanned) {
  WardDaemon daemon(guard({a_, b_}));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) write_file(b_ + "/file" + std::to_string(i), std::to_string(round) + eicar());
    daemon.configure(guard({a_}));
    EXPECT_EQ(daemon.reload().exit_code, 0);
    EXPECT_TRUE(eventually([&] { return status_of(daemon)["directories"].size() == 1; }));
    daemon.configure(guard({a_, b_}));
    EXPECT_EQ(daemon.reload().exit_code, 0);
    expect_works(a_);
    expect_works(b_);
  }
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
}

TEST_F(Service, AHangupReloadsToo) {
  WardDaemon daemon(guard({a_}));
  daemon.configure(guard({a_, b_}));
  daemon.signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return is_guarded(b_); }));
  expect_works(b_);
}

TEST_F(Service, RefusesABadFileAsAWhole) {
  WardDaemon daemon(guard({a_}));
  daemon.configure("policy.writer-opne = 'deny'\n" + guard({b_}));
  const Outcome unknown = daemon.reload();
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.output, "ward reload: the old configuration stays in force: " + daemon.file() +
                                ":3: unknown key policy.writer-opne; did you mean writer-open?\n");
  daemon.configure(guard({b_, dir_ / "nothing"}));
  EXPECT_EQ(daemon.reload().exit_code, 2);
  EXPECT_THAT(status_of(daemon)["configuration"]["last_refusal"].get<std::string>(), HasSubstr("nothing"));
  EXPECT_FALSE(is_guarded(b_));
  expect_works(a_);
}

TEST_F(Service, ANewDirectoryDoesNotStayWhenTheRulesAreBroken) {
  const std::string rules = make_dir(dir_ / "rules");
  WardDaemon daemon(guard({a_}));
  write_file(rules + "/broken.yar", "rule nonsense {");
  daemon.configure("scanner.rules = ['" + rules + "']\n" + guard({a_, b_}));
  const Outcome refused = daemon.reload();
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.output, HasSubstr("broken.yar"));
  EXPECT_TRUE(eventually([&] { return !is_guarded(b_); }));
  expect_works(a_);
  write_file(rules + "/broken.yar", "rule Says_See { strings: $s = \"nothing to see\" condition: $s }");
  EXPECT_EQ(daemon.reload().exit_code, 0);
  EXPECT_EQ(open_error(a_ + "/clean"), EPERM) << "the new rule is not in force";
  EXPECT_EQ(open_error(b_ + "/clean"), EPERM);
}

TEST_F(Service, PolicyAndEnginesChangeWhileItGuards) {
  write_file(a_ + "/large", std::string(100'000, 'x'));
  WardDaemon daemon("scanner.max-size = '64KiB'\n" + guard({a_}));
  EXPECT_EQ(open_error(a_ + "/large"), EPERM);
  daemon.configure("scanner.max-size = '64KiB'\npolicy.on-unscanned.oversize = 'allow'\n" + guard({a_}));
  EXPECT_EQ(daemon.reload().exit_code, 0);
  EXPECT_EQ(open_error(a_ + "/large"), 0) << "the policy is not in force";
  daemon.configure("scanner.max-size = '64KiB'\n" + guard({a_}));
  EXPECT_EQ(daemon.reload().exit_code, 0);
  EXPECT_EQ(open_error(a_ + "/large"), EPERM) << "the policy is not in force";
  daemon.configure("scanner.max-size = '1MiB'\n" + guard({a_}));
  EXPECT_EQ(daemon.reload().exit_code, 0);
  EXPECT_EQ(open_error(a_ + "/large"), 0) << "the engines' limit is not in force";
}

TEST_F(Service, ChangesOfRulesThatAReloadBroughtAreNoticed) {
  const TempDir rules;
  WardDaemon daemon(guard({a_}));
  daemon.configure("scanner.rules = ['" + rules.path() + "']\n" + guard({a_}));
  EXPECT_EQ(daemon.reload().exit_code, 0);
  EXPECT_EQ(open_error(a_ + "/clean"), 0);
  write_file(rules / "new.yar", R"(rule Harmless { strings: $a = "nothing to see" condition: $a })");
  EXPECT_TRUE(eventually([&] { return open_error(a_ + "/clean") == EPERM; }));
}

TEST_F(Service, SaysWhatOnlyARestartChanges) {
  WardDaemon daemon(guard({a_}));
  daemon.configure("scanner.isolation = 'file'\nlimits.queue = 99\n" + guard({a_}));
  EXPECT_THAT(daemon.reload().output, HasSubstr("only a restart changes scanner.isolation, limits.queue"));
}

TEST_F(Service, ContentsGoThroughTheDaemonWhereTheConfigurationSaysSo) {
  WardDaemon daemon(guard({a_}) + "passthrough = 'no'\n");
  EXPECT_FALSE(status_of(daemon)["directories"][0]["passthrough"].get<bool>());
  expect_works(a_);
  daemon.configure(guard({a_}));
  EXPECT_THAT(daemon.reload().output, HasSubstr("only a restart changes directory.passthrough"));
}

TEST_F(Service, SaysWhatIsNotGuarded) {
  WardDaemon daemon(guard({a_}) + "[[directory]]\npath = '" + c_ + "'\nsource = '" + b_ + "'\n");
  expect_works(c_);
  EXPECT_THAT(status_of(daemon)["not_guarded"].dump(), HasSubstr(b_ + " itself"));
  ASSERT_EQ(::umount2(a_.c_str(), 0), 0);
  EXPECT_TRUE(eventually([&] {
    return status_of(daemon)["not_guarded"].dump().find(a_ + ", though it is configured") != std::string::npos;
  }));
  // The next reload guards it again.
  EXPECT_EQ(daemon.reload().exit_code, 0);
  expect_works(a_);
}

TEST_F(Service, StopsThoughADirectoryIsInUse) {
  WardDaemon daemon(guard({a_, b_}));
  const UniqueFd held(::open((a_ + "/clean").c_str(), O_RDONLY | O_CLOEXEC));
  daemon.signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return !is_guarded(b_); }));
  EXPECT_NE(daemon.stop(), -1);
  EXPECT_FALSE(is_guarded(a_));
}

TEST_F(Service, RefusesToStartWithOneClearLine) {
  const auto refused = [](const std::string& text) {
    const TempDir own;
    write_file(own / "ward.toml", text);
    const Outcome outcome = run({wardd_program(), "--config", own / "ward.toml"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
    return outcome.output;
  };
  EXPECT_THAT(refused("x = 1"), HasSubstr("ward.toml:1: unknown key x"));
  EXPECT_THAT(refused("scanner.clamav-db = '/nonexistent'"), HasSubstr("ward.toml:1: scanner.clamav-db: /nonexistent"));
  const Outcome missing = run({wardd_program(), "--config", "/nonexistent"});
  EXPECT_EQ(missing.output, "wardd: /nonexistent: No such file or directory\n");
}

}  // namespace
}  // namespace ward::test
