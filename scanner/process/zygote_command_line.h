// SPDX-License-Identifier: GPL-2.0-or-later
// The command line of a zygote's program.
#pragma once

#include "scanner/process/zygote.h"

namespace ward {

/// The main of a zygote: parses its arguments and runs it. Returns the exit code.
int zygote_main(int argc, char** argv, const EngineLoader& load);

}  // namespace ward
