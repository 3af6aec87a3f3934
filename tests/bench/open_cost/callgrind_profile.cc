// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/open_cost/callgrind_profile.h"

#include <cctype>
#include <fstream>
#include <sstream>

namespace ward::bench {
namespace {

class Reader {
 public:
  Result<CallgrindProfile> read(std::istream& input) {
    for (std::string line; std::getline(input, line);) take(line);
    if (profile_.instructions == 0) return fail("callgrind counted nothing");
    return std::move(profile_);
  }

 private:
  void take(const std::string& line) {
    if (line.starts_with("fn=")) {
      current_ = name_of(line.substr(3));
    } else if (line.starts_with("cfn=")) {
      callee_ = name_of(line.substr(4));
    } else if (line.starts_with("calls=")) {
      profile_.functions[callee_].calls += std::stoull(line.substr(6));
      inclusive_next_ = true;
    } else if (!line.empty() && (std::isdigit(static_cast<unsigned char>(line[0])) != 0 || line[0] == '+' ||
                                 line[0] == '-' || line[0] == '*')) {
      take_cost(line);
    }
  }

  /// "position cost"; the line after calls= is the callee's cost, counted where it was spent already.
  void take_cost(const std::string& line) {
    if (std::exchange(inclusive_next_, false)) return;
    std::istringstream fields(line);
    std::string position;
    std::uint64_t cost = 0;
    if (!(fields >> position >> cost)) return;
    profile_.instructions += cost;
    profile_.functions[current_].own_instructions += cost;
  }

  /// "(12) name" the first time, "(12)" from then on.
  std::string name_of(const std::string& text) {
    const auto end = text.find(')');
    if (text.empty() || text[0] != '(' || end == std::string::npos) return text;
    const std::string id = text.substr(0, end + 1);
    if (end + 2 < text.size()) names_[id] = text.substr(end + 2);
    return names_[id];
  }

  CallgrindProfile profile_;
  std::map<std::string, std::string> names_;
  std::string current_;
  std::string callee_;
  bool inclusive_next_ = false;
};

}  // namespace

Result<CallgrindProfile> read_callgrind(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail("cannot read " + path);
  return Reader().read(file);
}

}  // namespace ward::bench
