// SPDX-License-Identifier: GPL-2.0-or-later
// The pool for who is not root: fewer walls, and it says which.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/misbehaving/pool_fixture.h"
#include "tests/support/archives/archives.h"
#include "tests/support/eicar.h"
#include "tests/support/user_namespaces.h"

namespace ward::test {
namespace {

/// Runs in a process that gave up being root; what it returns is its exit code, 0 for success.
int as_ordinary_user(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(100);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int scan_as_ordinary_user() {
  auto config = pool_config();
  config.engines.clamav_directory = WARD_TEST_DATABASE;
  const auto pool = ProcessPool::start(config);
  if (!pool) {
    ADD_FAILURE() << pool.error().message;
    return 1;
  }
  const auto executor = (*pool)->make_executor();
  const auto verdict = [&](std::string_view contents) {
    const auto file = file_with(contents);
    return (*executor)->scan({FileId::from_inode(1, 1, 1), file.get(), 0, std::chrono::seconds(20)}).verdict;
  };
  EXPECT_EQ(verdict(eicar()), Verdict::infected({"yara", "EICAR_Test_File"}));
  EXPECT_EQ(verdict(zip_of("eicar.com", eicar())), Verdict::infected({"clamav", "Eicar-Test-Signature.UNOFFICIAL"}));
  EXPECT_EQ(verdict("a letter\n"), Verdict::clean());
  EXPECT_EQ((*pool)->status().sandbox_missing, std::vector<std::string>{"own-uid"});
  return ::testing::Test::HasFailure() ? 1 : 0;
}

TEST(OrdinaryUserTest, ScansInASandboxWithoutAUserOfItsOwn) {
  if (::geteuid() != 0) GTEST_SKIP() << "to be run as root, to become somebody else";
  WARD_SKIP_WITHOUT_USER_NAMESPACES();
  EXPECT_EQ(as_ordinary_user(scan_as_ordinary_user), 0);
}

}  // namespace
}  // namespace ward::test
