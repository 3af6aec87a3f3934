// SPDX-License-Identifier: GPL-2.0-or-later
// Where a daemon's log goes that was told no file.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "scanner/base/unique_fd.h"
#include "tests/support/eicar.h"
#include "tests/support/run_as.h"
#include "tests/system/ward_command.h"

namespace ward::test {
namespace {

using ::testing::HasSubstr;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

/// From here on this process has a /dev of its own, and reads what is sent to its /dev/log.
class SystemLog {
 public:
  explicit SystemLog(const std::string& directory) {
    must(::unshare(CLONE_NEWNS) == 0, "unshare");
    must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
    must(::mount("dev", directory.c_str(), "tmpfs", 0, "mode=0755") == 0, "tmpfs");
    for (const char* device : {"null", "zero", "full", "random", "urandom", "fuse"}) {
      const std::string place = directory + "/" + device;
      write_file(place, "");
      must(::mount((std::string("/dev/") + device).c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0, device);
    }
    must(::mount(directory.c_str(), "/dev", nullptr, MS_BIND | MS_REC, nullptr) == 0, "/dev");
    const sockaddr_un address{AF_UNIX, "/dev/log"};
    must(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0, "/dev/log");
    const timeval patience{20, 0};
    must(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0, "patience");
  }
  /// What comes until a line has `text` in it, or nothing more comes.
  std::string read_until(const std::string& text) {
    std::string all;
    std::array<char, 2048> line{};
    while (all.find(text) == std::string::npos) {
      const ssize_t got = ::recv(socket_.get(), line.data(), line.size(), 0);
      if (got <= 0) break;
      all.append(line.data(), static_cast<std::size_t>(got)) += '\n';
    }
    return all;
  }

 private:
  const UniqueFd socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

TEST(DaemonLog, GoesToTheSystemsWithoutAFile) {
  WARD_SKIP_WITHOUT_MOUNTS();
  TempDir devices;
  TempDir guarded;
  write_file(guarded / "bad", eicar());
  const std::string said = run_as(root(), [&] {
    SystemLog log(devices.path());
    const Outcome outcome = ward({"mount", guarded.path(), "--daemon", "--clamav-db", ""});
    if (outcome.exit_code != 0) return outcome.output;
    const UniqueFd denied(::open((guarded / "bad").c_str(), O_RDONLY | O_CLOEXEC));
    std::string lines = log.read_until("denied read");
    run({"umount", guarded.path()});
    lines += log.read_until("no longer guarding");
    return lines;
  });
  EXPECT_THAT(said, HasSubstr("guarding " + guarded.path() + ": passthrough"));
  EXPECT_THAT(said, HasSubstr("<28>")) << "a daemon's warning";
  EXPECT_THAT(said, HasSubstr("denied read of " + guarded / "bad" + ": infected with EICAR_Test_File (yara)"));
  EXPECT_THAT(said, HasSubstr("no longer guarding"));
}

}  // namespace
}  // namespace ward::test
