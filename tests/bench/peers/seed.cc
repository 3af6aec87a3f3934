// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/seed.h"

#include <array>
#include <cmath>
#include <fstream>
#include <random>

#include "tests/bench/support/workspace.h"

namespace ward::bench {
namespace {

constexpr std::size_t kFilesPerFolder = 40;
constexpr double kMedianBytes = 4096;
constexpr double kSpread = 1.1;
constexpr std::size_t kMaxBytes = 65536;
constexpr int kFunctionsPerUnit = 60;
constexpr int kHeaders = 20;
constexpr std::array kWords{"static", "int",   "value",  "=",  "buffer", "(",    ")",    "{",
                            "}",      ";\n",   "return", "if", "length", "+",    "1",    "->",
                            "next",   "while", "char",   "*",  "entry",  "list", "0x7f", "&&"};

std::string unit_text(std::size_t unit) {
  std::string text = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n";
  for (int i = 0; i < kHeaders; ++i) text += "#include \"part" + std::to_string(i) + ".h\"\n";
  for (int i = 0; i < kFunctionsPerUnit; ++i) {
    const auto name = std::to_string(unit) + "_" + std::to_string(i);
    text += "int work_" + name + "(int n) { char b[64]; int s = part" + std::to_string(i % kHeaders) +
            "(n); for (int i = 0; i < n; ++i) { snprintf(b, sizeof b, \"%d\", i * " + std::to_string(i + 3) +
            "); s += (int)strlen(b); } return s; }\n";
  }
  return text;
}

}  // namespace

std::string source_text(std::uint64_t seed, std::size_t bytes) {
  std::mt19937_64 random(seed);
  std::string text = "/* file " + std::to_string(seed) + " */\n";
  while (text.size() < bytes) {
    text += kWords[random() % kWords.size()];
    text += random() % 8 == 0 ? std::to_string(random() % 10000) : " ";
  }
  text.resize(bytes);
  return text;
}

Result<void> write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (!file) return fail("cannot write " + path);
  return {};
}

Result<void> make_tree(const std::string& folder, std::size_t files) {
  std::mt19937_64 random(files);
  std::lognormal_distribution<double> sizes(std::log(kMedianBytes), kSpread);
  std::string current;
  for (std::size_t i = 0; i < files; ++i) {
    if (i % kFilesPerFolder == 0) {
      const auto number = i / kFilesPerFolder;
      current = folder + "/part" + std::to_string(number / kFilesPerFolder) + "/unit" + std::to_string(number);
      if (auto made = make_folder(current); !made) return made;
    }
    const auto bytes = std::min(kMaxBytes, static_cast<std::size_t>(sizes(random)) + 64);
    auto written = write_file(current + "/file" + std::to_string(i) + ".c", source_text(i, bytes));
    if (!written) return written;
  }
  return {};
}

Result<void> make_c_project(const std::string& folder, std::size_t units) {
  if (auto made = make_folder(folder); !made) return made;
  for (int i = 0; i < kHeaders; ++i) {
    const auto number = std::to_string(i);
    auto written = write_file(folder + "/part" + number + ".h", "#pragma once\nstatic inline int part" + number +
                                                                    "(int n) { return n * " + number + "; }\n");
    if (!written) return written;
  }
  for (std::size_t i = 0; i < units; ++i) {
    auto written = write_file(folder + "/unit" + std::to_string(i) + ".c", unit_text(i));
    if (!written) return written;
  }
  if (auto written = write_file(folder + "/main.c", "int main(void) { return 0; }\n"); !written) return written;
  return write_file(folder + "/Makefile",
                    "OBJECTS := $(patsubst %.c,%.o,$(wildcard *.c))\nCFLAGS := -O1 -Wno-unused\n"
                    "program: $(OBJECTS)\n\t$(CC) -o $@ $^\n%.o: %.c $(wildcard *.h)\n\t$(CC) $(CFLAGS) -c -o $@ $<\n"
                    "clean:\n\trm -f program $(OBJECTS)\n.PHONY: clean\n");
}

}  // namespace ward::bench
