// SPDX-License-Identifier: GPL-2.0-or-later
// A machine's own programs and documents: all of them open under guard, and are what they are.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "tests/support/temp_dir.h"
#include "tests/support/ward_mount.h"

namespace ward::test {
namespace {

namespace fs = std::filesystem;

/// Empty when both can be read and hold the same bytes, else what is wrong.
std::string difference(const std::string& guarded, const std::string& original) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::ifstream a(guarded, std::ios::binary);
  std::ifstream b(original, std::ios::binary);
  if (!b) return "the original does not open";
  if (!a) return "does not open";
  std::vector<char> x(kBlock);
  std::vector<char> y(kBlock);
  while (b) {
    a.read(x.data(), kBlock);
    b.read(y.data(), kBlock);
    if (a.gcount() != b.gcount() || !std::equal(x.begin(), x.begin() + a.gcount(), y.begin())) return "differs";
  }
  return a ? "is longer" : "";
}

class Trees : public ::testing::TestWithParam<const char*> {};

TEST_P(Trees, OpenAndCompareEqual) {
  WARD_SKIP_WITHOUT_MOUNTS();
  const std::string source = fs::canonical(GetParam()).string();
  const TempDir shown;
  WardOptions options;
  options.source = source;
  options.mountpoint = shown.path();
  const WardMount mount(options);
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    const std::string name = entry.path().string().substr(source.size() + 1);
    EXPECT_EQ(difference(mount / name, entry.path()), "") << name;
    ++files;
  }
  EXPECT_GT(files, 0U);
  std::cout << "counted: " << files << " files of " << source << " opened and compared equal\n";
}

INSTANTIATE_TEST_SUITE_P(OfThisMachine, Trees, ::testing::Values("/usr/bin", "/usr/share/doc"), [](const auto& made) {
  return std::string(made.param) == "/usr/bin" ? "Programs" : "Documents";
});

}  // namespace
}  // namespace ward::test
