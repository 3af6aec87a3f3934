// SPDX-License-Identifier: GPL-2.0-or-later
// How the answers of several engines become one.
#include "scanner/engines/engine_set.h"

#include <gtest/gtest.h>

#include <functional>

#include "scanner/wire/canary.h"
#include "tests/support/eicar.h"
#include "tests/unit/engines/engine_files.h"

namespace ward::test {
namespace {

class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(std::function<Verdict(const FileView&)> answer) : answer_(std::move(answer)) {}
  [[nodiscard]] EngineDescription describe() const override { return {"fake", "1", 1}; }
  Verdict scan(const FileView& file) override { return answer_(file); }

 private:
  std::function<Verdict(const FileView&)> answer_;
};

class EngineSetTest : public ::testing::Test {
 protected:
  void load() {
    auto set = EngineSet::load(options_);
    ASSERT_TRUE(set) << set.error().message;
    set_.emplace(std::move(*set));
  }
  void add(Verdict verdict) {
    set_->add(std::make_unique<FakeEngine>([verdict](const FileView&) { return verdict; }));
  }
  Verdict scan(std::string_view contents) { return set_->scan(file_with(contents).get(), TypeWish::never).verdict; }

  EngineOptions options_;
  std::optional<EngineSet> set_;
  const Verdict found_ = Verdict::infected({"fake", "Something"});
  const Verdict failed_ = Verdict::unscanned(UnscannedReason::engine_error, "failed");
  const Verdict limit_ = Verdict::unscanned(UnscannedReason::limit, "limit");
};

TEST_F(EngineSetTest, CleanWhenEverybodySaysSo) {
  load();
  add(Verdict::clean());
  EXPECT_EQ(scan("text"), Verdict::clean());
}

TEST_F(EngineSetTest, FindingWinsOverFailure) {
  load();
  add(failed_);
  add(found_);
  EXPECT_EQ(scan("text"), found_);
}

TEST_F(EngineSetTest, FailureIsNeverClean) {
  load();
  add(failed_);
  add(Verdict::clean());
  EXPECT_EQ(scan("text"), failed_);
}

TEST_F(EngineSetTest, FirstDoubtIsTheAnswer) {
  load();
  add(limit_);
  add(failed_);
  EXPECT_EQ(scan("text"), limit_);
}

TEST_F(EngineSetTest, LargeFilesAreOversizeUnread) {
  options_.max_file_size = options_.max_scan_size = 1000;
  load();
  EXPECT_EQ(scan(std::string(1000, 'x')), Verdict::clean());
  EXPECT_EQ(scan(std::string(1001, 'x')), Verdict::unscanned(UnscannedReason::oversize));
}

TEST_F(EngineSetTest, TwoGibibytesAreOversizeAtAnyLimit) {
  options_.max_file_size = kLargestFileLimit;
  load();
  const UniqueFd huge(::memfd_create("huge", MFD_CLOEXEC));
  ASSERT_EQ(::ftruncate(huge.get(), off_t{1} << 31), 0);
  EXPECT_EQ(set_->scan(huge.get(), TypeWish::never).verdict, Verdict::unscanned(UnscannedReason::oversize));
  options_.max_file_size = kLargestFileLimit + 1;
  EXPECT_FALSE(options_.check());
  options_.max_file_size = 0;
  EXPECT_FALSE(options_.check());
  options_ = {};
  options_.max_scan_size = options_.max_file_size + 1;
  EXPECT_FALSE(options_.check());
}

TEST_F(EngineSetTest, WhatIsNoFileIsNotClean) {
  load();
  const auto refused = [this](int fd) {
    const auto verdict = set_->scan(fd, TypeWish::never).verdict;
    return verdict.kind() == VerdictKind::unscanned && verdict.reason() == UnscannedReason::engine_error;
  };
  const UniqueFd directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(refused(directory.get()));
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd in(ends[0]);
  const UniqueFd out(ends[1]);
  EXPECT_TRUE(refused(in.get()));
  const ScratchDirectory scratch;
  write_text("file", "text");
  EXPECT_TRUE(refused(UniqueFd(::open("file", O_PATH | O_CLOEXEC)).get()));
  EXPECT_TRUE(refused(UniqueFd(::open("file", O_WRONLY | O_CLOEXEC)).get()));
  EXPECT_TRUE(refused(-1));
  EXPECT_FALSE(refused(UniqueFd(::open("file", O_RDONLY | O_CLOEXEC)).get()));
}

TEST_F(EngineSetTest, FileThatChangesUnderTheScanIsNotClean) {
  load();
  const ScratchDirectory scratch;
  write_text("file", std::string(5000, 'x'));
  set_->add(std::make_unique<FakeEngine>([](const FileView&) {
    EXPECT_EQ(::truncate("file", 10), 0);
    return Verdict::clean();
  }));
  const UniqueFd fd(::open("file", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(set_->scan(fd.get(), TypeWish::never).verdict, Verdict::unscanned(UnscannedReason::changed_while_scanned));
}

TEST_F(EngineSetTest, EmptyFilesAreCleanAndTyped) {
  load();
  const auto answer = set_->scan(file_with("").get(), TypeWish::always);
  EXPECT_EQ(answer.verdict, Verdict::clean());
  EXPECT_EQ(answer.type, "application/x-empty");
}

TEST_F(EngineSetTest, TypeIsToldToWhoWishesForIt) {
  load();
  const auto type_of = [this](std::string_view contents, TypeWish wish) {
    return set_->scan(file_with(contents).get(), wish).type;
  };
  EXPECT_EQ(type_of("a letter\n", TypeWish::always), "text/plain");
  EXPECT_EQ(type_of("a letter\n", TypeWish::unless_clean), "");
  EXPECT_EQ(type_of("a letter\n", TypeWish::never), "");
  EXPECT_EQ(type_of(eicar(), TypeWish::unless_clean), "text/plain");
  EXPECT_EQ(type_of(eicar(), TypeWish::never), "");
  add(limit_);
  EXPECT_EQ(type_of("a letter\n", TypeWish::unless_clean), "text/plain");
}

TEST_F(EngineSetTest, OffsetOfTheFileIsLeftAlone) {
  load();
  const auto file = file_with(eicar());
  ASSERT_EQ(::lseek(file.get(), 7, SEEK_SET), 7);
  EXPECT_TRUE(set_->scan(file.get(), TypeWish::always).verdict.is_infected());
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 7);
}

TEST_F(EngineSetTest, GenerationStandsForRulesAndLimits) {
  load();
  const auto plain = set_->generation();
  load();
  EXPECT_EQ(set_->generation(), plain);
  options_.max_files = 7;
  load();
  EXPECT_NE(set_->generation(), plain);
  options_ = {};
  const ScratchDirectory scratch;
  options_.rule_directories = {scratch.path()};
  load();
  EXPECT_EQ(set_->generation(), plain);  // an empty directory changes nothing
  write_text("more.yar", "rule More { condition: false }");
  load();
  EXPECT_NE(set_->generation(), plain);
}

TEST_F(EngineSetTest, OwnRulesAreAskedWithoutTheBuiltInOnes) {
  const ScratchDirectory scratch;
  write_text("own.yar", "rule Own { strings: $a = \"xyzzy\" condition: $a }");
  options_.rule_directories = {scratch.path()};
  options_.builtin_rules = false;
  load();
  EXPECT_EQ(scan("xyzzy"), Verdict::infected({"yara", "Own"}));
  EXPECT_EQ(scan(eicar()), Verdict::clean());
  EXPECT_EQ(scan(kYaraCanaryText), Verdict::infected({"yara", std::string(kYaraCanarySignature)}));
}

TEST_F(EngineSetTest, WithoutRulesThereIsClamAvAlone) {
  const ScratchDirectory scratch;
  write_text("test.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Eicar\n");
  options_.clamav_directory = scratch.path();
  options_.builtin_rules = false;
  load();
  ASSERT_EQ(set_->describe().size(), 1U);
  EXPECT_EQ(set_->describe()[0].name, "clamav");
  EXPECT_EQ(scan(eicar()), Verdict::infected({"clamav", "Eicar.UNOFFICIAL"}));
}

TEST_F(EngineSetTest, NoEngineIsAnError) {
  const ScratchDirectory scratch;
  options_.rule_directories = {scratch.path()};
  options_.clamav_directory = scratch.path();
  options_.builtin_rules = false;
  const auto set = EngineSet::load(options_);
  ASSERT_FALSE(set);
  EXPECT_NE(set.error().message.find("no engine"), std::string::npos) << set.error().message;
}

}  // namespace
}  // namespace ward::test
