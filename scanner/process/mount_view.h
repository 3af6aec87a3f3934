// SPDX-License-Identifier: GPL-2.0-or-later
// Which filesystems the zygote and its scan processes still see.
#pragma once

#include <string>
#include <vector>

namespace ward {

/// True when a filesystem mounted at `mountpoint` holds one of the paths that are needed.
bool is_needed_mount(const std::string& mountpoint, const std::vector<std::string>& needed);

/// Detaches, in this mount namespace alone, every filesystem that holds none of the paths in `needed`: a namespace that
/// kept them would keep them in use after the machine has unmounted them, Ward's own mounts above all. What may not be
/// detached (in the namespace of an ordinary user) stays. Requires a mount namespace that nothing propagates from.
void leave_other_mounts(const std::vector<std::string>& needed);

}  // namespace ward
