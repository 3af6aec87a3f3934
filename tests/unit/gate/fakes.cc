// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/gate/fakes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <thread>

namespace ward::test {
namespace {

constexpr auto kPatience = std::chrono::seconds{60};

ino_t inode_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw std::runtime_error("fstat of a fake file");
  return status.st_ino;
}

}  // namespace

FakeFile::FakeFile(int number, std::int64_t ctime_ns)
    : memory_(::memfd_create("fake", MFD_CLOEXEC)),
      inode_(inode_of(memory_.get())),
      id_(FileId::from_handle(42, 1, std::as_bytes(std::span(&number, 1)))),
      ctime_ns_(ctime_ns),
      contents_(number) {}

UniqueFd FakeFile::open() const { return UniqueFd(::fcntl(memory_.get(), F_DUPFD_CLOEXEC, 0)); }

FileFacts FakeFile::facts() const {
  return {{size_.load(), ctime_ns_.load(), ctime_ns_.load(), 0}, inode_, owner_.load(), true, links_.load()};
}

const FakeFile& FakeInspector::file(int fd) const { return *files_.at(inode_of(fd)); }

Result<ContentHash> FakeInspector::content_hash(int fd, std::int64_t) {
  ContentHash hash{};
  const int contents = file(fd).contents();
  std::memcpy(hash.data(), &contents, sizeof(contents));
  return hash;
}

namespace {

class FakeExecutor final : public ScanExecutor {
 public:
  explicit FakeExecutor(FakeBackend& backend) : backend_(backend) {}
  ScanReport scan(const ScanTask& task) override { return backend_.scan(task); }

 private:
  FakeBackend& backend_;
};

}  // namespace

Result<std::unique_ptr<ScanExecutor>> FakeBackend::make_executor() { return std::make_unique<FakeExecutor>(*this); }

ScanReport FakeBackend::scan(const ScanTask& task) {
  const std::uint64_t generation = generation_.load();
  {
    std::unique_lock lock(mutex_);
    scanned_.push_back(task.id);
    changed_.notify_all();
    changed_.wait(lock, [&] { return !holding_ || tickets_ > 0 || interrupted_; });
    if (interrupted_) return {Verdict::unscanned(UnscannedReason::shutting_down), {}, generation};
    if (holding_) --tickets_;
  }
  return {scan_(task), "text/plain", generation};
}

void FakeBackend::interrupt() noexcept {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  changed_.notify_all();
}

void FakeBackend::hold() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
}

void FakeBackend::release(std::size_t count) {
  const std::lock_guard lock(mutex_);
  tickets_ += count;
  changed_.notify_all();
}

void FakeBackend::release() {
  const std::lock_guard lock(mutex_);
  holding_ = false;
  changed_.notify_all();
}

void FakeBackend::wait_for_scans(std::size_t count) {
  std::unique_lock lock(mutex_);
  ASSERT_TRUE(changed_.wait_for(lock, kPatience, [&] { return scanned_.size() >= count; })) << scanned_.size();
}

std::vector<FileId> FakeBackend::scanned() const {
  const std::lock_guard lock(mutex_);
  return scanned_;
}

struct Asker::State {
  std::mutex mutex;
  std::condition_variable changed;
  Answer answer;
  int answers = 0;
};

class Asker::Slot final : public Reply {
 public:
  explicit Slot(std::shared_ptr<State> state) : state_(std::move(state)) {}
  void answer(const Answer& answer) noexcept override {
    const std::lock_guard lock(state_->mutex);
    state_->answer = answer;
    ++state_->answers;
    state_->changed.notify_all();
  }

 private:
  std::shared_ptr<State> state_;
};

Asker::Asker() : state_(std::make_shared<State>()) {}

std::unique_ptr<Reply> Asker::reply() { return std::make_unique<Slot>(state_); }

Answer Asker::answer() {
  std::unique_lock lock(state_->mutex);
  if (!state_->changed.wait_for(lock, kPatience, [&] { return state_->answers > 0; })) {
    ADD_FAILURE() << "no answer";
  }
  return state_->answer;
}

int Asker::answers() const {
  const std::lock_guard lock(state_->mutex);
  return state_->answers;
}

void CollectedRecords::record(AccessRecord record) noexcept {
  const std::lock_guard lock(mutex_);
  records_.push_back(std::move(record));
}

std::vector<AccessRecord> CollectedRecords::all() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

void FakeKeeper::add(const FileId& key, bool kept) {
  const std::lock_guard lock(mutex_);
  kept_[key] = kept;
}

bool FakeKeeper::keeps(const FileId& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  return found != kept_.end() && found->second;
}

std::size_t FakeKeeper::size() const {
  const std::lock_guard lock(mutex_);
  return kept_.size();
}

GateWorld::GateWorld() {
  config.workers = 1;
  config.cache_bytes = std::size_t{1} << 20;
}

GateWorld::~GateWorld() {
  backend.release();
  gate_.reset();
}

FakeFile& GateWorld::file() {
  const std::int64_t now = clock.wall().time_since_epoch().count();
  constexpr std::int64_t kAgeNs = 3'600'000'000'000;
  FakeFile& made = *files_.emplace_back(std::make_unique<FakeFile>(static_cast<int>(files_.size()), now - kAgeNs));
  inspector.add(made);
  return made;
}

void GateWorld::start() {
  memory_ = std::make_unique<VerdictMemory>(config.cache_bytes);
  memory_->set_keeper(&keeper);
  auto gate = ScanGate::start(config, {backend, *memory_, writes_, records, inspector, clock});
  if (!gate) throw std::runtime_error(gate.error().message);
  gate_ = std::move(*gate);
}

FileVersion GateWorld::version(const FakeFile& file) {
  FileVersion version;
  const std::uint64_t writes = gate_->write_count(file.id());
  version = file.facts().version;
  version.writes = writes;
  return version;
}

AccessRequest GateWorld::request(const FakeFile& file, Access access, uid_t uid) {
  AccessRequest request;
  request.id = file.id();
  request.version = version(file);
  request.fd = file.open();
  request.access = access;
  request.pid = 1;
  request.uid = uid;
  request.path = [number = file.contents()] { return "/fake/" + std::to_string(number); };
  return request;
}

AccessRequest GateWorld::close_of(const FakeFile& file, uid_t uid) {
  AccessRequest closed = request(file, Access::closed_after_write, uid);
  closed.fd.reset();
  closed.reopen = [&file] { return file.open(); };
  return closed;
}

void GateWorld::ask(const FakeFile& file, Asker& asker, Access access, uid_t uid) {
  gate_->admit(request(file, access, uid), asker.reply());
}

Answer GateWorld::ask(const FakeFile& file, Access access, uid_t uid) {
  Asker asker;
  ask(file, asker, access, uid);
  return asker.answer();
}

bool GateWorld::known(const FakeFile& file) { return gate_->known(file.id(), version(file), Access::read).has_value(); }

void GateWorld::drain(std::chrono::milliseconds step) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (gate_->stats().waiting > 0 || gate_->stats().remembered_now > 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "files still wait";
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
    if (step.count() > 0) clock.advance(step);
  }
}

}  // namespace ward::test
