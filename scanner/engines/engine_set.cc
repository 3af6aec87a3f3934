// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/engines/engine_set.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "scanner/base/unique_fd.h"
#include "scanner/engines/clamav_engine.h"
#include "scanner/engines/generation.h"
#include "scanner/engines/yara_engine.h"
#include "scanner/model/file_version.h"
#include "scanner/wire/canary.h"
#include "scanner/wire/signature_files.h"

namespace ward {
namespace {

constexpr std::string_view kCanaryRules = "built-in canary.yar";

/// The administrator's rules and the built-in ones; of these only the canary where they are not wanted. Empty: no YARA.
Result<std::vector<RuleSource>> all_rules(const EngineOptions& options) {
  std::vector<RuleSource> own;
  for (const auto& directory : options.rule_directories) {
    auto more = read_rule_directory(directory);
    if (!more) return more;
    std::move(more->begin(), more->end(), std::back_inserter(own));
  }
  if (own.empty() && !options.builtin_rules) return own;
  auto rules = builtin_rules();
  if (!options.builtin_rules)
    std::erase_if(rules, [](const RuleSource& source) { return source.name != kCanaryRules; });
  std::move(own.begin(), own.end(), std::back_inserter(rules));
  return rules;
}

/// Writes the canary's signature into the current directory, where libclamav can load it.
Result<void> write_canary_database(const std::string& name) {
  const UniqueFd fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const auto text = clamav_canary_database();
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return fail_errno("cannot write the canary's signature");
  }
  return {};
}

Result<std::uint64_t> database_hash(const std::string& directory) {
  GenerationHash hash;
  if (auto added = hash.add_directory(directory, is_clamav_database); !added) {
    return tl::unexpected(added.error());
  }
  return hash.finish();
}

struct LoadedClamav {
  std::unique_ptr<ClamavEngine> engine;
  std::uint64_t hash = 0;
};

Result<LoadedClamav> load_clamav(const EngineOptions& options) {
  const auto before = database_hash(options.clamav_directory);
  if (!before) return tl::unexpected(before.error());
  const std::string canary(kClamavCanaryFile);
  if (auto written = write_canary_database(canary); !written) return tl::unexpected(written.error());
  auto engine = ClamavEngine::load(options, canary);
  ::unlink(canary.c_str());
  if (!engine) return tl::unexpected(engine.error());
  const auto after = database_hash(options.clamav_directory);
  if (!after || *after != *before)
    return fail("the databases in " + options.clamav_directory + " changed while they were loaded");
  return LoadedClamav{std::move(*engine), *before};
}

Result<struct stat> look_at(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail_errno("cannot look at the file");
  if (!S_ISREG(status.st_mode)) return fail("not a regular file");
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY || (flags & O_PATH) != 0) return fail("not open for reading");
  return status;
}

bool still_at(int fd, const FileVersion& version) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && FileVersion::from_stat(status, 0) == version;
}

}  // namespace

EngineSet::EngineSet(FileType file_type, std::uint64_t max_file_size)
    : file_type_(std::move(file_type)), max_file_size_(max_file_size) {}

Result<EngineSet> EngineSet::load(const EngineOptions& options) {
  auto file_type = FileType::load();
  if (!file_type) return tl::unexpected(file_type.error());
  EngineSet set(std::move(*file_type), options.max_file_size);

  GenerationHash hash;
  auto rules = all_rules(options);
  if (!rules) return tl::unexpected(rules.error());
  for (const auto& rule : *rules) hash.add(rule.text);
  if (!rules->empty()) {
    auto yara = YaraEngine::compile(*rules);
    if (!yara) return tl::unexpected(yara.error());
    set.add(std::move(*yara));
  }
  const auto has_clamav =
      options.clamav_directory.empty() ? Result<bool>(false) : ClamavEngine::has_databases(options.clamav_directory);
  if (!has_clamav) return tl::unexpected(has_clamav.error());
  if (*has_clamav) {
    auto clamav = load_clamav(options);
    if (!clamav) return tl::unexpected(clamav.error());
    hash.add(std::to_string(clamav->hash));
    set.add(std::move(clamav->engine));
  }
  if (set.engines_.empty())
    return fail("no engine has anything to scan with: neither YARA rules nor ClamAV signatures");
  for (const auto& engine : set.describe()) hash.add(engine.name + " " + engine.version);
  hash.add(std::to_string(options.max_file_size) + " " + std::to_string(options.max_scan_size) + " " +
           std::to_string(options.max_files) + " " + std::to_string(options.max_recursion));
  set.generation_ = hash.finish();
  return set;
}

void EngineSet::add(std::unique_ptr<Engine> engine) { engines_.push_back(std::move(engine)); }

TypedVerdict EngineSet::scan(int fd, TypeWish types) {
  TypedVerdict answer{judge(fd), {}};
  if (wants_type(types, answer.verdict)) answer.type = file_type_.of(fd);
  return answer;
}

Verdict EngineSet::judge(int fd) {
  const auto status = look_at(fd);
  if (!status) return Verdict::unscanned(UnscannedReason::engine_error, status.error().message);
  const FileVersion before = FileVersion::from_stat(*status, 0);
  const auto size = static_cast<std::uint64_t>(status->st_size);
  if (size > max_file_size_) return Verdict::unscanned(UnscannedReason::oversize);
  Verdict verdict = ask_engines(FileView{fd, size});
  // A file that shrank under libclamav comes out clean.
  if (!verdict.is_infected() && !still_at(fd, before)) {
    return Verdict::unscanned(UnscannedReason::changed_while_scanned);
  }
  return verdict;
}

Verdict EngineSet::ask_engines(const FileView& file) {
  if (engines_.empty()) return Verdict::unscanned(UnscannedReason::no_engine);
  std::optional<Verdict> doubt;
  for (const auto& engine : engines_) {
    Verdict verdict = engine->scan(file);
    if (verdict.is_infected()) return verdict;
    if (!verdict.is_clean() && !doubt) doubt = std::move(verdict);
  }
  return doubt ? *doubt : Verdict::clean();
}

std::vector<EngineDescription> EngineSet::describe() const {
  std::vector<EngineDescription> descriptions;
  for (const auto& engine : engines_) descriptions.push_back(engine->describe());
  return descriptions;
}

}  // namespace ward
