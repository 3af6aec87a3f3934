// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/soak/contents.h"

#include "tests/support/eicar.h"

namespace ward::test::soak {

std::string marker() { return std::string("SOAK-") + "INFECTED"; }

std::string rule() { return "rule Soak { strings: $marker = \"" + marker() + "\" condition: $marker }\n"; }

std::string name_of(int file) { return "file" + std::to_string(file); }

std::string contents_of_version(int file, std::uint64_t version, bool infected) {
  if (infected && version % 4 == 0) return eicar();
  std::string bytes = "file " + std::to_string(file) + " version " + std::to_string(version) + "\n";
  bytes.append(200 + (version % 5) * 30000, static_cast<char>('a' + version % 26));
  const std::string last = infected ? marker() : std::string(marker().size(), '-');
  return bytes + last;
}

}  // namespace ward::test::soak
