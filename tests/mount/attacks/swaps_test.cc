// SPDX-License-Identifier: GPL-2.0-or-later
// The file is another one by the time it is used: whoever gets a descriptor never reads infected bytes from it.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/mount/attacks/guarded.h"

namespace ward::test {
namespace {

constexpr int kSwaps = 1500;

/// Each link, unlink and rename moves the file's ctime, which is a new version: where the scans are slower than the
/// swaps, all are answered "changed while scanned". Then the swaps go on more slowly, as long as this, until an open
/// got through.
constexpr std::chrono::seconds kLongestRace{60};
constexpr std::chrono::milliseconds kSlowSwap{20};

/// Swaps kSwaps times, and then until `got_through`.
void swap_until(const std::function<bool()>& got_through, const std::function<void(int)>& swap) {
  const auto end = std::chrono::steady_clock::now() + kLongestRace;
  for (int i = 0; i < kSwaps || !got_through(); ++i) {
    if (::testing::Test::HasFatalFailure() || (i >= kSwaps && std::chrono::steady_clock::now() > end)) return;
    if (i >= kSwaps) std::this_thread::sleep_for(kSlowSwap);
    swap(i);
  }
}

class Swaps : public Guarded {
 protected:
  void SetUp() override {
    Guarded::SetUp();
    if (IsSkipped()) return;
    guard();
    write_file(at("clean"), "clean contents");
    write_file(at("infected"), eicar());
    write_file(at("target"), "clean contents");
  }

  /// Runs `swap` again and again beside opens of "target", and counts what they gave.
  void race(const std::function<void(int)>& swap) {
    std::atomic<bool> done{false};
    std::atomic<int> clean{0};
    int infected = 0;
    std::thread opener([&] {
      while (!done) {
        const std::string bytes = read_if_allowed(at("target"));
        if (is_infected(bytes)) ++infected;
        if (bytes == "clean contents") ++clean;
      }
    });
    swap_until([&] { return clean > 0; }, swap);
    done = true;
    opener.join();
    EXPECT_EQ(infected, 0) << "infected bytes were read";
    EXPECT_GT(clean, 0) << "the race never let a clean file through";
  }
};

TEST_F(Swaps, RenamedOver) {
  race([&](int i) {
    const std::string next = at("next");
    ASSERT_EQ(::link(at(i % 2 == 0 ? "infected" : "clean").c_str(), next.c_str()), 0);
    ASSERT_EQ(::rename(next.c_str(), at("target").c_str()), 0);
    ::unlink(next.c_str());
  });
}

TEST_F(Swaps, Exchanged) {
  race([&](int) {
    ASSERT_EQ(::renameat2(AT_FDCWD, at("infected").c_str(), AT_FDCWD, at("target").c_str(), RENAME_EXCHANGE), 0);
  });
}

TEST_F(Swaps, HardLinkReplaced) {
  race([&](int i) {
    ::unlink(at("target").c_str());
    ASSERT_EQ(::link(at(i % 2 == 0 ? "infected" : "clean").c_str(), at("target").c_str()), 0);
  });
}

TEST_F(Swaps, SymbolicLinkReplaced) {
  race([&](int i) {
    ::unlink(at("target").c_str());
    ASSERT_EQ(::symlink(i % 2 == 0 ? "infected" : "clean", at("target").c_str()), 0);
  });
}

TEST_F(Swaps, DirectoryReplaced) {
  ASSERT_EQ(::mkdir(at("good").c_str(), 0755), 0);
  ASSERT_EQ(::mkdir(at("bad").c_str(), 0755), 0);
  write_file(at("good/file"), "clean contents");
  write_file(at("bad/file"), eicar());
  ::unlink(at("target").c_str());
  ASSERT_EQ(::symlink("good/file", at("target").c_str()), 0);
  race([&](int) {
    ASSERT_EQ(::renameat2(AT_FDCWD, at("good").c_str(), AT_FDCWD, at("bad").c_str(), RENAME_EXCHANGE), 0);
  });
}

/// A FIFO in the file's place must not block anybody but who opens the FIFO.
TEST_F(Swaps, FifoInItsPlace) {
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0644), 0);
  std::atomic<bool> done{false};
  std::atomic<int> opened{0};
  std::thread opener([&] {
    while (!done) opened += open_error(at("target"), O_RDONLY | O_NONBLOCK) == 0 ? 1 : 0;
  });
  swap_until([&] { return opened > 0; },
             [&](int) {
               ASSERT_EQ(::renameat2(AT_FDCWD, at("fifo").c_str(), AT_FDCWD, at("target").c_str(), RENAME_EXCHANGE), 0);
             });
  done = true;
  opener.join();
  EXPECT_GT(opened, 0);
  EXPECT_EQ(open_error(at("clean")), 0);
}

