// SPDX-License-Identifier: GPL-2.0-or-later
// `ward config check` as an administrator uses it, and the program that does its reading.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "scanner/pool/scan_program.h"
#include "scanner/wire/frame_socket.h"
#include "tests/support/temp_dir.h"
#include "tests/system/ward_command.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ConfigCheck : public ::testing::Test {
 protected:
  Outcome check(const std::string& text) {
    write_file(file_, text);
    return ward({"config", "check", "--config", file_});
  }
  void expect_refused(const std::string& text, const std::string& complaint) {
    const Outcome outcome = check(text);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.output, "ward config check: " + complaint + "\n");
  }
  TempDir dir_;
  std::string file_ = dir_ / "ward.toml";
};

TEST_F(ConfigCheck, PrintsWhatItComesToAndWhereItIsFrom) {
  const std::string place = make_dir(dir_ / "place");
  const Outcome outcome =
      check("[scanner]\nclamav-db = \"\"\nisolation = \"file\"\n[[directory]]\npath = \"" + place + "/\"\n");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("isolation = \"file\""));
  EXPECT_THAT(outcome.output, HasSubstr("# " + file_ + ":3\n"));
  EXPECT_THAT(outcome.output, HasSubstr("deadline = \"30s\" "));
  EXPECT_THAT(outcome.output, HasSubstr("[[directory]]  # " + file_ + ":4\npath = \"" + place + "\"\n"));
  // What it prints is a configuration that says the same.
  const Outcome again = check(outcome.output);
  EXPECT_EQ(again.exit_code, 0) << again.output;
}

TEST_F(ConfigCheck, SaysFileLineKeyAndReasonInOneLine) {
  expect_refused("[scanner]\nisolatoin = 'file'", file_ + ":2: unknown key scanner.isolatoin; did you mean isolation?");
  expect_refused("[scanner]\nclamav-db=''\n[limits]\nqueue = 3",
                 file_ + ":4: limits.queue: at least 16 and at most 1048576");
  expect_refused("[scanner]\nrules = ['/nonexistent']",
                 file_ + ":2: scanner.rules: /nonexistent: No such file or directory");
  expect_refused("[scanner]\nclamav-db=''\n[control]\ngroup = 'no-such-group'",
                 file_ + ":4: control.group: there is no group of this name");
  expect_refused("[scanner]\nclamav-db=''\n[[directory]]\npath = '/nonexistent'",
                 file_ + ":3: directory.path: /nonexistent: No such file or directory");
}

TEST_F(ConfigCheck, RefusesPlacesThatAreInEachOthersWay) {
  const std::string place = make_dir(dir_ / "place");
  make_dir(place + "/inner");
  const std::string head =
      "[scanner]\nclamav-db=''\n[[directory]]\npath='" + place + "'\n[[directory]]\npath='" + place;
  expect_refused(head + "/'", file_ + ":5: directory.path: " + place + " is guarded by " + file_ + ":3");
  expect_refused(head + "/inner'",
                 file_ + ":5: directory.path: " + place + "/inner lies inside what is guarded by " + file_ + ":3");
}

TEST_F(ConfigCheck, RefusesItsOwnFilesUnderTheGuard) {
  const Outcome outcome = check("[scanner]\nclamav-db=''\n[[directory]]\npath='" + dir_.path() + "'");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr(":3: a configuration file"));
}

TEST_F(ConfigCheck, RefusesFilesThatOthersCanWrite) {
  write_file(file_, "");
  ::chmod(file_.c_str(), 0666);
  const Outcome outcome = ward({"config", "check", "--config", file_});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr("others can write it"));
}

std::string status_of(pid_t pid) { return read_file("/proc/" + std::to_string(pid) + "/status"); }

TEST(ConfigProgram, HasNoRightsWhenItReads) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: run the tests with sudo";
  const std::string own = ward_program();
  const std::string program = own.substr(0, own.rfind('/')) + "/ward-config";
  auto ends = FrameSocket::pair();
  ASSERT_TRUE(ends);
  const auto pid = execute_zygote(program, {"ward-config", "64940"}, ends->second.fd(), -1);
  ASSERT_TRUE(pid);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (status_of(*pid).find("Seccomp:\t2") == std::string::npos && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const std::string status = status_of(*pid);
  EXPECT_THAT(status, HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(status, HasSubstr("Uid:\t64940\t64940\t64940\t64940"));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    EXPECT_THAT(status, HasSubstr(std::string(set) + ":\t0000000000000000"));
  }
  std::array<char, 200> root{};
  ASSERT_GT(::readlink(("/proc/" + std::to_string(*pid) + "/root").c_str(), root.data(), root.size() - 1), 0);
  EXPECT_THAT(root.data(), StartsWith("/proc/"));
  ::kill(*pid, SIGKILL);
  ::waitpid(*pid, nullptr, 0);
}

}  // namespace
}  // namespace ward::test
