// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/progress_bar.h"

#include <algorithm>
#include <ostream>

#include "apps/ward/printable.h"

namespace ward {
namespace {

constexpr std::chrono::milliseconds kPause{100};
constexpr unsigned kBar = 20;

}  // namespace

std::string progress_line(std::uint64_t done, std::uint64_t total, const std::string& name, unsigned columns) {
  const std::uint64_t all = std::max<std::uint64_t>({total, done, 1});
  const auto filled = static_cast<unsigned>(done * kBar / all);
  std::string line = "[" + std::string(filled, '#') + std::string(kBar - filled, ' ') + "] ";
  line += std::to_string(done * 100 / all) + " %  " + std::to_string(done) + " of " + std::to_string(all) + "  " +
          printable(name);
  if (line.size() > columns) line.resize(columns);
  return line;
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total, const std::string& name) {
  const auto now = std::chrono::steady_clock::now();
  if (visible_ && now - drawn_ < kPause) return;
  drawn_ = now;
  visible_ = true;
  terminal_ << "\r\033[K" << progress_line(done, total, name, columns_) << std::flush;
}

void ProgressBar::clear() {
  if (!visible_) return;
  visible_ = false;
  terminal_ << "\r\033[K" << std::flush;
}

}  // namespace ward
