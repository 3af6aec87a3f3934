// SPDX-License-Identifier: GPL-2.0-or-later
// Rule files as an administrator may have got them from anywhere, compiled and asked about a small file.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "scanner/base/unique_fd.h"
#include "scanner/engines/yara_engine.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Larger ones find nothing that smaller ones do not, only slower.
  if (size > 4096) return 0;
  const auto engine = ward::YaraEngine::compile({{"fuzz.yar", std::string(reinterpret_cast<const char*>(data), size)}});
  if (!engine) return 0;
  static const ward::UniqueFd file([] {
    const int fd = ::memfd_create("file", MFD_CLOEXEC);
    return ::write(fd, "MZ\x90some text\n", 13) == 13 ? fd : -1;
  }());
  (void)(*engine)->scan({file.get(), 13});
  return 0;
}
