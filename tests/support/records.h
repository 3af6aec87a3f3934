// SPDX-License-Identifier: GPL-2.0-or-later
// The record file of a mount, read back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ward::test {

/// One line of the record: the fields tests ask about, and the line as it was written.
struct RecordEntry {
  std::string path;
  std::string access;
  std::string verdict;    ///< "clean", "infected", "unscanned"
  std::string reason;     ///< of unscanned, else empty
  std::string engine;     ///< of infected, else empty
  std::string signature;  ///< of infected, else empty
  std::string decision;   ///< "allow", "deny"
  std::string program;
  long long pid = 0;
  long long uid = -1;
  long long held_us = 0;
  std::string line;
};

/// Every complete line. Throws where one is not a JSON object: a record that cannot be parsed is a failure by itself.
std::vector<RecordEntry> parse_records(std::string_view text);

}  // namespace ward::test
