// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/demo_command.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>
#include <thread>

#include "apps/ward/demo_files.h"
#include "apps/ward/exit_code.h"
#include "apps/ward/listening_gate.h"
#include "apps/ward/opener.h"
#include "apps/ward/places.h"
#include "apps/ward/scanner_settings.h"
#include "apps/ward/signal_thread.h"
#include "fusefs/guarded_mount.h"
#include "scanner/pool/process_pool.h"
#include "scanner/record/async_log.h"

namespace ward {
namespace {

/// A fresh directory, removed with what is in it. Made before the mount, removed after it.
class DemoDirectory {
 public:
  static Result<std::unique_ptr<DemoDirectory>> create() {
    std::string path = (std::filesystem::temp_directory_path() / "ward-demo-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) return fail_errno("cannot make " + path);
    return std::unique_ptr<DemoDirectory>(new DemoDirectory(std::filesystem::canonical(path).string()));
  }
  ~DemoDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  DemoDirectory(const DemoDirectory&) = delete;
  DemoDirectory& operator=(const DemoDirectory&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  explicit DemoDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

struct Row {
  std::string file;
  std::string type = "-";
  std::string engine = "-";
  std::string verdict = "-";
  std::string open;
  std::string first;
  std::string second;
};

std::string time_text(std::chrono::nanoseconds took) {
  constexpr double kPerMicro = 1e3;
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(took.count()) / kPerMicro << " us";
  return text.str();
}

void tell_verdict(const Answer& answer, Row& row) {
  if (!answer.type.empty()) row.type = answer.type;
  row.verdict = to_string(answer.verdict.kind());
  if (answer.verdict.is_infected()) {
    row.engine = answer.verdict.finding().engine;
    row.verdict += " (" + answer.verdict.finding().signature + ")";
  } else if (!answer.verdict.is_clean()) {
    row.verdict += " (" + std::string(to_string(answer.verdict.reason())) + ")";
  }
}

std::string open_text(int os_error) {
  return os_error == 0 ? "opened" : std::string(strerrorname_np(os_error)) + ": " + std::strerror(os_error);
}

Result<Row> show(const DemoFile& file, const std::string& directory, Opener& opener, ListeningGate& gate) {
  const std::string path = directory + "/" + file.name;
  const auto written = opener.write(path, file.contents, file.executable);
  if (!written) return tl::unexpected(written.error());
  if (written->os_error != 0) return tl::unexpected(system_error("cannot write " + path, written->os_error));
  (void)gate.take_last();
  const auto first = opener.open(path);
  if (!first) return tl::unexpected(first.error());
  Row row;
  row.file = file.name;
  if (const auto answer = gate.take_last()) tell_verdict(*answer, row);
  const auto second = opener.open(path);
  if (!second) return tl::unexpected(second.error());
  row.open = open_text(second->os_error);
  row.first = time_text(first->took);
  row.second = time_text(second->took);
  return row;
}

void print(const std::vector<Row>& rows) {
  constexpr std::array<std::string Row::*, 7> kColumns{&Row::file, &Row::type,  &Row::engine, &Row::verdict,
                                                       &Row::open, &Row::first, &Row::second};
  for (const Row& row : rows) {
    for (const auto column : kColumns) {
      std::size_t width = 0;
      for (const Row& other : rows) width = std::max(width, (other.*column).size());
      std::cout << std::left << std::setw(static_cast<int>(width) + 2) << row.*column;
    }
    std::cout << '\n';
  }
}

/// The harmless opened, the others did not.
bool as_it_should(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const bool test_virus = row.file.starts_with("eicar");
    if (test_virus != row.verdict.starts_with("infected") || test_virus == (row.open == "opened")) return false;
  }
  return true;
}

Result<bool> demonstrate(const DemoDirectory& directory, Opener& opener, ListeningGate& gate) {
  auto files = demo_files();
  if (!files) return tl::unexpected(files.error());
  std::vector<Row> rows;
  for (const DemoFile& file : *files) {
    auto row = show(file, directory.path(), opener, gate);
    if (!row) return tl::unexpected(row.error());
    rows.push_back(std::move(*row));
  }
  const bool good = as_it_should(rows);
  rows.insert(rows.begin(), {"FILE", "TYPE", "ENGINE", "VERDICT", "OPEN SAID", "FIRST OPEN", "SECOND"});
  print(rows);
  return good;
}

/// Serves the mount while the demonstration runs, then unmounts it.
Result<bool> show_on(fusefs::GuardedMount& mount, ScanService& service, const DemoDirectory& directory,
                     std::unique_ptr<Opener> opener, ListeningGate& gate) {
  std::thread server([&mount] { (void)mount.run(); });
  const auto detach = [&mount] { (void)mount.stop(true); };
  const auto signals = SignalThread::start({detach, [] {}, [] {}});
  auto shown = demonstrate(directory, *opener, gate);
  opener.reset();
  service.stop();
  const auto stopped = mount.stop(false);
  if (!stopped) (void)mount.stop(true);
  server.join();
  if (!stopped) {
    std::cout << "\nunmounted, but not cleanly: " << stopped.error().message << '\n';
    return shown ? Result<bool>(false) : shown;
  }
  std::cout << "\nunmounted cleanly\n";
  return shown;
}

Result<bool> guard_and_show(const DemoOptions& options) {
  if (auto possible = can_mount(); !possible) return tl::unexpected(possible.error());
  ScannerOptions scanner;
  scanner.clamav_db = options.clamav_db;
  scanner.clamav_db_given = !options.clamav_db.empty();
  auto settings = scanner_settings(scanner);
  if (!settings) return tl::unexpected(settings.error());
  auto opener = Opener::start();
  if (!opener) return tl::unexpected(opener.error());
  if (auto blocked = SignalThread::block(); !blocked) return tl::unexpected(blocked.error());
  auto directory = DemoDirectory::create();
  if (!directory) return tl::unexpected(directory.error());
  settings->pool.types = TypeWish::always;
  auto pool = ProcessPool::start(settings->pool);
  if (!pool) return tl::unexpected(pool.error());
  AsyncLogConfig log_config;
  log_config.level = LogLevel::error;
  auto log = AsyncLog::create(log_config);
  if (!log) return tl::unexpected(log.error());
  auto service = ScanService::start(settings->service, std::move(*pool), **log);
  if (!service) return tl::unexpected(service.error());
  ListeningGate gate((*service)->gate());
  fusefs::MountConfig config;
  config.source = config.mountpoint = (*directory)->path();
  auto mount = fusefs::GuardedMount::create(config, gate);
  if (!mount) return tl::unexpected(mount.error());
  std::cout << "guarding " << config.mountpoint << " over itself: " << (*mount)->description() << "\n\n";
  return show_on(**mount, **service, **directory, std::move(*opener), gate);
}

}  // namespace

int run_demo(const DemoOptions& options) {
  const auto shown = guard_and_show(options);
  if (!shown) {
    std::cerr << "ward demo: " << shown.error().message << '\n';
    return kExitError;
  }
  if (!*shown) std::cerr << "ward demo: not every open went as it should\n";
  return *shown ? kExitClean : kExitError;
}

}  // namespace ward
