// SPDX-License-Identifier: GPL-2.0-or-later
// Runs every case on the bare filesystem and on a guarded directory of the same filesystem, and compares the traces.
#include "tests/mount/conformance/conformance.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "tests/support/filesystem.h"
#include "tests/support/long_run.h"
#include "tests/support/ward_mount.h"

namespace ward::test {
namespace {

// Directories of 100,000 entries take their time, and a file each.
std::chrono::seconds case_limit() { return std::chrono::seconds(long_run() ? 900 : 60); }
unsigned megabytes() { return long_run() ? 10240 : 512; }

const std::vector<Theme> kThemes{
    {"Access", access_cases},        {"Acls", acl_cases},         {"Allocation", allocation_cases},
    {"Attributes", attribute_cases}, {"Data", data_cases},        {"Directories", directory_cases},
    {"Links", link_cases},           {"Locks", lock_cases},       {"Mappings", mapping_cases},
    {"Names", name_cases},           {"Opens", open_cases},       {"Ownership", ownership_cases},
    {"Renames", rename_cases},       {"Special", special_cases},  {"Suid", suid_cases},
    {"Times", time_cases},           {"Tmpfiles", tmpfile_cases}, {"Unlinked", unlinked_cases},
    {"Xattrs", xattr_cases},
};

/// On a filesystem that can be filled.
const Theme kReserve{"Reserve", reserve_cases};

/// A filesystem with two directories: one bare, one guarded. ext4 is guarded in place, tmpfs at another mountpoint, so
/// that both ways of mounting are covered.
class Pair {
 public:
  explicit Pair(FilesystemKind kind) : filesystem_(kind, {}, megabytes()) {
    bare_ = make_dir(filesystem_ / "bare");
    WardOptions options;
    options.source = make_dir(filesystem_ / "guarded");
    if (kind == FilesystemKind::tmpfs) options.mountpoint = make_dir(elsewhere_ / "mountpoint");
    mount_ = std::make_unique<WardMount>(options);
  }
  [[nodiscard]] const std::string& bare() const { return bare_; }
  [[nodiscard]] const std::string& guarded() const { return mount_->path(); }
  WardMount& mount() { return *mount_; }

 private:
  Filesystem filesystem_;
  TempDir elsewhere_;
  std::string bare_;
  std::unique_ptr<WardMount> mount_;
};

/// The pairs in use, made on first use and unmounted after the last test.
class Pairs : public testing::Environment {
 public:
  Pair& of(FilesystemKind kind) {
    std::unique_ptr<Pair>& pair = pairs_[kind];
    if (!pair) pair = std::make_unique<Pair>(kind);
    return *pair;
  }
  void compared(const std::string& trace) {
    ++cases_;
    results_ += std::count(trace.begin(), trace.end(), '\n');
  }
  void TearDown() override {
    for (auto& [kind, pair] : pairs_) {
      EXPECT_EQ(pair->mount().stop(), 0) << "unmounting " << to_string(kind) << ":\n" << pair->mount().log();
    }
    pairs_.clear();
    std::printf("compared %ld results of %ld cases with the bare filesystem\n", results_, cases_);
  }

 private:
  std::map<FilesystemKind, std::unique_ptr<Pair>> pairs_;
  long cases_ = 0;
  long results_ = 0;
};

/// The case's own directory below `parent`, belonging to who runs it.
std::string prepare(const std::string& parent, const std::string& name, const Identity& who) {
  const std::string directory = parent + "/" + name;
  return run_as(root(), [&] {
    make_dir(directory, 0755);
    if (::chown(directory.c_str(), who.uid, who.gid) != 0) throw std::runtime_error("cannot chown " + directory);
    return directory;
  });
}

std::string trace_of(const std::string& name, const Case& tested, const std::string& parent, const Identity& who) {
  const std::string directory = prepare(parent, name, who);
  return run_as(
      who,
      [&] {
        Scene scene(directory, who);
        tested.steps(scene);
        return scene.trace();
      },
      case_limit());
}

class ConformanceTest : public testing::Test {
 public:
  ConformanceTest(Pairs& pairs, const Case& tested, FilesystemKind kind, const Identity& who)
      : pairs_(pairs), case_(tested), kind_(kind), who_(who) {}

  void TestBody() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    Pair& pair = pairs_.of(kind_);
    const auto* self = testing::UnitTest::GetInstance()->current_test_info();
    const std::string name = std::string(self->test_suite_name()) + "-" + self->name();
    const std::string bare = trace_of(name, case_, pair.bare(), who_);
    ASSERT_FALSE(Scene::broken(bare)) << "the case tests nothing: it fails on the bare filesystem:\n" << bare;
    EXPECT_EQ(bare, trace_of(name, case_, pair.guarded(), who_))
        << "first the bare filesystem, then the guarded directory";
    pairs_.compared(bare);
  }

 private:
  Pairs& pairs_;
  const Case& case_;
  FilesystemKind kind_;
  const Identity& who_;
};

void add_test(const Theme& theme, const Case& tested, Pairs& pairs, FilesystemKind kind, const Identity& who) {
  const std::string name = std::string(tested.name) + "_" + who.name + "_" + to_string(kind);
  testing::RegisterTest(
      theme.name, name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
      [&pairs, &tested, kind, &who]() -> ConformanceTest* { return new ConformanceTest(pairs, tested, kind, who); });
}

void add_tests(const Theme& theme, const Case& tested, Pairs& pairs, FilesystemKind kind) {
  add_test(theme, tested, pairs, kind, root());
  if (tested.who != Who::everyone) return;
  add_test(theme, tested, pairs, kind, alice());
  add_test(theme, tested, pairs, kind, bob());
}

void add_all_tests(Pairs& pairs) {
  for (const FilesystemKind kind : {FilesystemKind::ext4, FilesystemKind::tmpfs}) {
    for (const Theme& theme : kThemes) {
      for (const Case& tested : theme.cases()) add_tests(theme, tested, pairs, kind);
    }
  }
  for (const Case& tested : kReserve.cases()) add_tests(kReserve, tested, pairs, FilesystemKind::small_ext4);
}

}  // namespace
}  // namespace ward::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  auto* pairs = new ward::test::Pairs;
  testing::AddGlobalTestEnvironment(pairs);
  ward::test::add_all_tests(*pairs);
  return RUN_ALL_TESTS();
}
