// SPDX-License-Identifier: GPL-2.0-or-later
// What the source's own mount forbids is forbidden through the guard, and nothing else is.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <filesystem>
#include <ostream>
#include <system_error>

#include "scanner/base/unique_fd.h"
#include "tests/support/filesystem.h"
#include "tests/support/ward_mount.h"

namespace ward::test {
namespace {

constexpr unsigned long kReproduced = ST_RDONLY | ST_NOEXEC | ST_NOSUID | ST_NODEV | ST_NOATIME;

/// What programs meet in a directory.
struct Met {
  unsigned long flags = 0;
  int writing = 0;          ///< errno of an open for writing
  int executing = 0;        ///< exit code of a program
  std::string setuid = {};  ///< whom a setuid program works as
  int device = 0;           ///< errno of opening a device
  friend bool operator==(const Met&, const Met&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Met& met) {
    return out << std::hex << met.flags << std::dec << " writing " << met.writing << " executing " << met.executing
               << " setuid '" << met.setuid << "' device " << met.device;
  }
};

int open_error(const std::string& path, int flags) {
  const UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
  return fd ? 0 : errno;
}

Met meet(const std::string& directory) {
  struct statvfs status {};
  if (::statvfs(directory.c_str(), &status) != 0) throw std::system_error(errno, std::generic_category(), directory);
  ProcessOptions as_alice;
  as_alice.who = &alice();
  Met met;
  met.flags = status.f_flag & kReproduced;
  met.writing = open_error(directory + "/file", O_WRONLY);
  met.executing = run({directory + "/true"}).exit_code;
  const Outcome setuid = run({directory + "/id", "-u"}, as_alice);
  met.setuid = setuid.exit_code == 0 ? setuid.output : "cannot run";
  met.device = open_error(directory + "/null", O_RDONLY);
  return met;
}

class MountFlags : public ::testing::TestWithParam<unsigned long> {
 protected:
  void SetUp() override {
    WARD_SKIP_WITHOUT_MOUNTS();
    source_.emplace(FilesystemKind::tmpfs);
    namespace fs = std::filesystem;
    write_file(*source_ / "file", "contents\n");
    fs::copy_file("/bin/true", *source_ / "true");
    fs::copy_file("/usr/bin/id", *source_ / "id");
    ASSERT_EQ(::chmod((*source_ / "id").c_str(), 04755), 0);
    ASSERT_EQ(::mknod((*source_ / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  }

  std::optional<Filesystem> source_;
  TempDir shown_;
};

TEST_P(MountFlags, AreTheSources) {
  const Met before = meet(source_->path());
  ASSERT_EQ(::mount(nullptr, source_->path().c_str(), nullptr, MS_REMOUNT | MS_BIND | GetParam(), nullptr), 0);
  const Met bare = meet(source_->path());
  ASSERT_EQ(bare == before, GetParam() == 0) << "the flag does something";
  WardOptions options;
  options.source = source_->path();
  options.mountpoint = shown_.path();
  const WardMount mount(options);
  EXPECT_EQ(meet(mount.path()), bare);
}

INSTANTIATE_TEST_SUITE_P(Of, MountFlags,
                         ::testing::Values(0UL, MS_RDONLY, MS_NOEXEC, MS_NOSUID, MS_NODEV, MS_NOATIME,
                                           MS_RDONLY | MS_NOEXEC | MS_NOSUID | MS_NODEV | MS_NOATIME),
                         [](const auto& made) -> std::string {
                           switch (made.param) {
                             case 0:
                               return "None";
                             case MS_RDONLY:
                               return "ReadOnly";
                             case MS_NOEXEC:
                               return "NoExec";
                             case MS_NOSUID:
                               return "NoSuid";
                             case MS_NODEV:
                               return "NoDev";
                             case MS_NOATIME:
                               return "NoAtime";
                             default:
                               return "All";
                           }
                         });

}  // namespace
}  // namespace ward::test
