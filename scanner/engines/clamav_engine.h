// SPDX-License-Identifier: GPL-2.0-or-later
// libclamav, none of whose "clean" is believed by itself: see the checks around a scan.
#pragma once

#include <memory>
#include <string>

#include "scanner/base/result.h"
#include "scanner/engines/engine.h"
#include "scanner/wire/engine_options.h"

struct cl_engine;

namespace ward {

/// Unpacks into the current directory: before `scan`, the process has made its private scratch, with room for more
/// than max_scan_size, its working directory. Bytecode signatures are not loaded.
class ClamavEngine final : public Engine {
 public:
  /// True when `directory` holds a file that libclamav loads. An absent directory holds none; one that cannot be read
  /// is an error.
  static Result<bool> has_databases(const std::string& directory);
  /// Loads every database of options.clamav_directory and, from the current directory, the file `canary_database`
  /// (none when empty). The reason libclamav gives is the error, in one line.
  static Result<std::unique_ptr<ClamavEngine>> load(const EngineOptions& options, const std::string& canary_database);
  ~ClamavEngine() override;

  [[nodiscard]] EngineDescription describe() const override;
  Verdict scan(const FileView& file) override;
  /// False: RAR archives come out as unsupported.
  [[nodiscard]] bool unpacks_rar() const noexcept { return unpacks_rar_; }

 private:
  struct Free {
    void operator()(cl_engine* engine) const noexcept;
  };
  ClamavEngine() = default;

  std::unique_ptr<cl_engine, Free> engine_;
  std::uint64_t signatures_ = 0;
  bool unpacks_rar_ = false;
};

}  // namespace ward
