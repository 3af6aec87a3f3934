// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/soak/contents.h"

#include <algorithm>
#include <vector>

#include "tests/support/eicar.h"

namespace ward::test::soak {

std::string marker() { return std::string("SOAK-") + "INFECTED"; }

std::string rule() { return "rule Soak { strings: $marker = \"" + marker() + "\" condition: $marker }\n"; }

std::string harmless_rule(std::uint64_t number) {
  return "rule Harmless { strings: $never = \"never-to-be-found-" + std::to_string(number) + "\" condition: $never }\n";
}

bool is_mixture(const std::string& bytes, int file, std::uint64_t first, std::uint64_t last) {
  std::vector<bool> explained(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); ++at) explained[at] = bytes[at] == '\0';
  for (std::uint64_t version = first; version <= last; ++version) {
    for (const bool infected : {false, true}) {
      const std::string candidate = contents_of_version(file, version, infected);
      for (std::size_t at = 0; at < std::min(bytes.size(), candidate.size()); ++at) {
        if (bytes[at] == candidate[at]) explained[at] = true;
      }
    }
  }
  return std::ranges::all_of(explained, [](bool one) { return one; });
}

std::string name_of(int file) { return "file" + std::to_string(file); }

std::string contents_of_version(int file, std::uint64_t version, bool infected) {
  if (infected && version % 4 == 0) return eicar();
  std::string bytes = "file " + std::to_string(file) + " version " + std::to_string(version) + "\n";
  bytes.append(200 + (version % 5) * 30000, static_cast<char>('a' + version % 26));
  const std::string last = infected ? marker() : std::string(marker().size(), '-');
  return bytes + last;
}

}  // namespace ward::test::soak
