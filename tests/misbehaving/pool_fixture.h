// SPDX-License-Identifier: GPL-2.0-or-later
// A pool of real scan processes and files to put to them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "scanner/base/log.h"
#include "scanner/base/mutex.h"
#include "scanner/base/unique_fd.h"
#include "scanner/pool/process_pool.h"
#include "tests/support/temp_dir.h"

namespace ward {

/// For the messages of failed expectations.
void PrintTo(const Verdict& verdict, std::ostream* out);

}  // namespace ward

namespace ward::test {

/// A file in memory, open for reading, to be scanned.
UniqueFd file_with(std::string_view contents);

/// The configuration that tests start from: one process, no spares, quick limits.
PoolConfig pool_config();

/// Waits until `condition` holds; fails the test when it does not for half a minute.
void eventually(const std::function<bool()>& condition);

/// Keeps what it is told. Safe from any thread.
class KeptLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view line) noexcept override;
  [[nodiscard]] bool has(std::string_view part) const;

 private:
  mutable Mutex mutex_;
  std::string lines_ WARD_GUARDED_BY(mutex_);
};

class PoolTest : public ::testing::Test {
 protected:
  /// Throws when the pool does not start.
  void start(const PoolConfig& config);
  /// By the one executor of the test.
  ScanReport scan(std::string_view contents, uid_t owner = 0);
  ScanReport scan(int fd, uid_t owner, std::chrono::milliseconds limit);

  KeptLog log_;
  std::unique_ptr<ProcessPool> pool_;
  std::unique_ptr<ScanExecutor> executor_;
  std::uint64_t next_inode_ = 1;
  std::chrono::milliseconds limit_{20'000};
};

}  // namespace ward::test
