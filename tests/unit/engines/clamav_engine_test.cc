// SPDX-License-Identifier: GPL-2.0-or-later
// Every way in which libclamav is known to call an unscanned file clean: here it is unscanned, with its reason.
#include "scanner/engines/clamav_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sys/resource.h>

#include <csignal>

#include "scanner/base/private_tmpfs.h"
#include "scanner/engines/engine_set.h"
#include "scanner/wire/canary.h"
#include "scanner/wire/signature_files.h"
#include "tests/support/archives/archives.h"
#include "tests/unit/engines/engine_files.h"

namespace ward::test {
namespace {

constexpr const char* kDatabase = "Ward.Test.Marker:0:*:776172642d7465737420696e66656374696f6e\n";  // the text below
constexpr const char* kMarker = "ward-test infection";
const Verdict kFound = Verdict::infected({"clamav", "Ward.Test.Marker.UNOFFICIAL"});

bool is_unscanned(const Verdict& verdict, UnscannedReason reason) {
  return verdict.kind() == VerdictKind::unscanned && verdict.reason() == reason;
}

/// Does not compress: as much scratch is needed as there is contents.
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (auto& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

class ClamavEngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(databases());
    write_text(databases() / "test.ndb", kDatabase);
    options_.clamav_directory = databases();
    options_.max_file_size = std::uint64_t{8} << 20;
    options_.max_scan_size = std::uint64_t{4} << 20;
    options_.max_files = 20;
    options_.max_recursion = 5;
  }
  std::filesystem::path databases() const { return home_.path() / "databases"; }
  void load() {
    auto engine = ClamavEngine::load(options_, {});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  ScratchDirectory home_;
  EngineOptions options_;
  std::unique_ptr<ClamavEngine> engine_;
};

TEST_F(ClamavEngineTest, FindsPlainAndPacked) {
  load();
  EXPECT_EQ(scan_with(*engine_, std::string("xx") + kMarker), kFound);
  EXPECT_EQ(scan_with(*engine_, zip_of("a", kMarker)), kFound);
  EXPECT_EQ(scan_with(*engine_, tar_gz_of("a", kMarker)), kFound);
  EXPECT_EQ(scan_with(*engine_, "a letter"), Verdict::clean());
  EXPECT_EQ(scan_with(*engine_, zip_of("a", "a letter")), Verdict::clean());
  EXPECT_EQ(engine_->describe().signatures, 1U);
}

TEST_F(ClamavEngineTest, MissingScratchIsAnError) {
  load();
  std::filesystem::create_directory("gone");
  std::filesystem::current_path("gone");
  std::filesystem::remove(std::filesystem::current_path());
  EXPECT_TRUE(is_unscanned(scan_with(*engine_, zip_of("a", kMarker)), UnscannedReason::engine_error));
}

TEST_F(ClamavEngineTest, FullScratchIsNeverClean) {
  load();
  auto tiny = make_private_tmpfs({std::uint64_t{2} << 20, 100, 0, 0});
  if (!tiny) GTEST_SKIP() << "no right to mount: " << tiny.error().message;
  ASSERT_EQ(::fchdir(tiny->get()), 0);
  // Room for one directory, not for what is packed.
  const std::string infected = zip_of("a", noise(std::size_t{3} << 20) + kMarker);
  const auto verdict = scan_with(*engine_, infected);
  EXPECT_FALSE(verdict.is_clean());
  write_text("filler", std::string(std::size_t{2} << 20, 'x'));
  EXPECT_TRUE(is_unscanned(scan_with(*engine_, zip_of("a", kMarker)), UnscannedReason::engine_error));
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string mail_with(std::string_view attachment) {
  std::string mail =
      "From: a@example.org\nTo: b@example.org\nSubject: test\nMIME-Version: 1.0\n"
      "Content-Type: multipart/mixed; boundary=\"part\"\n\n--part\nContent-Type: application/octet-stream\n"
      "Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"a.bin\"\n\n";
  const std::string encoded = base64(attachment);
  for (std::size_t at = 0; at < encoded.size(); at += 76) mail += encoded.substr(at, 76) + "\n";
  return mail + "\n--part--\n";
}

/// No file of this process may grow beyond `bytes` while the object lives.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) : action_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, action_);
  }

