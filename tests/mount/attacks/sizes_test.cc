// SPDX-License-Identifier: GPL-2.0-or-later
// Very large files and archives that unpack without end.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tests/mount/attacks/guarded.h"

namespace ward::test {
namespace {

class Sizes : public Guarded {
 protected:
  void make_sparse(const std::string& name, off_t size, const std::string& at_the_end) {
    UniqueFd fd;
    ASSERT_EQ(open_error(at(name), O_WRONLY | O_CREAT, &fd), 0);
    ASSERT_EQ(::ftruncate(fd.get(), size), 0);
    ASSERT_EQ(::pwrite(fd.get(), at_the_end.data(), at_the_end.size(), size), static_cast<ssize_t>(at_the_end.size()));
  }
};

constexpr off_t kFiveGigabytes = 5LL << 30;

TEST_F(Sizes, TooLargeIsRefusedWithItsReason) {
  guard();
  make_sparse("large", kFiveGigabytes, eicar());
  EXPECT_EQ(open_error(at("large")), EPERM);
  const auto record = mount().wait_for_record(
      [](const RecordEntry& entry) { return entry.path.ends_with("large") && entry.access == "read"; });
  ASSERT_TRUE(record);
  EXPECT_EQ(record->verdict, "unscanned");
  EXPECT_EQ(record->reason, "oversize");
  struct stat status {};
  ASSERT_EQ(::stat(at("large").c_str(), &status), 0);
  EXPECT_GT(status.st_size, kFiveGigabytes);
}

TEST_F(Sizes, TooLargeMayBeAllowed) {
  guard({"--on-unscanned", "oversize=allow"});
  make_sparse("large", kFiveGigabytes, "the end");
  UniqueFd fd;
  ASSERT_EQ(open_error(at("large"), O_RDONLY, &fd), 0);
  char end[7];
  ASSERT_EQ(::pread(fd.get(), end, sizeof end, kFiveGigabytes), 7);
  EXPECT_EQ(std::string(end, sizeof end), "the end");
}

/// Cut to a size that can be scanned, it is scanned; grown again, it is not.
TEST_F(Sizes, TheLimitFollowsTheFile) {
  guard();
  make_sparse("f", kFiveGigabytes, "the end");
  EXPECT_EQ(open_error(at("f")), EPERM);
  ASSERT_EQ(::truncate(at("f").c_str(), 1000), 0);
  EXPECT_EQ(open_error(at("f")), 0);
  ASSERT_EQ(::truncate(at("f").c_str(), kFiveGigabytes), 0);
  EXPECT_EQ(open_error(at("f")), EPERM);
}

/// A zip of zips of zeros, a few hundred kilobytes that unpack to 64 GB, with ClamAV at work.
TEST_F(Sizes, ArchiveBomb) {
  const TempDir database("clamav");
  write_file(database / "one.ndb", "Ward.Test.Marker:0:*:574152442d544553542d4d41524b4552\n");
  use_clamav(database.path());
  guard({"--deadline", "60s", "--max-size", "4MiB"});
  const Outcome made = run({"python3", "-c", R"(
import sys, zipfile, io
data = b'\0' * (1 << 20)
for level in range(4):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        for i in range(16):
            archive.writestr('%d.zip' % i, data)
    data = out.getvalue()
open(sys.argv[1], 'wb').write(data)
)",
                            at("bomb.zip")});
  ASSERT_EQ(made.exit_code, 0) << made.output;
  EXPECT_EQ(open_error(at("bomb.zip")), EPERM);
  const auto record = mount().wait_for_record(
      [](const RecordEntry& entry) { return entry.path.ends_with("bomb.zip") && entry.access == "read"; });
  ASSERT_TRUE(record);
  EXPECT_EQ(record->verdict, "unscanned") << record->line;
  EXPECT_EQ(record->reason, "limit") << record->line;
  write_file(at("clean"), "clean");
  EXPECT_EQ(open_error(at("clean")), 0);
  write_file(at("marked"), "WARD-TEST-MARKER");
  EXPECT_EQ(open_error(at("marked")), EPERM) << "ClamAV was not at work";
}

}  // namespace
}  // namespace ward::test
