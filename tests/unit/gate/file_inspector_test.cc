// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel really says about files and their writers.
#include "scanner/gate/file_inspector.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "scanner/base/unique_fd.h"

namespace ward {
namespace {

class FileInspectorTest : public testing::Test {
 protected:
  void SetUp() override {
    ignore_lease_signals();
    path_ = testing::TempDir() + "ward-inspector-XXXXXX";
    UniqueFd fd(::mkostemp(path_.data(), O_CLOEXEC));
    ASSERT_TRUE(fd);
    ASSERT_EQ(::write(fd.get(), "abc", 3), 3);
    fd.reset();
    read_ = UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(read_);
  }

  void TearDown() override { ::unlink(path_.c_str()); }

  std::string path_;
  UniqueFd read_;
  KernelInspector inspector_;
};

TEST_F(FileInspectorTest, NobodyWrites) { EXPECT_EQ(inspector_.writer(read_.get()), WriterState::none); }

TEST_F(FileInspectorTest, OpenForWritingIsAWriter) {
  UniqueFd writer(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(inspector_.writer(read_.get()), WriterState::writer);
  writer.reset();
  EXPECT_EQ(inspector_.writer(read_.get()), WriterState::none);
}

TEST_F(FileInspectorTest, WritableMappingIsAWriterAfterItsDescriptorIsClosed) {
  UniqueFd writer(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  void* mapping = ::mmap(nullptr, 3, PROT_READ | PROT_WRITE, MAP_SHARED, writer.get(), 0);
  ASSERT_NE(mapping, MAP_FAILED);
  writer.reset();
  EXPECT_EQ(inspector_.writer(read_.get()), WriterState::writer);
  ::munmap(mapping, 3);
  EXPECT_EQ(inspector_.writer(read_.get()), WriterState::none);
}

TEST_F(FileInspectorTest, ProbeKeepsNoLease) {
  ASSERT_EQ(inspector_.writer(read_.get()), WriterState::none);
  const UniqueFd writer(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_TRUE(writer);
}

TEST_F(FileInspectorTest, FactsTellVersionAndKind) {
  const Result<FileFacts> file = inspector_.look(read_.get());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->version.size, 3);
  EXPECT_TRUE(file->regular);
  const UniqueFd directory(::open(testing::TempDir().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_FALSE(inspector_.look(directory.get())->regular);
  EXPECT_FALSE(inspector_.look(-1));
}

TEST_F(FileInspectorTest, HashIsSha256OfTheFirstBytesWhateverTheOffset) {
  constexpr unsigned char kShaOfAbc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                         0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                         0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
  ASSERT_EQ(::lseek(read_.get(), 2, SEEK_SET), 2);
  const Result<ContentHash> hash = inspector_.content_hash(read_.get(), 3);
  ASSERT_TRUE(hash);
  EXPECT_EQ(std::memcmp(hash->data(), kShaOfAbc, sizeof(kShaOfAbc)), 0);
  EXPECT_EQ(::lseek(read_.get(), 0, SEEK_CUR), 2);
}

TEST_F(FileInspectorTest, FileShorterThanItsSizeHasNoHash) { EXPECT_FALSE(inspector_.content_hash(read_.get(), 4)); }

TEST_F(FileInspectorTest, ProcIsNotALocalFilesystem) {
  const UniqueFd proc(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(inspector_.filesystem(proc.get()).local);
  EXPECT_TRUE(inspector_.filesystem(read_.get()).local);
}

}  // namespace
}  // namespace ward
