// SPDX-License-Identifier: GPL-2.0-or-later
// YARA: the rules compiled into Ward and the administrator's own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scanner/base/result.h"
#include "scanner/engines/engine.h"

struct YR_RULES;
struct YR_SCAN_CONTEXT;

namespace ward {

/// One file of rules: its text, and the name it is called by in errors.
struct RuleSource {
  std::string name;
  std::string text;
};

/// The rules built into Ward (scanner/engines/rules/*.yar).
std::vector<RuleSource> builtin_rules();

/// Every *.yar and *.yara file of `directory` (not of those below it), sorted by name.
Result<std::vector<RuleSource>> read_rule_directory(const std::string& directory);

class YaraEngine final : public Engine {
 public:
  /// Compiles each source in a namespace of its own. `include` is refused: a set of rules is what its directory holds.
  /// The first rule that does not compile is the error, with file and line.
  static Result<std::unique_ptr<YaraEngine>> compile(const std::vector<RuleSource>& sources);
  ~YaraEngine() override;

  [[nodiscard]] EngineDescription describe() const override;
  Verdict scan(const FileView& file) override;

 private:
  struct Library;
  struct DestroyRules {
    void operator()(YR_RULES* rules) const noexcept;
  };
  struct DestroyScanner {
    void operator()(YR_SCAN_CONTEXT* scanner) const noexcept;
  };

  YaraEngine() = default;

  // Destroyed in reverse order: the scanner uses the rules, both use the library.
  std::unique_ptr<Library> library_;
  std::unique_ptr<YR_RULES, DestroyRules> rules_;
  std::unique_ptr<YR_SCAN_CONTEXT, DestroyScanner> scanner_;
};

}  // namespace ward
