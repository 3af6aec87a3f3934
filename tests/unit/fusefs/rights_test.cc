// SPDX-License-Identifier: GPL-2.0-or-later
// Whose rights an operation is done with.
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "fusefs/attribute_rights.h"
#include "fusefs/caller.h"
#include "fusefs/flag_rights.h"

namespace ward::fusefs {
namespace {

constexpr uid_t kOwner = 1000;
constexpr uid_t kOther = 1001;

fuse_ctx context(uid_t uid, gid_t gid) {
  fuse_ctx caller{};
  caller.uid = uid;
  caller.gid = gid;
  return caller;
}

class AsCallerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  static uid_t fsuid() { return static_cast<uid_t>(::setfsuid(static_cast<uid_t>(-1))); }
  static gid_t fsgid() { return static_cast<gid_t>(::setfsgid(static_cast<gid_t>(-1))); }
};

TEST_F(AsCallerTest, ActsAsTheCallerAndReturns) {
  {
    const AsCaller caller(context(kOwner, kOther));
    EXPECT_EQ(fsuid(), kOwner);
    EXPECT_EQ(fsgid(), kOther);
  }
  EXPECT_EQ(fsuid(), 0U);
  EXPECT_EQ(fsgid(), 0U);
}

TEST_F(AsCallerTest, NeverActsAsRootInPlaceOfACallerItCannotBe) {
  constexpr auto kImpossible = static_cast<uid_t>(-1);
  EXPECT_DEATH({ const AsCaller caller(context(kImpossible, 0)); }, "");
  EXPECT_DEATH({ const AsCaller caller(context(0, kImpossible)); }, "");
}

TEST(AttributeRights, OnlyKnownSystemNamesAreTouchedWithoutAServer) {
  for (const bool server : {false, true}) {
    EXPECT_EQ(attribute_rights("system.posix_acl_access", server), AttributeRights::caller);
    EXPECT_EQ(attribute_rights("system.posix_acl_default", server), AttributeRights::caller);
    EXPECT_EQ(attribute_rights("user.name", server), AttributeRights::checked);
    EXPECT_EQ(attribute_rights("trusted.name", server), AttributeRights::checked);
    EXPECT_EQ(attribute_rights("security.capability", server), AttributeRights::checked);
  }
  EXPECT_EQ(attribute_rights("system.ntfs_security", false), AttributeRights::refused);
  EXPECT_EQ(attribute_rights("system.nfs4_acl", true), AttributeRights::caller);
}

TEST(FlagRights, StrangersChangeNothing) {
  EXPECT_FALSE(may_change_flags(kOther, kOwner, 0, FS_NODUMP_FL));
  EXPECT_FALSE(may_change_xflags(kOther, kOwner, 0, FS_XFLAG_NODUMP));
}

TEST(FlagRights, OwnersChangeWhatIsNotRoots) {
  EXPECT_TRUE(may_change_flags(kOwner, kOwner, 0, FS_NODUMP_FL));
  EXPECT_TRUE(may_change_xflags(kOwner, kOwner, 0, FS_XFLAG_NODUMP));
  EXPECT_TRUE(may_change_flags(kOwner, kOwner, FS_APPEND_FL, FS_APPEND_FL | FS_NODUMP_FL));
  for (const unsigned flag : {unsigned{FS_IMMUTABLE_FL}, unsigned{FS_APPEND_FL}}) {
    EXPECT_FALSE(may_change_flags(kOwner, kOwner, 0, flag));
    EXPECT_FALSE(may_change_flags(kOwner, kOwner, flag, 0));
    EXPECT_TRUE(may_change_flags(0, kOwner, 0, flag));
  }
  for (const unsigned flag : {unsigned{FS_XFLAG_IMMUTABLE}, unsigned{FS_XFLAG_APPEND}}) {
    EXPECT_FALSE(may_change_xflags(kOwner, kOwner, 0, flag));
    EXPECT_FALSE(may_change_xflags(kOwner, kOwner, flag, 0));
    EXPECT_TRUE(may_change_xflags(0, kOwner, flag, 0));
  }
}

}  // namespace
}  // namespace ward::fusefs
