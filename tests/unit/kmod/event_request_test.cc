// SPDX-License-Identifier: GPL-2.0-or-later
#include "kmod/reader/event_request.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ward::kmod {
namespace {

class CountingGate : public Gate {
 public:
  std::optional<Answer> known(const FileId&, const FileVersion&, Access) const noexcept override { return {}; }
  void admit(AccessRequest, std::unique_ptr<Reply>) override {}
  void refuse(AccessRequest, std::unique_ptr<Reply>) override {}
  void closed(AccessRequest) override {}
  [[nodiscard]] std::uint64_t write_count(const FileId&) const noexcept override { return 7; }
  void wrote(const FileId&) noexcept override {}
};

class EventRequest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "event_request.XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = std::filesystem::canonical(name).string();
    std::ofstream(file()) << "contents";
    auto places = WatchedPlaces::create({directory_});
    ASSERT_TRUE(places) << places.error().message;
    places_ = std::make_shared<const WatchedPlaces>(std::move(*places));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string file() const { return directory_ + "/file"; }
  static UniqueFd open(const std::string& path) { return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }
  std::optional<AccessRequest> request(std::uint32_t kind, UniqueFd fd) {
    ward_event event{};
    event.kind = kind;
    event.pid = 42;
    event.uid = 1000;
    return make_request(event, std::move(fd), gate_, places_);
  }

  std::string directory_;
  CountingGate gate_;
  std::shared_ptr<const WatchedPlaces> places_;
};

TEST_F(EventRequest, SaysWhoWantsWhat) {
  const auto made = request(WARD_EVENT_EXEC, open(file()));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->access, Access::execute);
  EXPECT_EQ(made->pid, 42);
  EXPECT_EQ(made->uid, 1000U);
  EXPECT_EQ(made->owner, ::getuid());
  EXPECT_EQ(made->path(), file());
  EXPECT_EQ(made->version.size, 8);
  EXPECT_EQ(made->version.writes, 7U);
  EXPECT_TRUE(made->fd);
}

TEST_F(EventRequest, NamesAFileTheSameForEveryKind) {
  EXPECT_EQ(request(WARD_EVENT_OPEN, open(file()))->id, request(WARD_EVENT_CLOSE, open(file()))->id);
}

TEST_F(EventRequest, RefusesWhatIsNoRegularFile) {
  EXPECT_FALSE(request(WARD_EVENT_OPEN, open(directory_)));
  EXPECT_FALSE(request(WARD_EVENT_OPEN, open("/dev/null")));
  EXPECT_FALSE(request(WARD_EVENT_OPEN, UniqueFd()));
}

TEST_F(EventRequest, RefusesKindsThatAreNoAccess) {
  EXPECT_FALSE(request(WARD_EVENT_OVERFLOW, open(file())));
  EXPECT_FALSE(request(0xffffffff, open(file())));
}

TEST_F(EventRequest, FindsAClosedFileAgainAfterItWasRenamed) {
  auto made = request(WARD_EVENT_CLOSE, open(file()));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->fd.valid(), !made->reopen) << "a waiting close keeps its filesystem busy only where it must";
  std::filesystem::rename(file(), directory_ + "/renamed");
  const Result<UniqueFd> again = made->reopen ? made->reopen() : std::move(made->fd);
  ASSERT_TRUE(again) << again.error().message;
  struct stat status {};
  ASSERT_EQ(::fstat(again->get(), &status), 0);
  EXPECT_EQ(status.st_size, 8);
}

TEST_F(EventRequest, DoesNotFindAFileThatIsGone) {
  const auto made = request(WARD_EVENT_CLOSE, open(file()));
  ASSERT_TRUE(made);
  std::filesystem::remove(file());
  EXPECT_FALSE(made->reopen && made->reopen());
}

TEST_F(EventRequest, TwoPlacesOnOneFilesystemAreRefused) {
  std::filesystem::create_directory(directory_ + "/below");
  const auto places = WatchedPlaces::create({directory_, directory_ + "/below"});
  ASSERT_FALSE(places);
  EXPECT_THAT(places.error().message, testing::HasSubstr("one filesystem"));
}

}  // namespace
}  // namespace ward::kmod
