// SPDX-License-Identifier: GPL-2.0-or-later
// With whose rights an extended attribute is set, read or removed.
#pragma once

#include <cstdint>
#include <string_view>

namespace ward::fusefs {

enum class AttributeRights : std::uint8_t {
  checked,  ///< the kernel has checked the caller's right to names like this: the daemon's own
  caller,   ///< the source's filesystem checks it by itself, so the caller's
  refused,
};

/// The kernel leaves the checks of "system." names to the filesystem. ACLs it knows itself; other such names (of the
/// security descriptors and DOS attributes that some filesystems show in this way) are for a server to check, where
/// `server_checks`; the filesystems of this machine would mistake the daemon for the caller.
[[nodiscard]] constexpr AttributeRights attribute_rights(std::string_view name, bool server_checks) noexcept {
  if (!name.starts_with("system.")) return AttributeRights::checked;
  const bool acl = name == "system.posix_acl_access" || name == "system.posix_acl_default";
  return acl || server_checks ? AttributeRights::caller : AttributeRights::refused;
}

}  // namespace ward::fusefs
