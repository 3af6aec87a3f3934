// SPDX-License-Identifier: GPL-2.0-or-later
// Files to work on: the same on every run, unlike each other, and like a source tree in size.
#pragma once

#include <cstdint>
#include <string>

#include "scanner/base/result.h"

namespace ward::bench {

/// Text like a program's source, reproducible from `seed`.
std::string source_text(std::uint64_t seed, std::size_t bytes);

Result<void> write_file(const std::string& path, const std::string& content);

/// `files` files (median 4 KiB, up to 64 KiB) in folders of 40.
Result<void> make_tree(const std::string& folder, std::size_t files);

/// A C project of `units` files with shared headers and a Makefile.
Result<void> make_c_project(const std::string& folder, std::size_t units);

}  // namespace ward::bench
