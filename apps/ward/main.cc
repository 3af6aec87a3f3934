// SPDX-License-Identifier: GPL-2.0-or-later
#include <exception>
#include <iostream>

#include "apps/ward/command_line.h"
#include "apps/ward/exit_code.h"

int main(int argc, char** argv) {
  try {
    return ward::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "ward: " << error.what() << '\n';
    return ward::kExitError;
  }
}
