// SPDX-License-Identifier: GPL-2.0-or-later
// What the filesystem keeps open stays within its share.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <vector>

#include "fusefs/kept_fds.h"
#include "fusefs/open_files.h"

namespace ward::fusefs {
namespace {

UniqueFd null_device() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

TEST(OpenFiles, NoMoreAreOpenThanTheirShare) {
  OpenFiles files(2);
  const auto first = files.add(null_device());
  ASSERT_TRUE(first && files.add(null_device()));
  EXPECT_FALSE(files.add(null_device()));
  EXPECT_TRUE(files.remove(*first));
  EXPECT_TRUE(files.add(null_device())) << "a number that was given back can be had again";
}

TEST(KeptFds, NoMoreAreKeptThanTheirShare) {
  KeptFds kept(3);
  const UniqueFd fd = null_device();
  std::vector<KeptFd> all;
  while (auto one = kept.keep(fd.get())) all.push_back(std::move(*one));
  EXPECT_EQ(all.size(), 3U);
  all.pop_back();
  EXPECT_TRUE(kept.keep(fd.get()));
}

TEST(KeptFds, WhatCannotBeKeptTakesNoRoom) {
  KeptFds kept(1);
  const UniqueFd fd = null_device();
  EXPECT_FALSE(kept.keep(-1));
  EXPECT_TRUE(kept.keep(fd.get()));
}

TEST(KeptFds, DescriptorOutlivesTheBudget) {
  auto kept = std::make_unique<KeptFds>(1);
  const UniqueFd fd = null_device();
  const auto one = kept->keep(fd.get());
  kept.reset();
  struct stat status {};
  ASSERT_TRUE(one);
  EXPECT_EQ(::fstat(one->get(), &status), 0);
}

}  // namespace
}  // namespace ward::fusefs
