// SPDX-License-Identifier: GPL-2.0-or-later
// All engines of one process, asked in order, and their answers made one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/engines/engine.h"
#include "scanner/engines/file_type.h"
#include "scanner/model/type_wish.h"
#include "scanner/wire/engine_options.h"

namespace ward {

struct TypedVerdict {
  Verdict verdict;
  std::string type;  ///< empty where it was not wished for, or cannot be told
};

class EngineSet {
 public:
  /// YARA where there are rules, ClamAV where there are databases; an error where there is neither. The current
  /// directory is private and writable: the canary's signature passes through it.
  static Result<EngineSet> load(const EngineOptions& options);

  /// Asks `engine` after those that are there.
  void add(std::unique_ptr<Engine> engine);
  /// Takes the whole file or nothing: what is not a regular file, or changes meanwhile, is unscanned. A real finding of
  /// any engine wins; else what any engine could not tell is the answer; clean only when every engine says so.
  TypedVerdict scan(int fd, TypeWish types);

  [[nodiscard]] std::vector<EngineDescription> describe() const;
  /// Names the signatures and engines in force: the same contents give the same number after a restart.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

 private:
  EngineSet(FileType file_type, std::uint64_t max_file_size);
  Verdict judge(int fd);
  Verdict ask_engines(const FileView& file);

  FileType file_type_;
  std::uint64_t max_file_size_;
  std::uint64_t generation_ = 0;
  std::vector<std::unique_ptr<Engine>> engines_;
};

}  // namespace ward
