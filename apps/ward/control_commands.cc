// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/control_commands.h"

#include <array>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/control/control_client.h"
#include "apps/ward/exit_code.h"
#include "apps/ward/printable.h"

namespace ward {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kStatusPatience{10};
/// Databases may take minutes to load.
constexpr std::chrono::minutes kReloadPatience{10};
/// Of each list on the screen; the rest is counted.
constexpr std::size_t kMostLines = 12;

int complain(const char* command, const std::string& what) {
  std::cerr << "ward " << command << ": " << what << '\n';
  return kExitError;
}

std::string text(const json& object, const char* key) { return printable(object.at(key).get<std::string>()); }
std::uint64_t number(const json& object, const char* key) { return object.at(key).get<std::uint64_t>(); }
std::string count(const json& object, const char* key) { return std::to_string(number(object, key)); }

std::string duration(std::uint64_t seconds) {
  const std::uint64_t minutes = seconds / 60;
  if (minutes < 120) return std::to_string(minutes) + " min";
  return minutes < 2880 ? std::to_string(minutes / 60) + " h" : std::to_string(minutes / 1440) + " days";
}

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 20> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(value));
  return digits.data();
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string((bytes + (1U << 20) - 1) >> 20) + " MiB"; }

/// "LABEL     text", and further lines under the text.
void add(std::string& screen, const std::string& label, const std::string& line) {
  std::string start = label;
  constexpr std::size_t kColumn = 13;
  start.resize(kColumn, ' ');
  screen += start + line + '\n';
}

template <class Line>
void add_list(std::string& screen, const std::string& label, const json& list, Line line) {
  std::size_t shown = 0;
  for (const json& entry : list) {
    if (shown == kMostLines) {
      add(screen, "", "and " + std::to_string(list.size() - shown) + " more (--json tells all)");
      return;
    }
    add(screen, shown++ == 0 ? label : "", line(entry));
  }
  if (list.empty()) add(screen, label, "none");
}

std::string directory_line(const json& directory) {
  std::string line = text(directory, "path");
  if (directory.at("source") != directory.at("path")) line += " showing " + text(directory, "source");
  if (directory.at("state") != "guarded") line += " (" + text(directory, "state") + ")";
  line += ": " + text(directory, "transport") + " (" + text(directory, "transport_why") + "), ";
  line += directory.at("passthrough").get<bool>() ? "passthrough, " : "no passthrough, ";
  return line + count(directory, "inodes") + " files known, " + count(directory, "held_opens") + " opens held";
}

std::string budget_line(const std::string& name, const json& budget) {
  std::string line = name + ": ";
  const auto amount = [&](const char* key) {
    return name == "cache" ? mebibytes(number(budget, key)) : count(budget, key);
  };
  if (budget.contains("used")) line += amount("used") + " of ";
  if (budget.contains("limit")) line += amount("limit");
  if (budget.contains("ran_out") && number(budget, "ran_out") != 0)
    line += ", ran out " + count(budget, "ran_out") + " times";
  return line;
}

std::string make_screen(const json& status) {
  std::string screen;
  add(screen, "wardd",
      text(status, "version") + ", " + text(status, "state") + " for " + duration(number(status, "uptime_seconds")) +
          ", pid " + count(status, "pid"));
  add_list(screen, "directories", status.at("directories"), directory_line);
  if (!status.at("module").get<std::string>().empty()) add(screen, "module", text(status, "module"));
  add_list(screen, "engines", status.at("engines"), [](const json& engine) {
    return text(engine, "name") + " " + text(engine, "version") + ", " + count(engine, "signatures") + " signatures";
  });
  add(screen, "", "generation " + hexadecimal(number(status, "generation")));
  const json& gate = status.at("gate");
  add(screen, "answers",
      std::to_string(number(gate, "known") + number(gate, "cached")) + " from the cache, " + count(gate, "scans") +
          " scans, " + count(gate, "joined") + " joined, " + count(gate, "denied") + " denied, " +
          count(gate, "timeouts") + " at the deadline");
  const json& pool = status.at("pool");
  const json& ended = pool.at("ended");
  add(screen, "pool",
      count(pool, "processes") + " processes; " + count(ended, "retired") + " retired, " + count(ended, "crashed") +
          " crashed, " + count(ended, "time_limit") + " too slow, " + count(ended, "canary") + " not to be believed");
  bool first = true;
  for (const auto& [name, budget] : status.at("budgets").items()) {
    if (!budget.contains("used") && number(budget, "ran_out") == 0) continue;
    add(screen, std::exchange(first, false) ? "budgets" : "", budget_line(name, budget));
  }
  const json& configuration = status.at("configuration");
  add_list(screen, "read", configuration.at("files"),
           [](const json& file) { return printable(file.get<std::string>()); });
  if (const std::string refusal = text(configuration, "last_refusal"); !refusal.empty()) {
    add(screen, "", "the last change was refused: " + refusal);
  }
  add_list(screen, "not guarded", status.at("not_guarded"),
           [](const json& gap) { return printable(gap.get<std::string>()); });
  for (const json& missing : pool.at("sandbox_missing")) add(screen, "sandbox", printable(missing.get<std::string>()));
  return screen;
}

}  // namespace

Result<std::string> status_screen(std::string_view text) {
  try {
    return make_screen(json::parse(text));
  } catch (const json::exception&) {
    return fail("wardd speaks nonsense, or is of another version");
  }
}

int run_status(const ControlOptions& options) {
  const auto answer = ask_daemon(options.socket, Order::status, kStatusPatience);
  if (!answer) return complain("status", answer.error().message);
  if (options.json) {
    std::cout << *answer << '\n';
    return kExitClean;
  }
  const auto screen = status_screen(*answer);
  if (!screen) return complain("status", screen.error().message);
  std::cout << *screen;
  return kExitClean;
}

int run_reload(const ControlOptions& options) {
  const auto answer = ask_daemon(options.socket, Order::reload, kReloadPatience);
  if (!answer) return complain("reload", answer.error().message);
  const json done = json::parse(*answer, nullptr, false);
  std::cout << printable(done.value("done", "done")) << '\n';
  return kExitClean;
}

}  // namespace ward
