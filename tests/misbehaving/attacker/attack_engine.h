// SPDX-License-Identifier: GPL-2.0-or-later
// An engine that obeys the file.
#pragma once

#include "scanner/engines/engine.h"

namespace ward::test {

inline constexpr const char* kAttackEngine = "attack";
/// What a file begins with that is an order; the attack's name follows, then a space and an argument where it has one.
inline constexpr const char* kOrder = "attack ";
/// The signature of an attack that got what it wanted. One that was refused is called clean.
inline constexpr const char* kSuccess = "Attack.Succeeded";

class AttackEngine final : public Engine {
 public:
  [[nodiscard]] EngineDescription describe() const override { return {kAttackEngine, "1", 1}; }
  Verdict scan(const FileView& file) override;
};

}  // namespace ward::test
