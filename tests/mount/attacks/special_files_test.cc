// SPDX-License-Identifier: GPL-2.0-or-later
// FIFOs, sockets and devices in the tree are never opened by Ward: a FIFO would block it, a device would act.
#include <dirent.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "tests/mount/attacks/guarded.h"

namespace ward::test {
namespace {

class SpecialFiles : public Guarded {
 protected:
  void SetUp() override {
    Guarded::SetUp();
    if (!IsSkipped()) guard({}, true);
  }
};

/// Everything that can be asked about a name without opening it.
void ask_everything(const std::string& directory, const std::string& name) {
  const std::string path = directory + "/" + name;
  struct stat status {};
  char value[64];
  EXPECT_EQ(::lstat(path.c_str(), &status), 0);
  EXPECT_EQ(::chmod(path.c_str(), 0640), 0);
  EXPECT_EQ(::lchown(path.c_str(), 0, 0), 0);
  ::lgetxattr(path.c_str(), "user.none", value, sizeof value);
  ::lsetxattr(path.c_str(), "trusted.mark", "x", 1, 0);
  EXPECT_EQ(::utimensat(AT_FDCWD, path.c_str(), nullptr, 0), 0);
  EXPECT_EQ(::access(path.c_str(), R_OK | W_OK), 0);
  EXPECT_EQ(::link(path.c_str(), (path + "-2").c_str()), 0);
  EXPECT_EQ(::rename((path + "-2").c_str(), (path + "-3").c_str()), 0);
  EXPECT_EQ(::unlink((path + "-3").c_str()), 0);
  DIR* listing = ::opendir(directory.c_str());
  ASSERT_NE(listing, nullptr);
  while (::readdir(listing) != nullptr) {
  }
  ::closedir(listing);
  UniqueFd fd;
  EXPECT_EQ(open_error(path, O_PATH, &fd), 0);
}

TEST_F(SpecialFiles, AreNeverOpened) {
  const struct {
    const char* name;
    mode_t kind;
    dev_t device;
  } all[] = {{"fifo", S_IFIFO, 0},
             {"socket", S_IFSOCK, 0},
             {"char", S_IFCHR, makedev(240, 77)},
             {"block", S_IFBLK, makedev(240, 77)}};
  const UniqueFd events(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  for (const auto& [name, kind, device] : all) {
    ASSERT_EQ(::mknod(behind(name).c_str(), kind | 0644, device), 0) << name;
    ASSERT_GE(::inotify_add_watch(events.get(), behind(name).c_str(), IN_OPEN), 0);
  }
  char buffer[4096];
  for (const auto& [name, kind, device] : all) ask_everything(mount().path(), name);
  EXPECT_LT(::read(events.get(), buffer, sizeof buffer), 0) << "a special file was opened";
  // The watch does see opens.
  UniqueFd fd;
  ASSERT_EQ(open_error(behind("fifo"), O_RDWR, &fd), 0);
  EXPECT_GT(::read(events.get(), buffer, sizeof buffer), 0);
}

TEST_F(SpecialFiles, FifosWorkBetweenPrograms) {
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0644), 0);
  EXPECT_EQ(open_error(at("fifo"), O_WRONLY | O_NONBLOCK), ENXIO);
  UniqueFd reader;
  ASSERT_EQ(open_error(at("fifo"), O_RDONLY | O_NONBLOCK, &reader), 0);
  UniqueFd writer;
  ASSERT_EQ(open_error(at("fifo"), O_WRONLY, &writer), 0);
  const std::string bytes = eicar();
  ASSERT_EQ(::write(writer.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  char buffer[100];
  EXPECT_EQ(::read(reader.get(), buffer, sizeof buffer), static_cast<ssize_t>(bytes.size()));
}

}  // namespace
}  // namespace ward::test
