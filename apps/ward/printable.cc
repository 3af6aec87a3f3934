// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/printable.h"

namespace ward {

std::string printable(std::string_view text) {
  constexpr unsigned char kDelete = 0x7f;
  std::string shown;
  shown.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte != kDelete && c != '\\') {
      shown += c;
      continue;
    }
    shown += '\\';
    for (const int shift : {6, 3, 0}) shown += static_cast<char>('0' + ((byte >> shift) & 7));
  }
  return shown;
}

}  // namespace ward
