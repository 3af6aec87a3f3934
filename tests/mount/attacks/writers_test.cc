// SPDX-License-Identifier: GPL-2.0-or-later
// Whoever can still change a file: earlier descriptors, mappings, changes during the scan, restored times.
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <thread>

#include "tests/mount/attacks/guarded.h"

namespace ward::test {
namespace {

constexpr const char* kSlow = "TAKE_YOUR_TIME";

void overwrite(int fd, const std::string& bytes) {
  ASSERT_EQ(::pwrite(fd, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
}

std::string padding() { return std::string(eicar().size(), 'c'); }

class Writers : public Guarded {
 protected:
  void SetUp() override {
    Guarded::SetUp();
    if (IsSkipped()) return;
    guard();
    write_file(at("f"), padding());
  }
  /// Stores what is infected and what is clean in turn through a mapping whose descriptor is closed.
  void store_and_open() {
    UniqueFd fd;
    ASSERT_EQ(open_error(at("f"), O_RDWR, &fd), 0);
    void* map = ::mmap(nullptr, padding().size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    ASSERT_NE(map, MAP_FAILED);
    fd.reset();
    ASSERT_EQ(open_error(at("f")), 0) << "clean so far";
    for (int i = 0; i < 50; ++i) {
      const std::string bytes = i % 2 == 0 ? eicar() : padding();
      std::memcpy(map, bytes.data(), bytes.size());
      ASSERT_EQ(open_error(at("f")), i % 2 == 0 ? EPERM : 0) << "store " << i;
    }
    std::memcpy(map, eicar().data(), eicar().size());
    ASSERT_EQ(::munmap(map, padding().size()), 0);
    EXPECT_EQ(open_error(at("f")), EPERM) << "after munmap";
  }
};

TEST_F(Writers, EarlierDescriptor) {
  UniqueFd writer;
  ASSERT_EQ(open_error(at("f"), O_RDWR, &writer), 0);
  ASSERT_EQ(open_error(at("f")), 0);
  overwrite(writer.get(), eicar());
  EXPECT_EQ(open_error(at("f")), EPERM) << "while the writer is there";
  writer.reset();
  EXPECT_EQ(open_error(at("f")), EPERM) << "when it has gone";
}

TEST_F(Writers, EarlierDescriptorOfAnotherName) {
  ASSERT_EQ(::link(at("f").c_str(), at("g").c_str()), 0);
  UniqueFd writer;
  ASSERT_EQ(open_error(at("g"), O_WRONLY, &writer), 0);
  ASSERT_EQ(open_error(at("f")), 0);
  overwrite(writer.get(), eicar());
  EXPECT_EQ(open_error(at("f")), EPERM);
}

/// Infected and clean in turn, closed each time: every answer is for what is there now.
TEST_F(Writers, EveryCloseIsSeen) {
  for (int i = 0; i < 200; ++i) {
    UniqueFd writer;
    ASSERT_EQ(open_error(at("f"), O_WRONLY, &writer), 0);
    overwrite(writer.get(), i % 2 == 0 ? eicar() : padding());
    writer.reset();
    ASSERT_EQ(open_error(at("f")), i % 2 == 0 ? EPERM : 0) << "round " << i;
  }
}

TEST_F(Writers, EveryWriteIsSeenWhileOpen) {
  UniqueFd writer;
  ASSERT_EQ(open_error(at("f"), O_WRONLY, &writer), 0);
  for (int i = 0; i < 200; ++i) {
    overwrite(writer.get(), i % 2 == 0 ? eicar() : padding());
    ASSERT_EQ(open_error(at("f")), i % 2 == 0 ? EPERM : 0) << "round " << i;
  }
}

TEST_F(Writers, MappingAfterClose) { store_and_open(); }

/// What is written to such a file always goes through the daemon.
TEST_F(Writers, MappingOfASetuidFileAfterClose) {
  ASSERT_EQ(::chmod(at("f").c_str(), 04755), 0);
  store_and_open();
}

TEST_F(Writers, MappingOfAnotherProcess) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int fd = ::open(at("f").c_str(), O_RDWR);
    void* map = ::mmap(nullptr, 68, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    const std::string bytes = eicar();
    if (map != MAP_FAILED) std::memcpy(map, bytes.data(), bytes.size());
    ::_exit(::write(ends[1], "x", 1) == 1 && ::pause() == 0 ? 1 : 0);
  }
  char ready = 0;
  ASSERT_EQ(::read(ends[0], &ready, 1), 1);
  EXPECT_EQ(open_error(at("f")), EPERM);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ(open_error(at("f")), EPERM);
}

TEST_F(Writers, RestoredTimes) {
  ASSERT_EQ(open_error(at("f")), 0);
  struct stat before {};
  ASSERT_EQ(::stat(at("f").c_str(), &before), 0);
  UniqueFd writer;
  ASSERT_EQ(open_error(at("f"), O_WRONLY, &writer), 0);
  overwrite(writer.get(), eicar());
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::futimens(writer.get(), times), 0);
  writer.reset();
  ASSERT_EQ(::utimensat(AT_FDCWD, at("f").c_str(), times, 0), 0);
  EXPECT_EQ(open_error(at("f")), EPERM);
}

TEST_F(Writers, GrownAndCut) {
  ASSERT_EQ(open_error(at("f")), 0);
  ASSERT_EQ(::truncate(at("f").c_str(), 0), 0);
  UniqueFd appender;
  ASSERT_EQ(open_error(at("f"), O_WRONLY | O_APPEND, &appender), 0);
  const std::string bytes = eicar();
  ASSERT_EQ(::write(appender.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  appender.reset();
  EXPECT_EQ(open_error(at("f")), EPERM);
  ASSERT_EQ(::truncate(at("f").c_str(), 10), 0);
  EXPECT_EQ(open_error(at("f")), 0);
}

TEST_F(Writers, OtherWaysToWrite) {
  write_file(at("half"), eicar().substr(0, 34));
  ASSERT_EQ(open_error(at("half")), 0);
  UniqueFd half;
  ASSERT_EQ(open_error(at("half"), O_RDONLY, &half), 0);
  UniqueFd target;
  ASSERT_EQ(open_error(at("f"), O_WRONLY, &target), 0);
  overwrite(target.get(), padding().substr(0, 34) + eicar().substr(34));
  ASSERT_EQ(open_error(at("f")), 0);
  off_t from = 0;
  off_t to = 0;
  ASSERT_EQ(::copy_file_range(half.get(), &from, target.get(), &to, 34, 0), 34);
  EXPECT_EQ(open_error(at("f")), EPERM) << "made infected by copy_file_range";
  ASSERT_EQ(::fallocate(target.get(), FALLOC_FL_ZERO_RANGE, 0, 34), 0);
  EXPECT_EQ(open_error(at("f")), 0) << "made clean by fallocate";
}

class WritersBehind : public Guarded {
 protected:
  void SetUp() override {
    Guarded::SetUp();
    if (!IsSkipped()) guard({}, true);
  }
};

/// The same, where Ward does not see it happen and the times are put back.
TEST_F(WritersBehind, RestoredTimesInTheSource) {
  write_file(behind("f"), padding());
  ASSERT_EQ(open_error(at("f")), 0);
  struct stat before {};
  ASSERT_EQ(::stat(behind("f").c_str(), &before), 0);
  UniqueFd writer;
  ASSERT_EQ(open_error(behind("f"), O_WRONLY, &writer), 0);
  overwrite(writer.get(), eicar());
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::futimens(writer.get(), times), 0);
  EXPECT_EQ(open_error(at("f")), EPERM) << "while the writer is there";
  writer.reset();
  EXPECT_EQ(open_error(at("f")), EPERM);
}

TEST_F(WritersBehind, MappingInTheSource) {
  write_file(behind("f"), padding());
  UniqueFd fd;
  ASSERT_EQ(open_error(behind("f"), O_RDWR, &fd), 0);
  void* map = ::mmap(nullptr, padding().size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  ASSERT_NE(map, MAP_FAILED);
  fd.reset();
  ASSERT_EQ(open_error(at("f")), 0);
  std::memcpy(map, eicar().data(), eicar().size());
  EXPECT_EQ(open_error(at("f")), EPERM);
  ::munmap(map, padding().size());
}

/// Files whose scan takes about a second, so that something can happen meanwhile.
class DuringTheScan : public Guarded {
 protected:
  void SetUp() override {
    Guarded::SetUp();
    if (IsSkipped()) return;
    add_slow_rule(kSlow, "30000000");
    guard({"--deadline", "60s"});
    write_file(at("f"), kSlow + std::string(100000, 'x'));
  }

  /// Opens "f" in a thread and does `change` while it is held; what open said, and the bytes it gave.
  std::pair<int, std::string> open_while(const std::function<void()>& change) {
    std::atomic<bool> answered{false};
    int error = -1;
    std::string bytes;
    std::thread opener([&] {
      UniqueFd fd;
      error = open_error(at("f"), O_RDONLY, &fd);
      answered = true;
      if (fd) bytes = contents_of(fd.get());
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(answered) << "the scan was over too soon for the test to mean anything";
    change();
    opener.join();
    return {error, bytes};
  }
};

TEST_F(DuringTheScan, Grown) {
  const auto [error, bytes] = open_while([&] {
    UniqueFd writer;
    ASSERT_EQ(open_error(at("f"), O_WRONLY | O_APPEND, &writer), 0);
    const std::string more = marker();
    ASSERT_EQ(::write(writer.get(), more.data(), more.size()), static_cast<ssize_t>(more.size()));
  });
  EXPECT_EQ(error, EPERM);
  EXPECT_EQ(open_error(at("f")), EPERM);
}

TEST_F(DuringTheScan, ChangedInPlace) {
  const auto [error, bytes] = open_while([&] {
    UniqueFd writer;
    ASSERT_EQ(open_error(at("f"), O_WRONLY, &writer), 0);
    overwrite(writer.get(), marker());
  });
  EXPECT_EQ(error, EPERM);
  EXPECT_EQ(open_error(at("f")), EPERM);
}

TEST_F(DuringTheScan, ChangedBehindRestoredTimes) {
  struct stat before {};
  ASSERT_EQ(::stat(at("f").c_str(), &before), 0);
  const auto [error, bytes] = open_while([&] {
    UniqueFd writer;
    ASSERT_EQ(open_error(at("f"), O_WRONLY, &writer), 0);
    overwrite(writer.get(), marker());
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::futimens(writer.get(), times), 0);
  });
  EXPECT_EQ(error, EPERM);
}

TEST_F(DuringTheScan, CutShort) {
  const auto [error, bytes] = open_while([&] { ASSERT_EQ(::truncate(at("f").c_str(), 5), 0); });
  EXPECT_TRUE(error == 0 || error == EPERM) << error;
  EXPECT_EQ(open_error(at("f")), 0) << "what is left is clean";
}

TEST_F(DuringTheScan, Replaced) {
  write_file(at("evil"), marker());
  const auto [error, bytes] = open_while([&] { ASSERT_EQ(::rename(at("evil").c_str(), at("f").c_str()), 0); });
  EXPECT_FALSE(is_infected(bytes));
  EXPECT_EQ(open_error(at("f")), EPERM);
}

TEST_F(DuringTheScan, Unlinked) {
  const auto [error, bytes] = open_while([&] { ASSERT_EQ(::unlink(at("f").c_str()), 0); });
  EXPECT_EQ(error, 0);
  EXPECT_EQ(bytes.size(), 100000 + std::strlen(kSlow));
}

}  // namespace
}  // namespace ward::test
