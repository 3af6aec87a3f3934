// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/options.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace ward {
namespace {

CLI::Option* add_time(CLI::App& command, const std::string& name, std::uint64_t& value, const std::string& text) {
  const std::map<std::string, std::uint64_t> units{{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}};
  return command.add_option(name, value, text)
      ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED).description(""))
      ->type_name("TIME")
      ->default_str(std::to_string(value / 1000) + "s");
}

CLI::Option* add_size(CLI::App& command, const std::string& name, std::uint64_t& value, const std::string& text) {
  return command.add_option(name, value, text)
      ->transform(CLI::AsSizeValue(false).description(""))
      ->type_name("SIZE")
      ->default_str(std::to_string(value >> 20) + "MiB");
}

CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value, const std::string& text,
                        const std::vector<std::string>& choices) {
  return command.add_option(name, value, text)->check(CLI::IsMember(choices))->type_name("")->capture_default_str();
}

void add_engine_options(CLI::App& command, ScannerOptions& options) {
  command
      .add_option("--rules", options.rules, "A directory of YARA rules (*.yar) beside the built-in ones; repeatable")
      ->type_name("DIR")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_flag("!--no-builtin-rules", options.builtin_rules,
                   "Leave out the built-in rules; --rules and ClamAV scan");
  command
      .add_option_function<std::string>(
          "--clamav-db",
          [&options](const std::string& directory) {
            options.clamav_db = directory;
            options.clamav_db_given = true;
          },
          "Directory of ClamAV's databases; one without signatures turns ClamAV off")
      ->type_name("DIR")
      ->default_str("/var/lib/clamav");
  add_size(command, "--max-size", options.max_size, "Larger files are not scanned (reason oversize)");
  add_time(command, "--scan-time-limit", options.scan_time_limit, "The scan of one file is ended after this long");
  command.add_option("--scan-processes", options.scan_processes, "Scan processes at work at once; 0: one per CPU")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""))
      ->capture_default_str();
  add_choice(command, "--isolation", options.isolation,
             "What one scan process may see before it is replaced: one file, one owner's files, anything",
             {"file", "owner", "pool"});
  command.add_option("--state", options.state, "Keep verdicts across restarts in this directory")->type_name("DIR");
  command
      .add_option("--record", options.record,
                  "Append what was denied, found or not scanned to FILE, a JSON object a line (-: standard output)")
      ->type_name("FILE");
}

void add_policy_options(CLI::App& command, ScannerOptions& options) {
  add_time(command, "--deadline", options.deadline,
           "A held open is answered by policy (reason timeout) after this long");
  command
      .add_option(
          "--on-unscanned", options.on_unscanned,
          "What to do when a file could not be scanned for this reason (REASON=allow or REASON=deny); repeatable")
      ->type_name("REASON=DECISION")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_choice(command, "--writer-open", options.writer_open,
             "What to do with a clean file that somebody has open for writing", {"allow", "deny", "wait"});
  add_size(command, "--cache-size", options.cache_size, "Memory for verdicts");
}

void add_log_options(CLI::App& command, std::string& log, std::string& level) {
  command.add_option("--log", log, "Write the log to FILE, not to standard error")->type_name("FILE");
  add_choice(command, "--log-level", level, "The least that is logged", {"debug", "info", "warning", "error"});
}

/// Help whose first line is ours: which arguments come in which order.
class UsageFormatter final : public CLI::Formatter {
 public:
  explicit UsageFormatter(std::string usage) : usage_(std::move(usage)) {}
  std::string make_usage(const CLI::App* /*app*/, std::string /*name*/) const override {
    return "Usage: ward " + usage_ + "\n\n";
  }

 private:
  std::string usage_;
};

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& arguments, const std::string& text) {
  CLI::App* command = app.add_subcommand(name, text);
  command->formatter(std::make_shared<UsageFormatter>(name + " " + arguments + "[OPTIONS]"));
  command->set_help_flag("-h,--help", "Tell what there is");
  return command;
}

}  // namespace

