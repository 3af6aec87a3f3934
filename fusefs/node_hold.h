// SPDX-License-Identifier: GPL-2.0-or-later
// A reference to a node besides the kernel's, so that its number stays its own while something still asks about it.
#pragma once

#include "fusefs/inode_table.h"

namespace ward::fusefs {

class NodeHold {
 public:
  /// `inodes` must outlive the object.
  NodeHold(InodeTable& inodes, NodeId node) : inodes_(inodes), node_(node) { inodes_.refer(node_); }
  ~NodeHold() { inodes_.forget(node_, 1); }
  NodeHold(const NodeHold&) = delete;
  NodeHold& operator=(const NodeHold&) = delete;

 private:
  InodeTable& inodes_;
  const NodeId node_;
};

}  // namespace ward::fusefs
