// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/scanner_settings.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace ward {
namespace {

constexpr const char* kDefaultClamavDirectory = "/var/lib/clamav";

Result<std::string> existing_directory(const std::string& name, const std::string& path) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::canonical(path, error);
  if (error) return fail(name + ": " + path + ": " + error.message(), error.value());
  if (!std::filesystem::is_directory(resolved, error)) return fail(name + ": " + path + " is not a directory");
  return resolved.string();
}

Result<std::string> clamav_directory(const ScannerOptions& options, const SettingNames& names) {
  if (options.clamav_db_given) {
    return options.clamav_db.empty() ? Result<std::string>("") : existing_directory(names.clamav_db, options.clamav_db);
  }
  auto found = existing_directory(names.clamav_db, kDefaultClamavDirectory);
  if (!found && found.error().os_error == ENOENT) return "";
  return found;
}

std::string reasons() {
  std::string all;
  for (std::size_t i = 0; i < kUnscannedReasons; ++i) {
    all += (i == 0 ? "" : ", ") + std::string(to_string(static_cast<UnscannedReason>(i)));
  }
  return all;
}

WriterOpenRule writer_open_rule(const std::string& text) {
  if (text == "deny") return WriterOpenRule::deny;
  return text == "wait" ? WriterOpenRule::wait : WriterOpenRule::allow;
}

Result<void> fill_pool(const ScannerOptions& options, const SettingNames& names, PoolConfig& pool) {
  pool.engines.builtin_rules = options.builtin_rules;
  for (const std::string& directory : options.rules) {
    auto resolved = existing_directory(names.rules, directory);
    if (!resolved) return tl::unexpected(resolved.error());
    pool.engines.rule_directories.push_back(*resolved);
  }
  auto clamav = clamav_directory(options, names);
  if (!clamav) return tl::unexpected(clamav.error());
  pool.engines.clamav_directory = *clamav;
  pool.engines.max_file_size = options.max_size;
  pool.engines.max_scan_size = options.max_size;
  pool.processes = options.scan_processes;
  pool.isolation = parse_isolation(options.isolation).value_or(Isolation::owner);
  if (auto checked = pool.engines.check(); !checked) return fail(names.engines + checked.error().message);
  return {};
}

Result<void> fill_service(const ScannerOptions& options, const SettingNames& names, ServiceConfig& service) {
  if (options.deadline == 0) return fail(std::string(names.deadline) + ": it cannot be nothing");
  if (options.scan_time_limit == 0) return fail(std::string(names.scan_time_limit) + ": it cannot be nothing");
  service.gate.workers = options.scan_processes;
  service.gate.deadline = std::chrono::milliseconds(options.deadline);
  service.gate.scan_time_limit = std::chrono::milliseconds(options.scan_time_limit);
  service.gate.cache_bytes = options.cache_size;
  service.gate.policy.set_writer_open(writer_open_rule(options.writer_open));
  for (const std::string& text : options.on_unscanned) {
    if (auto applied = apply_on_unscanned(text, service.gate.policy); !applied) return applied;
  }
  for (const auto& [given, resolved] :
       {std::pair(&options.state, &service.state_directory), std::pair(&options.record, &service.record_path)}) {
    if (given->empty() || *given == "-") {
      *resolved = *given;
      continue;
    }
    auto path = absolute_path(*given);
    if (!path) return tl::unexpected(path.error());
    *resolved = *path;
  }
  return {};
}

}  // namespace

Result<std::string> absolute_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return fail(path + ": " + error.message(), error.value());
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(absolute, error);
  if (error) return fail(path + ": " + error.message(), error.value());
  return resolved.string();
}

Result<void> apply_on_unscanned(const std::string& text, Policy& policy) {
  const auto equals = text.find('=');
  const std::string decision = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (decision != "allow" && decision != "deny") {
    return fail("--on-unscanned: '" + text + "' is neither REASON=allow nor REASON=deny");
  }
  const std::string name = text.substr(0, equals);
  const auto reason = parse_unscanned_reason(name);
  if (!reason) return fail("--on-unscanned: no reason '" + name + "'; there are " + reasons());
  policy.set(*reason, decision == "allow" ? Decision::allow : Decision::deny);
  return {};
}

Result<ScannerSettings> scanner_settings(const ScannerOptions& options, const SettingNames& names) {
  ScannerSettings settings;
  if (auto filled = fill_pool(options, names, settings.pool); !filled) return tl::unexpected(filled.error());
  if (auto filled = fill_service(options, names, settings.service); !filled) return tl::unexpected(filled.error());
  return settings;
}

}  // namespace ward
