// SPDX-License-Identifier: GPL-2.0-or-later
// leakwatch: which kernel cache grows under a load, how fast, and whether the module's references are why.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <vector>

#include "../programs/commands.h"
#include "findings.h"
#include "report.h"

namespace ward::leakwatch {
namespace {

struct Options {
  std::string storm = "files";
  std::string command;
  std::string directory = "/tmp";
  std::string csv;
  std::string svg;
  int samples = 10;
  int closes = 1000;
  double interval = 0;
  bool keep_caches = false;
};

/// In a process of its own, whose end closes whatever it left open.
bool run_load(const Options& options) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!options.command.empty()) ::execl("/bin/sh", "sh", "-c", options.command.c_str(), nullptr);
    const std::vector<std::string> arguments{options.storm, std::to_string(options.closes), options.directory};
    ::_exit(options.command.empty() ? kmodtest::storm(arguments) : 127);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int watch(const Options& options) {
  using Clock = std::chrono::steady_clock;
  std::vector<Sample> samples;
  const auto start = Clock::now();
  for (int i = 0; i < options.samples; i++) {
    if (i > 0 && options.storm != "none" && !run_load(options)) {
      std::cerr << "leakwatch: the load failed\n";
      return 2;
    }
    if (i > 0) ::usleep(static_cast<useconds_t>(options.interval * 1e6));
    Sample sample = take_sample(!options.keep_caches);
    sample.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (options.command.empty() && options.storm != "none") sample.closes = static_cast<double>(i) * options.closes;
    samples.push_back(std::move(sample));
  }
  if (samples.front().values.empty()) {
    std::cerr << "leakwatch: /proc/slabinfo tells nothing; only root can read it\n";
    return 2;
  }
  const auto findings = find_growth(samples);
  print_table(std::cout, findings);
  if (!options.csv.empty()) {
    std::ofstream file(options.csv);
    write_csv(file, samples);
  }
  if (!options.svg.empty()) {
    std::ofstream file(options.svg);
    write_svg(file, samples, findings);
  }
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.grows; }) ? 1 : 0;
}

}  // namespace
}  // namespace ward::leakwatch

int main(int argc, char** argv) {
  ward::leakwatch::Options options;
  CLI::App app{"Says which kernel cache grows under a load, how fast, and whether the module's references are why."};
  app.add_option("--storm", options.storm, "The load: last closes of one kind, or none to watch the system's own")
      ->check(CLI::IsMember({"none", "files", "sockets", "pipes", "fork", "dup2", "cloexec", "exit", "mmap"}))
      ->capture_default_str();
  app.add_option("--command", options.command, "Another load: run by the shell before each sample")
      ->type_name("COMMAND");
  app.add_option("--closes", options.closes, "Closes before each sample")->check(CLI::Range(1, 10'000'000));
  app.add_option("--directory", options.directory, "Where the storm makes its files")->check(CLI::ExistingDirectory);
  app.add_option("--samples", options.samples, "How many samples")->check(CLI::Range(4, 1'000'000));
  app.add_option("--interval", options.interval, "Seconds to wait before each sample")
      ->check(CLI::Range(0.0, 86'400.0));
  app.add_flag("--keep-caches", options.keep_caches, "Do not free what can be freed before a sample");
  app.add_option("--csv", options.csv, "Write the samples to FILE")->type_name("FILE");
  app.add_option("--svg", options.svg, "Write a plot to FILE")->type_name("FILE");
  app.footer("Exit code: 0 nothing grows, 1 something does, 2 it could not be found out.");
  CLI11_PARSE(app, argc, argv);
  return ward::leakwatch::watch(options);
}
