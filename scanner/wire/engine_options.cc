// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/wire/engine_options.h"

namespace ward {

Result<void> EngineOptions::check() const {
  if (max_file_size == 0 || max_file_size > kLargestFileLimit) {
    return fail("the file size limit must be between 1 byte and 2 GiB - 1");
  }
  if (max_scan_size == 0 || max_scan_size > max_file_size) {
    return fail("the scan size limit must be between 1 byte and the file size limit");
  }
  if (max_files == 0) return fail("the limit of files in an archive must be at least 1");
  if (max_recursion == 0 || max_recursion > 100) return fail("the limit of nested archives must be between 1 and 100");
  return {};
}

}  // namespace ward
