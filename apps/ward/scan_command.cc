// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/scan_command.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <system_error>
#include <thread>

#include "apps/ward/exit_code.h"
#include "apps/ward/progress_bar.h"
#include "apps/ward/scan_job.h"
#include "apps/ward/scan_printer.h"
#include "apps/ward/scanner_settings.h"
#include "apps/ward/tree_walk.h"
#include "scanner/pool/process_pool.h"
#include "scanner/record/async_log.h"

namespace ward {
namespace {

int complain(const Error& error) {
  std::cerr << "ward scan: " << error.message << '\n';
  return kExitError;
}

/// The first path that is not there at all: said before the engines are loaded.
Result<void> check_paths(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
      return fail(path + ": " + std::generic_category().message(error ? error.value() : ENOENT), ENOENT);
    }
  }
  return {};
}

std::uint64_t count_files(const std::vector<std::string>& paths) {
  std::uint64_t files = 0;
  const TreeWalkEvents events{[&files](const FoundFile&) { ++files; }, [](const std::string&, int) {}};
  for (const std::string& path : paths) walk_tree(path, events);
  return files;
}

std::optional<unsigned> terminal_columns() {
  constexpr unsigned kUsual = 80;
  if (::isatty(STDERR_FILENO) == 0) return std::nullopt;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : kUsual;
}

/// The report, with the bar below it while there is a terminal to draw it on.
class Console {
 public:
  explicit Console(const ScanOptions& options)
      : printer_(options.json ? make_json_printer(std::cout) : make_text_printer(std::cout)) {
    const auto columns = terminal_columns();
    if (!columns) return;
    bar_.emplace(std::cerr, *columns - 1);
    total_ = count_files(options.paths);
  }

  void answer(const std::string& path, const Answer& answer) {
    before_line(!answer.verdict.is_clean());
    printer_->answer(path, answer);
    if (bar_) bar_->show(printer_->totals().files(), total_, path);
  }
  void error(const std::string& path, int os_error) {
    before_line(true);
    printer_->error(path, os_error);
  }
  int finish(double seconds) {
    before_line(true);
    printer_->finish(seconds);
    return printer_->totals().exit_code();
  }

 private:
  void before_line(bool told) {
    if (bar_ && told) bar_->clear();
  }

  std::unique_ptr<ScanPrinter> printer_;
  std::optional<ProgressBar> bar_;
  std::uint64_t total_ = 0;
};

int scan(const ScanOptions& options, Gate& gate) {
  constexpr std::size_t kPerProcess = 4;
  const auto begin = std::chrono::steady_clock::now();
  const unsigned processes = options.scanner.scan_processes != 0 ? options.scanner.scan_processes
                                                                 : std::max(1U, std::thread::hardware_concurrency());
  Console console(options);
  ScanJob job(gate, processes * kPerProcess,
              [&console](const std::string& path, const Answer& answer) { console.answer(path, answer); });
  const TreeWalkEvents events{[&job](FoundFile file) { job.submit(std::move(file)); },
                              [&console](const std::string& path, int error) { console.error(path, error); }};
  for (const std::string& path : options.paths) walk_tree(path, events);
  job.finish();
  return console.finish(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
}

}  // namespace

int run_scan(const ScanOptions& options) {
  if (auto there = check_paths(options.paths); !there) return complain(there.error());
  auto settings = scanner_settings(options.scanner);
  if (!settings) return complain(settings.error());
  if (options.json) settings->pool.types = TypeWish::always;
  auto pool = ProcessPool::start(settings->pool);
  if (!pool) return complain(pool.error());
  AsyncLogConfig log_config;
  log_config.level = LogLevel::error;
  auto log = AsyncLog::create(log_config);
  if (!log) return complain(log.error());
  (*pool)->log_to(**log);
  auto service = ScanService::start(settings->service, std::move(*pool), **log);
  if (!service) return complain(service.error());
  const int code = scan(options, (*service)->gate());
  (*service)->stop();
  return code;
}

}  // namespace ward
