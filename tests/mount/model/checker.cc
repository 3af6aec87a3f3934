// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/model/checker.h"

#include <algorithm>

#include "tests/mount/model/side.h"
#include "tests/support/temp_dir.h"

namespace ward::test::model {
namespace {

constexpr std::size_t kTreeEvery = 50;

/// A directory of its own for one run.
class Fresh {
 public:
  explicit Fresh(const std::string& parent) : path_(make_dir(parent + "/run")) {}
  ~Fresh() { remove_tree(path_); }
  Fresh(const Fresh&) = delete;
  Fresh& operator=(const Fresh&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::optional<Difference> differ(std::size_t step, const std::string& one, const std::string& other) {
  if (one == other) return std::nullopt;
  return Difference{step, "first:  " + one + "\nsecond: " + other};
}

}  // namespace

std::optional<Difference> compare(const Script& script, const std::string& one, const std::string& other) {
  const Fresh first(one);
  const Fresh second(other);
  Side left(first.path());
  Side right(second.path());
  for (std::size_t i = 0; i < script.size(); ++i) {
    const std::string said = left.run(script[i]);
    if (auto difference = differ(i, said, right.run(script[i]))) return difference;
    if (i % kTreeEvery != kTreeEvery - 1 && i + 1 != script.size()) continue;
    const std::string tree = left.describe_tree();
    if (auto difference = differ(i, tree, right.describe_tree())) return difference;
  }
  return std::nullopt;
}

Script shrink(Script script, const Comparison& comparison) {
  for (std::size_t chunk = script.size(); chunk > 0;) {
    if (const auto difference = comparison(script)) script.resize(std::min(script.size(), difference->step + 1));
    bool shorter = false;
    for (std::size_t start = 0; start < script.size();) {
      Script without = script;
      const auto first = without.begin() + static_cast<std::ptrdiff_t>(start);
      without.erase(first, first + static_cast<std::ptrdiff_t>(std::min(chunk, without.size() - start)));
      if (!without.empty() && comparison(without)) {
        script = std::move(without);
        shorter = true;
      } else {
        start += chunk;
      }
    }
    if (!shorter || chunk > script.size()) chunk /= 2;
  }
  return script;
}

}  // namespace ward::test::model
