// SPDX-License-Identifier: GPL-2.0-or-later
// `ward demo`: what Ward does, shown on a temporary directory guarded over itself.
#pragma once

#include "apps/ward/options.h"

namespace ward {

/// 0 when every open went as it should, else 2.
int run_demo(const DemoOptions& options);

}  // namespace ward
