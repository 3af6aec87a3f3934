// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/isolation/database.h"

#include <fstream>
#include <random>

namespace ward::bench {
namespace {

std::string hex(std::mt19937_64& noise, unsigned bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < 2 * bytes; ++i) text += kDigits[noise() % 16];
  return text;
}

}  // namespace

void write_database(const std::string& directory, unsigned hashes, unsigned bodies) {
  std::mt19937_64 noise(1);
  std::ofstream hash_file(directory + "/bench.hdb");
  for (unsigned i = 0; i < hashes; ++i) {
    hash_file << hex(noise, 16) << ':' << 1000 + noise() % 1'000'000 << ":Bench.Hash-" << i << '\n';
  }
  std::ofstream body_file(directory + "/bench.ndb");
  for (unsigned i = 0; i < bodies; ++i) {
    body_file << "Bench.Body-" << i << ":0:*:" << hex(noise, 24 + noise() % 24) << '\n';
  }
}

}  // namespace ward::bench
