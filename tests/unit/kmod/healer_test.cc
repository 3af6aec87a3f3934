// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/healer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

namespace ward::kmod {
namespace {

/// Knows one file, and remembers what it was told was closed.
class RecordingGate : public Gate {
 public:
  std::optional<Answer> known(const FileId&, const FileVersion& version, Access) const noexcept override {
    return version.size == known_size ? std::optional<Answer>(Answer{}) : std::nullopt;
  }
  void admit(AccessRequest, std::unique_ptr<Reply>) override {}
  void refuse(AccessRequest, std::unique_ptr<Reply>) override {}
  void closed(AccessRequest request) override { sizes.push_back(request.version.size); }
  [[nodiscard]] std::uint64_t write_count(const FileId&) const noexcept override { return 0; }
  void wrote(const FileId&) noexcept override {}

  std::int64_t known_size = -1;
  std::vector<std::int64_t> sizes;
};

class HealerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "healer.XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    std::ofstream(directory_ + "/short") << "1";
    std::ofstream(directory_ + "/long") << "12345";
    auto places = WatchedPlaces::create({directory_});
    ASSERT_TRUE(places) << places.error().message;
    places_ = std::make_shared<const WatchedPlaces>(std::move(*places));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  /// One request, served to its end: the walk gets everywhere when it was begun for the `times`th time.
  void heal(int times = 1) {
    std::promise<void> walked;
    auto served = walked.get_future();
    const Walk walk = [&, begun = 0](const std::string& place, const std::function<void(UniqueFd)>& file) mutable {
      if (++begun < times) return false;
      for (const char* name : {"/short", "/long"}) file(UniqueFd(::open((place + name).c_str(), O_RDONLY | O_CLOEXEC)));
      if (begun == times) walked.set_value();
      return true;
    };
    Healer healer(places_, walk, gate_, log_, std::chrono::milliseconds(1));
    healer.request();
    served.wait();
  }

  std::string directory_;
  RecordingGate gate_;
  SilentLog log_;
  std::shared_ptr<const WatchedPlaces> places_;
};

TEST_F(HealerTest, HasWhatChangedScanned) {
  heal();
  EXPECT_EQ(gate_.sizes, (std::vector<std::int64_t>{1, 5}));
}

TEST_F(HealerTest, LooksAgainAfterAWalkThatGotNotEverywhere) {
  heal(3);
  EXPECT_EQ(gate_.sizes, (std::vector<std::int64_t>{1, 5}));
}

TEST_F(HealerTest, LeavesKnownVersionsAlone) {
  gate_.known_size = 5;
  heal();
  EXPECT_EQ(gate_.sizes, (std::vector<std::int64_t>{1}));
}

}  // namespace
}  // namespace ward::kmod
