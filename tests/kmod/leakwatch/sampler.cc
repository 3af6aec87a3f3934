// SPDX-License-Identifier: GPL-2.0-or-later
#include "sampler.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace ward::leakwatch {
namespace {

constexpr int kFreeingRounds = 3;

std::string contents(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void free_what_can_be() {
  ::sync();
  for (int round = 0; round < kFreeingRounds; round++) {
    std::ofstream("/proc/sys/vm/drop_caches") << "3\n";
    ::usleep(100'000);
  }
}

}  // namespace

std::map<std::string, double> parse_slabinfo(const std::string& text) {
  std::map<std::string, double> caches;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    double active = 0;
    if (words >> name >> active && name != "slabinfo" && name != "#") caches[name] = active;
  }
  return caches;
}

double parse_references(const std::string& text) {
  std::istringstream words(text);
  std::map<std::string, double> counters;
  std::string name;
  double value = 0;
  while (words >> name >> value) counters[name] = value;
  if (!counters.contains("references_taken")) return -1;
  return counters["references_taken"] - counters["references_given_back"];
}

Sample take_sample(bool free_caches) {
  if (free_caches) free_what_can_be();
  Sample sample;
  sample.values = parse_slabinfo(contents("/proc/slabinfo"));
  const double references = parse_references(contents("/sys/kernel/debug/ward/counters"));
  if (references >= 0) sample.values[kReferences] = references;
  return sample;
}

}  // namespace ward::leakwatch
