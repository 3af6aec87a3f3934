// SPDX-License-Identifier: GPL-2.0-or-later
// A number that stands for a set of signatures: a hash over what was loaded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/base/result.h"
#include "scanner/wire/engine_options.h"

struct evp_md_ctx_st;

namespace ward {

class GenerationHash {
 public:
  GenerationHash();
  ~GenerationHash();
  GenerationHash(const GenerationHash&) = delete;
  GenerationHash& operator=(const GenerationHash&) = delete;

  void add(std::string_view text);
  /// Every regular file of `directory` whose name `counts`, by name and contents. An absent directory adds nothing.
  Result<void> add_directory(const std::string& directory, bool (*counts)(std::string_view name) noexcept);
  /// Never 0.
  std::uint64_t finish();

 private:
  Result<void> add_file(int directory, const std::string& name, const std::string& path);
  evp_md_ctx_st* context_;
};

}  // namespace ward
