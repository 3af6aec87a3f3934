// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/misbehaving/pool_fixture.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace ward {

void PrintTo(const Verdict& verdict, std::ostream* out) {
  *out << to_string(verdict.kind());
  if (verdict.is_infected()) *out << ' ' << verdict.finding().engine << ':' << verdict.finding().signature;
  if (verdict.kind() == VerdictKind::unscanned) *out << ' ' << to_string(verdict.reason()) << ": " << verdict.detail();
}

}  // namespace ward

namespace ward::test {

UniqueFd file_with(std::string_view contents) {
  const UniqueFd writable(::memfd_create("file", MFD_CLOEXEC));
  EXPECT_EQ(::write(writable.get(), contents.data(), contents.size()), static_cast<ssize_t>(contents.size()));
  return UniqueFd(::open(("/proc/self/fd/" + std::to_string(writable.get())).c_str(), O_RDONLY | O_CLOEXEC));
}

PoolConfig pool_config() {
  PoolConfig config;
  config.scan_program = WARD_SCAN_PROGRAM;
  config.processes = 1;
  config.spares = 0;
  return config;
}

void eventually(const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void KeptLog::write(LogLevel /*level*/, std::string_view line) noexcept {
  const MutexLock lock(mutex_);
  lines_.append(line).append("\n");
}

bool KeptLog::has(std::string_view part) const {
  const MutexLock lock(mutex_);
  return lines_.find(part) != std::string::npos;
}

void PoolTest::start(const PoolConfig& config) {
  auto pool = ProcessPool::start(config);
  if (!pool) throw std::runtime_error(pool.error().message);
  pool_ = std::move(*pool);
  pool_->log_to(log_);
  auto executor = pool_->make_executor();
  if (!executor) throw std::runtime_error(executor.error().message);
  executor_ = std::move(*executor);
}

ScanReport PoolTest::scan(std::string_view contents, uid_t owner) {
  const auto file = file_with(contents);
  return scan(file.get(), owner, limit_);
}

ScanReport PoolTest::scan(int fd, uid_t owner, std::chrono::milliseconds limit) {
  return executor_->scan({FileId::from_inode(1, 1, next_inode_++), fd, owner, limit});
}

}  // namespace ward::test
