// SPDX-License-Identifier: GPL-2.0-or-later
// Series as a picture.
#pragma once

#include <string>
#include <vector>

#include "tests/soak/series.h"

namespace ward::test {

/// An SVG with one panel a series, its values and the fitted line.
std::string svg(const std::vector<Series>& all);

}  // namespace ward::test
