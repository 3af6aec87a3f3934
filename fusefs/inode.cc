// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/inode.h"

#include <algorithm>

namespace ward::fusefs {

void ShortName::assign(std::string_view name) {
  if (text_ && view() == name) return;
  text_ = std::make_unique<char[]>(name.size() + 1);
  std::copy(name.begin(), name.end(), text_.get());
}

}  // namespace ward::fusefs
