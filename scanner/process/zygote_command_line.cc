// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/process/zygote_command_line.h"

#include <fcntl.h>

#include <CLI/CLI.hpp>
#include <cstdio>

namespace ward {

int zygote_main(int argc, char** argv, const EngineLoader& load) {
  ZygoteOptions options;
  auto& engines = options.engines;
  CLI::App app("Ward's scan processes; started by ward, not by hand", "ward-scan");
  app.set_version_flag("--version", WARD_VERSION);
  app.add_flag("--builtin-rules,!--no-builtin-rules", engines.builtin_rules, "YARA's rules that come with Ward");
  app.add_option("--rules", engines.rule_directories, "A directory of YARA rules");
  app.add_option("--clamav", engines.clamav_directory, "The directory of ClamAV's databases");
  app.add_option("--max-file-size", engines.max_file_size, "Bytes");
  app.add_option("--max-scan-size", engines.max_scan_size, "Bytes");
  app.add_option("--max-files", engines.max_files, "Members of one archive");
  app.add_option("--max-recursion", engines.max_recursion, "Archives in archives");
  app.add_option("--uid", options.uid, "The scan user")->required();
  app.add_option("--gid", options.gid, "The scan group")->required();
  app.add_option("--memory-limit", options.memory_limit, "Bytes of one process")->required();
  app.add_option("--scratch-size", options.scratch_size, "Bytes of one process")->required();
  app.add_option("--nice", options.nice, "Niceness while loading");
  CLI11_PARSE(app, argc, argv);
  if (::fcntl(kControlFd, F_GETFD) < 0) {
    std::fputs("ward-scan: no control socket; it is started by ward\n", stderr);
    return 2;
  }
  return run_zygote(options, load);
}

}  // namespace ward
