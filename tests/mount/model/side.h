// SPDX-License-Identifier: GPL-2.0-or-later
// One of the two directories that are compared, and what operations do there.
#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/base/unique_fd.h"
#include "tests/mount/model/step.h"

namespace ward::test::model {

/// Does steps below one directory and says what came of each in words that are the same wherever the filesystem behaves
/// the same. Keeps a few descriptors open between steps. One thread.
class Side {
 public:
  explicit Side(std::string root) : root_(std::move(root)) {}

  std::string run(const Step& step);
  /// Every name with its attributes and contents, in a fixed order.
  std::string describe_tree();

 private:
  friend struct Operations;
  static constexpr std::size_t kSlots = 6;

  [[nodiscard]] std::string path(std::uint32_t number) const;
  UniqueFd& slot(std::uint32_t number) { return slots_[number % kSlots]; }
  void describe(const std::string& name, std::string& text);

  std::string root_;
  std::array<UniqueFd, kSlots> slots_;
};

struct Operation {
  std::string_view name;
  std::string (*run)(Side&, const Step&);
  /// How often it is chosen, against the others.
  unsigned weight;
};

/// The mode as it is compared: without a regular file's set-id bits for root, whose writes take those that a file got
/// while it was open, where natively they stay.
mode_t shown_mode(mode_t mode);

const std::vector<Operation>& operations();

}  // namespace ward::test::model
