// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "apps/config/nearest.h"
#include "apps/ward/config_command.h"
#include "apps/ward/control_commands.h"
#include "apps/ward/demo_command.h"
#include "apps/ward/exit_code.h"
#include "apps/ward/mount_command.h"
#include "apps/ward/options.h"
#include "apps/ward/scan_command.h"
#include "apps/ward/version_command.h"
#include "apps/ward/watch_command.h"

namespace ward {
namespace {

/// "ward mount": the command as far as it was understood.
std::string command_name(const CLI::App& app) {
  const CLI::App* at = &app;
  std::string name = app.get_name();
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    name += " " + at->get_name();
  }
  return name;
}

const CLI::App& command(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : command(*parsed.front());
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::optional<std::string> near = nearest(word, known);
  return near ? "; did you mean " + *near + "?" : std::string();
}

/// What an argument that nothing expected was probably meant to be.
std::optional<std::string> unexpected_argument(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining(true);
  const auto option = std::find_if(rest.begin(), rest.end(),
                                   [](const std::string& word) { return word.size() > 1 && word.front() == '-'; });
  if (option != rest.end()) {
    const std::string name = option->substr(0, option->find('='));
    return "unknown option " + name + suggestion(name, option_names(command(app)));
  }
  if (rest.empty()) return std::nullopt;
  std::vector<std::string> commands;
  for (const CLI::App* known : command(app).get_subcommands({})) commands.push_back(known->get_name());
  if (commands.empty()) return "unexpected argument '" + rest.front() + "'";
  return "unknown command '" + rest.front() + "'" + suggestion(rest.front(), commands);
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

int complain(const CLI::App& app, const CLI::ParseError& error) {
  const std::string what = unexpected_argument(app).value_or(one_line(error.what()));
  std::cerr << command_name(app) << ": " << what << " (" << command_name(app) << " -h tells more)\n";
  return kExitError;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app{"Ward guards files: a program that opens one gets it only when a scanner said that its bytes are clean.",
               "ward"};
  app.require_subcommand(0, 1);
  app.set_help_flag("-h,--help", "Tell what there is");
  MountOptions mount_options;
  WatchOptions watch_options;
  ScanOptions scan_options;
  VersionOptions version_options;
  DemoOptions demo_options;
  ConfigOptions config_options;
  ControlOptions control_options;
  const CLI::App* mount = add_mount_command(app, mount_options);
  const CLI::App* watch = add_watch_command(app, watch_options);
  const CLI::App* scan = add_scan_command(app, scan_options);
  const CLI::App* demo = add_demo_command(app, demo_options);
  const CLI::App* status = add_status_command(app, control_options);
  const CLI::App* reload = add_reload_command(app, control_options);
  const CLI::App* config_check = add_config_check_command(app, config_options);
  const CLI::App* version = add_version_command(app, version_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << command(app).help(command_name(app) == "ward" ? "" : "ward");
    return kExitClean;
  } catch (const CLI::ParseError& error) {
    return complain(app, error);
  }
  if (mount->parsed()) return run_mount(mount_options);
  if (watch->parsed()) return run_watch(watch_options);
  if (scan->parsed()) return run_scan(scan_options);
  if (demo->parsed()) return run_demo(demo_options);
  if (status->parsed()) return run_status(control_options);
  if (reload->parsed()) return run_reload(control_options);
  if (config_check->parsed()) return run_config_check(config_options);
  if (version->parsed()) return run_version(version_options);
  std::cerr
      << "ward: which command? mount, watch, scan, status, reload, config, demo or version (ward -h tells more)\n";
  return kExitError;
}

}  // namespace ward