class SwapsBehind : public Guarded {
 protected:
  void SetUp() override {
    Guarded::SetUp();
    if (!IsSkipped()) guard({}, true);
  }
};

/// Files swapped where Ward does not see it happen.
TEST_F(SwapsBehind, RenamedOverInTheSource) {
  write_file(behind("target"), "clean contents");
  for (int i = 0; i < 200; ++i) {
    write_file(behind("next"), i % 2 == 0 ? eicar() : "clean contents");
    ASSERT_EQ(::rename(behind("next").c_str(), behind("target").c_str()), 0);
    EXPECT_FALSE(is_infected(read_if_allowed(at("target")))) << "round " << i;
  }
}

TEST_F(SwapsBehind, RewrittenInTheSource) {
  write_file(behind("target"), "clean contents");
  ASSERT_EQ(open_error(at("target")), 0);
  for (int i = 0; i < 100; ++i) {
    write_file(behind("target"), i % 2 == 0 ? eicar() : "clean contents");
    EXPECT_FALSE(is_infected(read_if_allowed(at("target")))) << "round " << i;
  }
}

/// Another file mounted over one in the source is not crossed into, or is scanned like any other.
TEST_F(SwapsBehind, BindMountOverAFileInTheSource) {
  const TempDir elsewhere;
  write_file(elsewhere / "infected", eicar());
  write_file(behind("target"), "clean contents");
  ASSERT_EQ(open_error(at("target")), 0);
  ASSERT_EQ(::mount((elsewhere / "infected").c_str(), behind("target").c_str(), nullptr, MS_BIND, nullptr), 0);
  EXPECT_FALSE(is_infected(read_if_allowed(at("target"))));
  EXPECT_EQ(::umount2(behind("target").c_str(), MNT_DETACH), 0);
  EXPECT_EQ(read_if_allowed(at("target")), "clean contents");
}

/// A file of the guarded tree seen at another place is still guarded.
TEST_F(SwapsBehind, BindMountOfAGuardedFile) {
  const TempDir elsewhere;
  write_file(elsewhere / "place", "");
  write_file(at("infected"), eicar());
  ASSERT_EQ(::mount(at("infected").c_str(), (elsewhere / "place").c_str(), nullptr, MS_BIND, nullptr), 0);
  EXPECT_EQ(open_error(elsewhere / "place"), EPERM);
  EXPECT_EQ(::umount2((elsewhere / "place").c_str(), MNT_DETACH), 0);
}

/// One guarded file mounted over another inside the guarded directory.
TEST_F(Swaps, BindMountOverAGuardedFile) {
  ASSERT_EQ(open_error(at("target")), 0);
  ASSERT_EQ(::mount(at("infected").c_str(), at("target").c_str(), nullptr, MS_BIND, nullptr), 0);
  EXPECT_EQ(open_error(at("target")), EPERM);
  EXPECT_EQ(::umount2(at("target").c_str(), MNT_DETACH), 0);
  EXPECT_EQ(open_error(at("target")), 0);
}

}  // namespace
}  // namespace ward::test
