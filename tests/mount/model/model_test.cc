// SPDX-License-Identifier: GPL-2.0-or-later
// Random operations on a guarded directory and on the bare filesystem must tell the same story.
//   WARD_MODEL_SEED=N    starts at this seed (a failure prints its own)
//   WARD_MODEL_SCRIPT=F  runs one script from a file
//   WARD_MODEL_SECONDS=N how long; 7 for each user by default, 300 with WARD_LONG=1
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tests/mount/model/checker.h"
#include "tests/mount/model/side.h"
#include "tests/support/filesystem.h"
#include "tests/support/ward_mount.h"

namespace ward::test::model {
namespace {

constexpr std::size_t kLength = 600;
constexpr std::chrono::minutes kMargin{10};

const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

std::chrono::seconds duration() {
  if (const char* seconds = setting("WARD_MODEL_SECONDS")) return std::chrono::seconds(std::atol(seconds));
  return std::chrono::seconds(setting("WARD_LONG") != nullptr ? 300 : 7);
}

std::uint64_t first_seed() {
  if (const char* seed = setting("WARD_MODEL_SEED")) return std::strtoull(seed, nullptr, 10);
  return std::random_device{}();
}

/// Tries seed after seed until time is up; the story of the first failure, or an empty string.
std::string search(const Comparison& comparison, std::chrono::seconds limit, long& steps) {
  const auto until = std::chrono::steady_clock::now() + limit;
  std::uint64_t seed = first_seed();
  do {
    const Script script = random_script(seed, kLength);
    if (comparison(script)) {
      const Script shortest = shrink(script, comparison);
      const auto difference = comparison(shortest);
      return "seed " + std::to_string(seed) + " differs; the shortest script:\n" + to_text(shortest) +
             (difference ? difference->what : "(it does not differ every time)");
    }
    steps += static_cast<long>(script.size());
    ++seed;
  } while (std::chrono::steady_clock::now() < until);
  return {};
}

class Model : public testing::Test {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    filesystem_ = std::make_unique<Filesystem>(FilesystemKind::ext4);
    WardOptions options;
    options.source = make_dir(*filesystem_ / "guarded", 0777);
    bare_ = make_dir(*filesystem_ / "bare", 0777);
    mount_ = std::make_unique<WardMount>(options);
  }

  void explore(const Identity& who) {
    const std::string story = run_as(
        who,
        [&] {
          const Comparison comparison = [&](const Script& script) { return compare(script, bare_, mount_->path()); };
          if (const char* file = setting("WARD_MODEL_SCRIPT")) {
            const auto difference = comparison(from_text(read_file(file)));
            return difference ? difference->what : std::string();
          }
          long steps = 0;
          std::string found = search(comparison, duration(), steps);
          std::printf("%s: %ld random operations agree with the bare filesystem\n", who.name.c_str(), steps);
          std::fflush(stdout);
          return found;
        },
        duration() + kMargin);
    EXPECT_EQ(story, "") << "first is the bare filesystem, second the guarded directory\n" << mount_->log();
    EXPECT_EQ(mount_->stop(), 0);
  }

  std::unique_ptr<Filesystem> filesystem_;
  std::string bare_;
  std::unique_ptr<WardMount> mount_;
};

TEST_F(Model, RootAgrees) { explore(root()); }
TEST_F(Model, AnOrdinaryUserAgrees) { explore(alice()); }

/// A comparison with a fault: a truncate that leaves the second side's file as it was is like one that never came.
TEST(ModelItself, FindsAFaultAndMakesItShort) {
  const TempDir one("model");
  const TempDir other("model");
  const Comparison faulty = [&](const Script& script) -> std::optional<Difference> {
    const std::string left = make_dir(one / "run");
    const std::string right = make_dir(other / "run");
    Side first(left);
    Side second(right);
    std::optional<Difference> found;
    for (std::size_t i = 0; i < script.size() && !found; ++i) {
      first.run(script[i]);
      if (operations()[script[i].operation].name != "truncate") second.run(script[i]);
      if (first.describe_tree() != second.describe_tree()) found = Difference{i, "trees"};
    }
    remove_tree(left);
    remove_tree(right);
    return found;
  };
  const Script script = random_script(7, kLength);
  ASSERT_TRUE(faulty(script));
  const Script shortest = shrink(script, faulty);
  EXPECT_LE(shortest.size(), 4U) << to_text(shortest);
  EXPECT_EQ(operations()[shortest.back().operation].name, "truncate");
}

TEST(ModelItself, ScriptsSurviveBeingWrittenDown) {
  const Script script = random_script(3, 200);
  EXPECT_EQ(to_text(from_text(to_text(script))), to_text(script));
  EXPECT_EQ(to_text(random_script(3, 200)), to_text(script));
  EXPECT_NE(to_text(random_script(4, 200)), to_text(script));
  EXPECT_THROW(from_text("fly 1 2 3 4"), std::runtime_error);
}

}  // namespace
}  // namespace ward::test::model
