// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/engines/yara_engine.h"

#include <yara.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ward {
namespace {

constexpr const char* kEngineName = "yara";

/// Names that published rules expect their scanner to define. Ward knows no trusted name for a file: they are empty.
constexpr std::array<const char*, 5> kExternals = {"filename", "filepath", "extension", "filetype", "owner"};

struct DestroyCompiler {
  void operator()(YR_COMPILER* compiler) const noexcept { yr_compiler_destroy(compiler); }
};
using Compiler = std::unique_ptr<YR_COMPILER, DestroyCompiler>;

struct FirstError {
  int line = 0;
  std::string message;
};

void on_compiler_message(int level, const char* /*file*/, int line, const YR_RULE* /*rule*/, const char* message,
                         void* user) {
  auto& first = *static_cast<FirstError*>(user);
  if (level == YARA_ERROR_LEVEL_ERROR && first.message.empty()) first = {line, message};
}

Result<Compiler> make_compiler(FirstError& error) {
  YR_COMPILER* raw = nullptr;
  if (yr_compiler_create(&raw) != ERROR_SUCCESS) return fail("YARA: no memory for a compiler");
  Compiler compiler(raw);
  yr_compiler_set_callback(raw, on_compiler_message, &error);
  yr_compiler_set_include_callback(raw, nullptr, nullptr, nullptr);
  for (const char* name : kExternals) {
    if (yr_compiler_define_string_variable(raw, name, "") != ERROR_SUCCESS) return fail("YARA: no memory");
  }
  return compiler;
}

Result<void> add_source(YR_COMPILER* compiler, const RuleSource& source, FirstError& error) {
  if (source.text.find('\0') != std::string::npos) return fail("rule file " + source.name + ": not a text file");
  if (yr_compiler_add_string(compiler, source.text.c_str(), source.name.c_str()) == 0) return {};
  const std::string what = error.message.empty() ? "does not compile" : error.message;
  // YARA has no line for a text that ends too early.
  const auto last = std::count(source.text.begin(), source.text.end(), '\n') + 1;
  const auto line = error.line > 0 ? error.line : last;
  return fail("rule file " + source.name + ", line " + std::to_string(line) + ": " + what);
}

struct Matches {
  std::string rule;
  bool too_many = false;
};

int on_scan_message(YR_SCAN_CONTEXT* /*context*/, int message, void* data, void* user) {
  auto& matches = *static_cast<Matches*>(user);
  if (message == CALLBACK_MSG_TOO_MANY_MATCHES) {
    matches.too_many = true;
    return CALLBACK_CONTINUE;
  }
  if (message != CALLBACK_MSG_RULE_MATCHING) return CALLBACK_CONTINUE;
  matches.rule = static_cast<const YR_RULE*>(data)->identifier;
  return CALLBACK_ABORT;
}

}  // namespace

struct YaraEngine::Library {
  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { yr_finalize(); }
};

void YaraEngine::DestroyRules::operator()(YR_RULES* rules) const noexcept { yr_rules_destroy(rules); }
void YaraEngine::DestroyScanner::operator()(YR_SCAN_CONTEXT* scanner) const noexcept { yr_scanner_destroy(scanner); }
YaraEngine::~YaraEngine() = default;

Result<std::unique_ptr<YaraEngine>> YaraEngine::compile(const std::vector<RuleSource>& sources) {
  if (yr_initialize() != ERROR_SUCCESS) return fail("YARA cannot start");
  std::unique_ptr<YaraEngine> engine(new YaraEngine());
  engine->library_ = std::make_unique<Library>();

  FirstError error;
  auto compiler = make_compiler(error);
  if (!compiler) return tl::unexpected(compiler.error());
  for (const auto& source : sources) {
    if (auto added = add_source(compiler->get(), source, error); !added) return tl::unexpected(added.error());
  }
  YR_RULES* rules = nullptr;
  if (yr_compiler_get_rules(compiler->get(), &rules) != ERROR_SUCCESS) return fail("YARA: no memory for the rules");
  engine->rules_.reset(rules);
  YR_SCANNER* scanner = nullptr;
  if (yr_scanner_create(rules, &scanner) != ERROR_SUCCESS) return fail("YARA: no memory for a scanner");
  engine->scanner_.reset(scanner);
  yr_scanner_set_flags(scanner, SCAN_FLAGS_FAST_MODE | SCAN_FLAGS_REPORT_RULES_MATCHING);
  return engine;
}

EngineDescription YaraEngine::describe() const {
  YR_RULES_STATS stats{};
  yr_rules_get_stats(rules_.get(), &stats);
  return {kEngineName, YR_VERSION, stats.num_rules};
}

Verdict YaraEngine::scan(const FileView& file) {
  Matches matches;
  yr_scanner_set_callback(scanner_.get(), on_scan_message, &matches);
  const int status = file.size == 0 ? yr_scanner_scan_mem(scanner_.get(), reinterpret_cast<const std::uint8_t*>(""), 0)
                                    : yr_scanner_scan_fd(scanner_.get(), file.fd);
  if (!matches.rule.empty()) return Verdict::infected({kEngineName, matches.rule});
  if (status != ERROR_SUCCESS) {
    return Verdict::unscanned(UnscannedReason::engine_error, "YARA: error " + std::to_string(status));
  }
  if (matches.too_many) return Verdict::unscanned(UnscannedReason::limit, "YARA: too many matches of one string");
  return Verdict::clean();
}

}  // namespace ward