const CLI::App* add_mount_command(CLI::App& app, MountOptions& options) {
  CLI::App* command = add_command(app, "mount", "[SOURCE] MOUNTPOINT ",
                                  "Guard a directory: over itself, or SOURCE as seen at MOUNTPOINT");
  command->add_option("directory", options.places, "The directory to guard; with two, the first is shown at the second")
      ->type_name("")
      ->required()
      ->expected(1, 2);
  command->add_flag(
      "-d,--daemon", options.daemon,
      "Go to the background once the directory is guarded; without --log, the log goes to the system's (syslog)");
  add_engine_options(*command, options.scanner);
  add_policy_options(*command, options.scanner);
  add_choice(*command, "--transport", options.transport, "How the kernel's requests come", {"auto", "uring", "dev"});
  add_choice(*command, "--passthrough", options.passthrough,
             "Read and write past the daemon where the kernel can (auto), or always through it (no)", {"auto", "no"});
  add_log_options(*command, options.log, options.log_level);
  command->footer(
      "Ctrl-C or SIGTERM unmounts; while programs use the directory, a second one detaches it at once.\n"
      "SIGHUP loads rules and databases anew.");
  return command;
}

const CLI::App* add_watch_command(CLI::App& app, WatchOptions& options) {
  CLI::App* command =
      add_command(app, "watch", "MOUNTPOINT... ", "Guard whole filesystems through the kernel module (modprobe ward)");
  command->add_option("mountpoint", options.places, "A directory on each filesystem")->type_name("")->required();
  command->add_option("--hooks", options.hooks, "What is guarded")
      ->type_name("open,exec,close")
      ->delimiter(',')
      ->check(CLI::IsMember({"open", "exec", "close"}))
      ->capture_default_str();
  add_choice(*command, "--without-scanner", options.without_scanner,
             "What the kernel does with opens while no scanner is connected", {"allow", "deny"});
  add_engine_options(*command, options.scanner);
  add_policy_options(*command, options.scanner);
  add_log_options(*command, options.log, options.log_level);
  command->footer("Ctrl-C or SIGTERM lets the filesystems go. SIGHUP loads rules and databases anew.");
  return command;
}

const CLI::App* add_scan_command(CLI::App& app, ScanOptions& options) {
  CLI::App* command = add_command(app, "scan", "PATH... ", "Scan files and whole trees now");
  command->add_option("path", options.paths, "Files and directories")->type_name("")->required();
  command->add_flag("--json", options.json, "Print a JSON object a line");
  add_engine_options(*command, options.scanner);
  command->footer("Exit code: 0 everything is clean, 1 something is infected, 2 something could not be scanned.");
  return command;
}

const CLI::App* add_demo_command(CLI::App& app, DemoOptions& options) {
  CLI::App* command = add_command(app, "demo", "", "Show on a temporary directory what Ward does");
  command->add_option("--clamav-db", options.clamav_db, "Directory of ClamAV's databases to show it with")
      ->type_name("DIR");
  return command;
}

const CLI::App* add_status_command(CLI::App& app, ControlOptions& options) {
  CLI::App* command = add_command(app, "status", "", "Tell what the service does");
  command->add_flag("--json", options.json, "Print all of it as a JSON object");
  command->add_option("--socket", options.socket, "The service's socket")->type_name("PATH")->capture_default_str();
  return command;
}

const CLI::App* add_reload_command(CLI::App& app, ControlOptions& options) {
  CLI::App* command = add_command(app, "reload", "", "Have the service take its configuration and signatures anew");
  command->add_option("--socket", options.socket, "The service's socket")->type_name("PATH")->capture_default_str();
  command->footer("A configuration that cannot be taken is refused as a whole: the old one stays in force.");
  return command;
}

const CLI::App* add_config_check_command(CLI::App& app, ConfigOptions& options) {
  CLI::App* config = add_command(app, "config", "check ", "Look at the service's configuration");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "Check it as the service would, and print what it comes to");
  check->formatter(std::make_shared<UsageFormatter>("config check [OPTIONS]"));
  check->set_help_flag("-h,--help", "Tell what there is");
  check->add_option("--config", options.file, "This file alone, not the system's")->type_name("FILE");
  check->footer("The system's: /etc/ward/ward.toml (or /usr/etc/ward/ward.toml) and conf.d/*.toml beside both.");
  return check;
}

const CLI::App* add_version_command(CLI::App& app, VersionOptions& options) {
  CLI::App* command = add_command(app, "version", "", "Tell the version");
  command->add_flag("-v,--verbose", options.verbose,
                    "And those of the engines and libraries, and what the kernel offers");
  return command;
}

}  // namespace ward
