// SPDX-License-Identifier: GPL-2.0-or-later
// ward-scan: the zygote of the scan processes. Executed by the daemon with its control socket; of no use by hand.
#include "scanner/engines/engine_set.h"
#include "scanner/process/zygote_command_line.h"

int main(int argc, char** argv) { return ward::zygote_main(argc, argv, ward::EngineSet::load); }
