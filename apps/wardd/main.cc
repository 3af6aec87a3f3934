// SPDX-License-Identifier: GPL-2.0-or-later
// wardd: the service. Guards what the configuration says until it is told to stop.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>

#include "apps/ward/exit_code.h"
#include "apps/wardd/daemon.h"

int main(int argc, char** argv) {
  try {
    CLI::App app("Ward's service: guards the directories and filesystems that its configuration names.", "wardd");
    std::string file;
    app.set_help_flag("-h,--help", "Tell what there is");
    app.set_version_flag("--version", "wardd " WARD_VERSION);
    app.add_option("--config", file, "Read this file alone, not the system's configuration")->type_name("FILE");
    app.footer("SIGHUP, or `ward reload`, takes a changed configuration; SIGTERM stops.");
    try {
      app.parse(argc, argv);
    } catch (const CLI::Success& wanted) {
      return app.exit(wanted);
    } catch (const CLI::ParseError& error) {
      std::cerr << "wardd: " << error.what() << " (wardd -h tells more)\n";
      return ward::kExitError;
    }
    return ward::run_daemon(file);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wardd: %s\n", error.what());
    return ward::kExitError;
  }
}
