// SPDX-License-Identifier: GPL-2.0-or-later
// Every way into an infected file is closed, and a way into a clean one stays open.
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "tests/mount/attacks/guarded.h"

namespace ward::test {
namespace {

class Entrances : public Guarded {
 protected:
  void SetUp() override {
    Guarded::SetUp();
    if (IsSkipped()) return;
    guard();
    write_file(at("clean"), "nothing to see here");
    write_file(at("infected"), eicar());
  }
};

class EntrancesOfTheUnseen : public Guarded {};

int reopen_error(int fd, int flags) { return open_error("/proc/self/fd/" + std::to_string(fd), flags); }

/// The errno of executing a file, 0 when it ran.
int exec_error(const std::string& path) {
  const std::string answer = run_as(root(), [&] {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return std::string("-1");
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::execl(path.c_str(), path.c_str(), static_cast<char*>(nullptr));
      const int error = errno;
      ::_exit(::write(ends[1], &error, sizeof error) == sizeof error ? 1 : 2);
    }
    ::close(ends[1]);
    int error = 0;
    if (::read(ends[0], &error, sizeof error) < 0) error = -1;
    ::waitpid(pid, nullptr, 0);
    return std::to_string(error);
  });
  return std::stoi(answer);
}

TEST_F(Entrances, OpenIsRefusedAndRecorded) {
  EXPECT_EQ(open_error(at("infected")), EPERM);
  EXPECT_EQ(open_error(at("infected"), O_RDWR), EPERM);
  EXPECT_EQ(open_error(at("clean")), 0);
  const auto record = mount().wait_for_record([](const RecordEntry& entry) {
    return entry.verdict == "infected" && entry.access == "read" && entry.pid == ::getpid();
  });
  ASSERT_TRUE(record) << mount().log();
  EXPECT_EQ(record->engine, "yara");
  EXPECT_NE(record->signature.find("EICAR"), std::string::npos);
  EXPECT_EQ(record->decision, "deny");
  EXPECT_EQ(record->uid, 0);
  EXPECT_TRUE(record->path.ends_with("infected")) << record->path;
  const std::string line = " warning denied read of " + at("infected") + ": infected with EICAR_Test_File (yara); by ";
  EXPECT_TRUE(says(line)) << "nothing of it in the log for people:\n" << mount().log();
}

/// A file that nobody has looked at: its open waits for the scan.
TEST_F(EntrancesOfTheUnseen, TheRecordSaysHowLongTheOpenWasHeld) {
  guard({}, true);
  write_file(behind("unseen"), eicar());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(open_error(at("unseen")), EPERM);
  const std::chrono::microseconds took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  const auto record = mount().wait_for_record([](const RecordEntry& entry) { return entry.access == "read"; });
  ASSERT_TRUE(record) << mount().log();
  EXPECT_GT(record->held_us, 0) << record->line;
  EXPECT_LE(record->held_us, took.count()) << record->line;
}

TEST_F(Entrances, AnotherHardLink) {
  ASSERT_EQ(::link(at("infected").c_str(), at("innocent").c_str()), 0);
  EXPECT_EQ(open_error(at("innocent")), EPERM);
  ASSERT_EQ(::unlink(at("infected").c_str()), 0);
  EXPECT_EQ(open_error(at("innocent")), EPERM);
}

TEST_F(Entrances, SymbolicLinks) {
  ASSERT_EQ(::symlink("infected", at("link").c_str()), 0);
  EXPECT_EQ(open_error(at("link")), EPERM);
  ASSERT_EQ(::mkdir(at("d").c_str(), 0755), 0);
  ASSERT_EQ(::symlink("../infected", at("d/link").c_str()), 0);
  EXPECT_EQ(open_error(at("d/link")), EPERM);
}

TEST_F(Entrances, PathDescriptorAndReopen) {
  UniqueFd path;
  ASSERT_EQ(open_error(at("infected"), O_PATH, &path), 0);
  EXPECT_EQ(reopen_error(path.get(), O_RDONLY), EPERM);
  EXPECT_EQ(reopen_error(path.get(), O_RDWR), EPERM);
  UniqueFd writer;
  ASSERT_EQ(open_error(at("infected"), O_WRONLY, &writer), 0) << "who cannot read needs no verdict";
  EXPECT_EQ(reopen_error(writer.get(), O_RDONLY), EPERM);
  UniqueFd clean;
  ASSERT_EQ(open_error(at("clean"), O_PATH, &clean), 0);
  EXPECT_EQ(reopen_error(clean.get(), O_RDONLY), 0);
}

TEST_F(Entrances, UnnamedFileReopened) {
  UniqueFd writer;
  ASSERT_EQ(open_error(at(""), O_TMPFILE | O_WRONLY, &writer), 0);
  const std::string bytes = eicar();
  ASSERT_EQ(::write(writer.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  EXPECT_EQ(reopen_error(writer.get(), O_RDONLY), EPERM);
  const std::string proc = "/proc/self/fd/" + std::to_string(writer.get());
  ASSERT_EQ(::linkat(AT_FDCWD, proc.c_str(), AT_FDCWD, at("named").c_str(), AT_SYMLINK_FOLLOW), 0);
  EXPECT_EQ(open_error(at("named")), EPERM);
}

TEST_F(Entrances, UnlinkedFileReopened) {
  UniqueFd path;
  ASSERT_EQ(open_error(at("infected"), O_PATH, &path), 0);
  ASSERT_EQ(::unlink(at("infected").c_str()), 0);
  EXPECT_EQ(reopen_error(path.get(), O_RDONLY), EPERM);
}

TEST_F(Entrances, Execution) {
  write_file(at("script"), "#!/bin/sh\nexit 0\n");
  write_file(at("evil"), "#!/bin/sh\n# " + marker() + "\nexit 0\n");
  ASSERT_EQ(::chmod(at("script").c_str(), 0755), 0);
  ASSERT_EQ(::chmod(at("evil").c_str(), 0755), 0);
  EXPECT_EQ(exec_error(at("script")), 0);
  EXPECT_EQ(exec_error(at("evil")), EPERM);
  // An executable that even its caller may not read is scanned all the same.
  ASSERT_EQ(::chmod(at("evil").c_str(), 0111), 0);
  EXPECT_EQ(exec_error(at("evil")), EPERM);
}

TEST_F(Entrances, ExecutionOfADescriptor) {
  write_file(at("evil"), "#!/bin/sh\n# " + marker() + "\nexit 0\n");
  ASSERT_EQ(::chmod(at("evil").c_str(), 0755), 0);
  UniqueFd path;
  ASSERT_EQ(open_error(at("evil"), O_PATH, &path), 0);
  const std::string answer = run_as(root(), [&] {
    char* const nothing[] = {nullptr};
    ::syscall(SYS_execveat, path.get(), "", nothing, nothing, AT_EMPTY_PATH);
    return std::to_string(errno);
  });
  EXPECT_EQ(std::stoi(answer), EPERM);
}

TEST_F(Entrances, ExecutableMapping) {
  UniqueFd clean;
  ASSERT_EQ(open_error(at("clean"), O_RDONLY, &clean), 0);
  void* map = ::mmap(nullptr, 10, PROT_READ | PROT_EXEC, MAP_PRIVATE, clean.get(), 0);
  EXPECT_NE(map, MAP_FAILED);
  ::munmap(map, 10);
  // Without a descriptor that can read there is nothing to map.
  UniqueFd writer;
  ASSERT_EQ(open_error(at("infected"), O_WRONLY, &writer), 0);
  EXPECT_EQ(::mmap(nullptr, 10, PROT_READ | PROT_EXEC, MAP_PRIVATE, writer.get(), 0), MAP_FAILED);
}

TEST_F(Entrances, CopyOutOfAWriteOnlyDescriptor) {
  UniqueFd writer;
  ASSERT_EQ(open_error(at("infected"), O_WRONLY, &writer), 0);
  UniqueFd target;
  ASSERT_EQ(open_error(at("copy"), O_RDWR | O_CREAT, &target), 0);
  EXPECT_LT(::copy_file_range(writer.get(), nullptr, target.get(), nullptr, 100, 0), 0);
  char byte = 0;
  EXPECT_LT(::read(writer.get(), &byte, 1), 0);
}

TEST_F(Entrances, TruncatingOpensNeedNoVerdict) {
  EXPECT_EQ(open_error(at("infected"), O_WRONLY | O_TRUNC), 0);
  EXPECT_EQ(open_error(at("infected")), 0) << "it is empty now";
}

TEST_F(Entrances, CopiedByTheKernel) {
  UniqueFd target;
  ASSERT_EQ(open_error(at("copy"), O_RDWR | O_CREAT, &target), 0);
  UniqueFd source;
  ASSERT_EQ(open_error(at("clean"), O_RDONLY, &source), 0);
  ASSERT_GT(::copy_file_range(source.get(), nullptr, target.get(), nullptr, 100, 0), 0);
  target.reset();
  EXPECT_EQ(open_error(at("copy")), 0);
}

TEST_F(Entrances, UnlinkAndRenameNeedNoVerdict) {
  EXPECT_EQ(::rename(at("infected").c_str(), at("renamed").c_str()), 0);
  EXPECT_EQ(::chmod(at("renamed").c_str(), 0600), 0);
  EXPECT_EQ(open_error(at("renamed")), EPERM);
  EXPECT_EQ(::unlink(at("renamed").c_str()), 0);
}

/// Who may not read a file learns nothing about its contents, and who may is protected.
TEST_F(Entrances, ReadableByRootAlone) {
  ASSERT_EQ(::chmod(at("infected").c_str(), 0600), 0);
  ASSERT_EQ(::chmod(at("clean").c_str(), 0600), 0);
  write_file(at("everyones"), eicar());
  const auto as_alice = [&](const std::string& name) {
    return std::stoi(run_as(alice(), [&] { return std::to_string(open_error(at(name))); }));
  };
  EXPECT_EQ(as_alice("infected"), EACCES);
  EXPECT_EQ(as_alice("clean"), EACCES);
  EXPECT_EQ(as_alice("everyones"), EPERM);
  EXPECT_EQ(open_error(at("infected")), EPERM);
  EXPECT_EQ(open_error(at("clean")), 0);
  const auto record = mount().wait_for_record([](const RecordEntry& entry) {
    return entry.access == "read" && entry.uid == static_cast<long long>(alice().uid);
  });
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->path.ends_with("everyones")) << record->line;
}

TEST_F(Entrances, StrangeNames) {
  for (const std::string name :
       {"new\nline", "\xff\xfe\xfd", "quote\"}{,", "\x1b[31mred", "\\", "{\"verdict\":\"clean\"}", "..."}) {
    write_file(at(name), eicar());
    EXPECT_EQ(open_error(at(name)), EPERM) << name;
  }
  write_file(at("last"), eicar());
  EXPECT_EQ(open_error(at("last")), EPERM);
  ASSERT_TRUE(mount().wait_for_record(
      [](const RecordEntry& entry) { return entry.access == "read" && entry.path.ends_with("last"); }));
  // records() throws on a line that is not one JSON object.
  long reads = 0;
  for (const RecordEntry& entry : mount().records()) reads += entry.access == "read" ? 1 : 0;
  EXPECT_EQ(reads, 8);
}

TEST_F(Entrances, ManyNamesOfManyFiles) {
  for (int i = 0; i < 100; ++i) {
    const std::string name = "f" + std::to_string(i);
    write_file(at(name), i % 3 == 0 ? name + marker() : name + " is clean");
  }
  for (int i = 0; i < 100; ++i) {
    const std::string name = "f" + std::to_string(i);
    EXPECT_EQ(open_error(at(name)), i % 3 == 0 ? EPERM : 0) << name;
  }
}

}  // namespace
}  // namespace ward::test
