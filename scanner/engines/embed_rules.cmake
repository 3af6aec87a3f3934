# SPDX-License-Identifier: GPL-2.0-or-later
# Writes OUTPUT: C++ that returns the RULES files as texts.
set(code "// Made from scanner/engines/rules.\n#include \"scanner/engines/yara_engine.h\"\n\nnamespace ward {\n\n")
string(APPEND code "std::vector<RuleSource> builtin_rules() {\n  return {\n")
foreach(rule IN LISTS RULES)
  get_filename_component(name ${rule} NAME)
  file(READ ${rule} text)
  string(APPEND code "      {\"built-in ${name}\", R\"WARD_RULES(${text})WARD_RULES\"},\n")
endforeach()
string(APPEND code "  };\n}\n\n}  // namespace ward\n")
file(WRITE ${OUTPUT} "${code}")
