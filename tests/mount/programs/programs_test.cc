// SPDX-License-Identifier: GPL-2.0-or-later
// Real programs at work in a guarded directory and on the bare filesystem: the same outcome, the same files.
//
// Each program has a script beside this file (common.sh tells what a script may use). It runs first in a bare
// directory, where it must succeed, and then in a guarded one of the same filesystem, where it must tell the same.
// With WARD_LONG=1 the scripts that can do more do more.
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "tests/support/filesystem.h"
#include "tests/support/long_run.h"
#include "tests/support/ward_mount.h"

namespace ward::test {
namespace {

/// The user that comes with the database's package: its server refuses to run as root, and as a user without a name.
Identity postgres() {
  const passwd* entry = ::getpwnam("postgres");
  if (entry == nullptr) throw std::runtime_error("no user postgres: run packaging/deps/install long");
  return {"postgres", entry->pw_uid, entry->pw_gid, {}};
}

struct Program {
  const char* name;
  Identity (*user)();
};

Identity superuser() { return root(); }
Identity ordinary() { return alice(); }

constexpr Program kPrograms[] = {
    {"archives", superuser}, {"build", ordinary},      {"coreutils", ordinary}, {"dpkg", superuser},
    {"fio", superuser},      {"git", ordinary},        {"rsync", superuser},    {"sqlite", ordinary},
    {"stress", superuser},   {"postgresql", postgres},
};

constexpr std::size_t kShown = 10000;  ///< of what tells why a test failed

/// A directory of one side: where the program works, and beside it one that is never guarded.
struct Place {
  std::string work;
  std::string outside;
};

class Programs : public testing::Test {
 public:
  explicit Programs(const Program& program) : program_(program) {}

  void TestBody() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    const Identity who = program_.user();
    Filesystem filesystem(FilesystemKind::ext4, {}, long_run() ? 12288 : 2048);
    WardOptions options;
    options.source = make_dir(filesystem / "guarded");
    options.clamav_db = WARD_TEST_DATABASE;
    // What takes long to scan, or changes during every scan as a busy database does, is for the policy to decide; here
    // it must not stand in the way.
    options.arguments = {"--max-size",     "64MiB",          "--on-unscanned",
                         "oversize=allow", "--on-unscanned", "changed-while-scanned=allow"};
    WardMount mount(options);
    const Place bare = place(filesystem, make_dir(filesystem / "bare"), "bare", who);
    const Place guarded = place(filesystem, mount.path(), "guarded", who);

    const Outcome expected = timed("bare", who, bare);
    ASSERT_EQ(expected.exit_code, 0) << "the script fails on the bare filesystem:\n" << expected.output;
    const Outcome seen = timed("guarded", who, guarded);
    EXPECT_EQ(seen.exit_code, 0) << "the script fails in the guarded directory only:\n" << seen.output;
    compare(bare, guarded);
    if (HasFailure()) show(mount);
    EXPECT_EQ(mount.stop(), 0) << mount.log();
  }

 private:
  static std::string owned(const std::string& directory, const Identity& who) {
    make_dir(directory);
    if (::chown(directory.c_str(), who.uid, who.gid) != 0) throw std::runtime_error("cannot chown " + directory);
    return directory;
  }

  static Place place(const Filesystem& filesystem, const std::string& parent, const char* side, const Identity& who) {
    return {owned(parent + "/work", who), owned(filesystem / (std::string("outside-") + side), who)};
  }

  /// The script as one argument: the user it runs as need not be able to read the sources.
  [[nodiscard]] Outcome timed(const char* side, const Identity& who, const Place& place) const {
    const std::string scripts = WARD_PROGRAM_SCRIPTS;
    const std::string text = read_file(scripts + "/common.sh") + read_file(scripts + "/" + program_.name + ".sh");
    ProcessOptions options;
    options.directory = place.work;
    options.environment = {"OUTSIDE=" + place.outside, "HOME=" + place.outside};
    options.who = &who;
    const auto start = std::chrono::steady_clock::now();
    Outcome outcome = run({"bash", "-c", text, program_.name}, options, std::chrono::minutes(long_run() ? 60 : 10));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    std::printf("%s: %.1f s\n", side, taken.count());
    return outcome;
  }

  static void compare(const Place& bare, const Place& guarded) {
    const std::string said = read_file(bare.outside + "/said");
    EXPECT_FALSE(said.empty()) << "the script compares nothing";
    const Outcome difference = run({"diff", "-U1", bare.outside + "/said", guarded.outside + "/said"});
    EXPECT_EQ(difference.exit_code, 0) << "- bare, + guarded\n" << difference.output.substr(0, kShown);
    std::printf("compared %ld lines\n", static_cast<long>(std::count(said.begin(), said.end(), '\n')));
  }

  static void show(const WardMount& mount) {
    std::printf("%s\n", mount.log().substr(0, kShown).c_str());
    for (const RecordEntry& entry : mount.records()) std::printf("recorded: %s\n", entry.line.c_str());
  }

  const Program& program_;
};

}  // namespace
}  // namespace ward::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (const ward::test::Program& program : ward::test::kPrograms) {
    testing::RegisterTest("Programs", program.name, nullptr, nullptr, __FILE__, __LINE__,
                          [&program]() -> ward::test::Programs* { return new ward::test::Programs(program); });
  }
  return RUN_ALL_TESTS();
}
