// SPDX-License-Identifier: GPL-2.0-or-later
// Harmless contents that every scan process must call infected, or it is not believed. One for each engine: a plain
// text for YARA, and a deflated archive, which only an engine that unpacks into a working scratch can see through.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace ward {

inline constexpr std::string_view kYaraCanaryText =
    "Ward canary 7d1f0c52-yara: a scanner that calls this clean is broken\n";
inline constexpr std::string_view kYaraCanarySignature = "Ward_Canary";

/// The one line of the ClamAV database that finds the archive's member.
std::string_view clamav_canary_database();
inline constexpr std::string_view kClamavCanaryFile = "ward-canary.ndb";
inline constexpr std::string_view kClamavCanarySignature = "Ward.Canary.UNOFFICIAL";
/// A zip whose one deflated member holds the text of that signature many times over.
std::span<const std::byte> clamav_canary_archive();

}  // namespace ward