 private:
  rlimit before_{};
  void (*action_)(int);
};

TEST_F(ClamavEngineTest, ErrorThatIsOnlyMentionedIsAnError) {
  load();
  // Parts of a mail that cannot be unpacked are left out, and the mail is called clean.
  const std::string mail = mail_with(noise(60'000) + kMarker);
  const auto file = file_with(mail);
  EXPECT_EQ(engine_->scan({file.get(), mail.size()}), kFound);
  const SmallFiles limited(4096);
  const auto verdict = engine_->scan({file.get(), mail.size()});
  EXPECT_TRUE(is_unscanned(verdict, UnscannedReason::engine_error)) << ::testing::PrintToString(verdict);
  EXPECT_THAT(verdict.detail(), ::testing::HasSubstr("Can't write"));
}

TEST_F(ClamavEngineTest, RarWithoutUnpackerIsUnsupported) {
  load();
  const std::string rar =
      std::string("Rar!\x1a\x07\x00\xcf\x90\x73\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00", 20) + noise(400);
  const auto plain = scan_with(*engine_, rar);
  const auto within = scan_with(*engine_, zip_of("a.rar", rar));
  // Where the unpacker is installed, this broken archive is for it to judge.
  if (engine_->unpacks_rar()) GTEST_SKIP() << "libclamunrar is installed";
  EXPECT_TRUE(is_unscanned(plain, UnscannedReason::unsupported_container)) << ::testing::PrintToString(plain);
  EXPECT_TRUE(is_unscanned(within, UnscannedReason::unsupported_container)) << ::testing::PrintToString(within);
  EXPECT_EQ(scan_with(*engine_, rar + kMarker), kFound);  // a finding wins
}

TEST_F(ClamavEngineTest, EncryptedArchivesAreEncrypted) {
  load();
  EXPECT_TRUE(is_unscanned(scan_with(*engine_, encrypted_zip_of("a", noise(200))), UnscannedReason::encrypted));
}

TEST_F(ClamavEngineTest, EncryptedDocumentsAreEncrypted) {
  load();
  const std::string pdf =
      "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\n"
      "endobj\n3 0 obj\n<< /Filter /Standard /V 1 /R 2 /O (01234567890123456789012345678901) "
      "/U (01234567890123456789012345678901) /P -4 >>\nendobj\nxref\n0 4\n0000000000 65535 f \n"
      "trailer\n<< /Size 4 /Root 1 0 R /Encrypt 3 0 R /ID [<00><00>] >>\nstartxref\n300\n%%EOF\n";
  EXPECT_TRUE(is_unscanned(scan_with(*engine_, pdf), UnscannedReason::encrypted));
}

TEST_F(ClamavEngineTest, TooDeepIsALimit) {
  load();
  std::string nested = zip_of("a", kMarker);
  for (int i = 0; i < 8; ++i) nested = zip_of("z", nested);
  EXPECT_TRUE(is_unscanned(scan_with(*engine_, nested), UnscannedReason::limit));
}

TEST_F(ClamavEngineTest, TooManyFilesIsALimit) {
  load();
  EXPECT_EQ(scan_with(*engine_, zip_of_many(10, "a letter")), Verdict::clean());
  EXPECT_TRUE(is_unscanned(scan_with(*engine_, zip_of_many(50, "a letter")), UnscannedReason::limit));
}

TEST_F(ClamavEngineTest, LargeMembersAreALimit) {
  load();
  EXPECT_TRUE(
      is_unscanned(scan_with(*engine_, zip_of("a", std::string(std::size_t{6} << 20, 'x'))), UnscannedReason::limit));
  EXPECT_TRUE(
      is_unscanned(scan_with(*engine_, zip_of("a", std::string(std::size_t{60} << 20, 'x'))), UnscannedReason::limit));
}

TEST_F(ClamavEngineTest, FileOverItsLimitIsALimitThoughTheAlarmHasNoName) {
  load();
  EXPECT_TRUE(is_unscanned(scan_with(*engine_, std::string(std::size_t{9} << 20, 'x')), UnscannedReason::limit));
}

TEST_F(ClamavEngineTest, RealFindingsWinOverLimits) {
  load();
  EXPECT_EQ(scan_with(*engine_, encrypted_zip_of("a", noise(200)) + kMarker), kFound);
}

TEST_F(ClamavEngineTest, NoDatabasesMeansNone) {
  EXPECT_EQ(ClamavEngine::has_databases((home_.path() / "absent").string()).value(), false);
  std::filesystem::create_directory("empty");
  EXPECT_EQ(ClamavEngine::has_databases("empty").value(), false);
  write_text("empty/README", "no signatures");
  write_text("empty/freshclam.dat", "state");
  EXPECT_EQ(ClamavEngine::has_databases("empty").value(), false);
  EXPECT_EQ(ClamavEngine::has_databases(databases().string()).value(), true);
}

TEST_F(ClamavEngineTest, DatabasesThatCannotBeReadAreAnErrorAndNotNone) {
  write_text("file", "no directory");
  const auto found = ClamavEngine::has_databases("file");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "cannot read ClamAV's databases in file: Not a directory");
  options_.clamav_directory = "file";
  const auto set = EngineSet::load(options_);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().message, found.error().message);
}

TEST_F(ClamavEngineTest, BrokenDatabaseIsRefusedInOneLine) {
  write_text(databases() / "broken.ndb", "Ward.Broken:0:*:61zz\n");
  const auto engine = ClamavEngine::load(options_, {});
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().message, ::testing::StartsWith("ClamAV cannot load " + databases().string() + ": "));
  EXPECT_THAT(engine.error().message, ::testing::Not(::testing::HasSubstr("\n")));
}

TEST_F(ClamavEngineTest, BytecodeIsNotLoaded) { EXPECT_FALSE(is_clamav_database("bytecode.cbc")); }

TEST_F(ClamavEngineTest, SetLoadsTheCanaryAndNotItsDatabaseForGood) {
  const auto set = EngineSet::load(options_);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_FALSE(std::filesystem::exists(kClamavCanaryFile));
  auto loaded = EngineSet::load(options_);
  const std::string archive(reinterpret_cast<const char*>(clamav_canary_archive().data()),
                            clamav_canary_archive().size());
  EXPECT_EQ(loaded->scan(file_with(archive).get(), TypeWish::never).verdict,
            Verdict::infected({"clamav", std::string(kClamavCanarySignature)}));
  EXPECT_EQ(loaded->scan(file_with(kYaraCanaryText).get(), TypeWish::never).verdict,
            Verdict::infected({"yara", std::string(kYaraCanarySignature)}));
}

}  // namespace
}  // namespace ward::test
