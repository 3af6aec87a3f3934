// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/model/step.h"

#include <sstream>
#include <stdexcept>

#include "tests/mount/model/side.h"

namespace ward::test::model {
namespace {

std::size_t operation_named(const std::string& name) {
  const auto& all = operations();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == name) return i;
  }
  throw std::runtime_error("no such operation: " + name);
}

std::size_t choose(std::mt19937_64& random) {
  const auto& all = operations();
  unsigned total = 0;
  for (const Operation& operation : all) total += operation.weight;
  auto ticket = static_cast<unsigned>(random() % total);
  std::size_t chosen = 0;
  while (ticket >= all[chosen].weight) ticket -= all[chosen++].weight;
  return chosen;
}

}  // namespace

Script random_script(std::uint64_t seed, std::size_t length) {
  std::mt19937_64 random(seed);
  Script script(length);
  for (Step& step : script) {
    step.operation = choose(random);
    for (std::uint32_t* number : {&step.a, &step.b, &step.c, &step.d}) {
      *number = static_cast<std::uint32_t>(random() % 100000);
    }
  }
  return script;
}

std::string to_text(const Script& script) {
  std::ostringstream text;
  for (const Step& step : script) {
    text << operations()[step.operation].name << ' ' << step.a << ' ' << step.b << ' ' << step.c << ' ' << step.d
         << '\n';
  }
  return text.str();
}

Script from_text(const std::string& text) {
  Script script;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name;
    Step step;
    if (!(words >> name >> step.a >> step.b >> step.c >> step.d)) throw std::runtime_error("not a step: " + line);
    step.operation = operation_named(name);
    script.push_back(step);
  }
  return script;
}

}  // namespace ward::test::model
