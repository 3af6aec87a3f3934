// SPDX-License-Identifier: GPL-2.0-or-later
// ward-scan with one engine more, which does what the scanned file tells it: an engine that a hostile file has taken
// over, inside the real sandbox.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <thread>

#include "scanner/process/zygote.h"
#include "scanner/process/zygote_command_line.h"
#include "tests/misbehaving/attacker/attack_engine.h"

namespace {

/// A rule directory that holds this file loads as slowly as its contents say, in milliseconds.
constexpr const char* kSlowLoad = "/slow-load";

void load_slowly(const ward::EngineOptions& options) {
  for (const auto& directory : options.rule_directories) {
    std::FILE* file = std::fopen((directory + kSlowLoad).c_str(), "re");
    if (file == nullptr) continue;
    unsigned milliseconds = 0;
    if (std::fscanf(file, "%u", &milliseconds) == 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    }
    std::fclose(file);
  }
}

ward::Result<ward::EngineSet> load(const ward::EngineOptions& options) {
  load_slowly(options);
  auto engines = ward::EngineSet::load(options);
  if (engines) engines->add(std::make_unique<ward::test::AttackEngine>());
  return engines;
}

}  // namespace

int main(int argc, char** argv) { return ward::zygote_main(argc, argv, load); }
