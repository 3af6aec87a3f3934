// SPDX-License-Identifier: GPL-2.0-or-later
// The world around a gate, under a test's control: files, scan processes, askers, records.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "scanner/gate/file_inspector.h"
#include "scanner/gate/gate.h"
#include "scanner/gate/scan_gate.h"
#include "scanner/pool/scan_executor.h"
#include "scanner/record/record.h"
#include "tests/support/fake_clock.h"

namespace ward::test {

/// A file whose version, writers and contents are what the test says. Its descriptors are real, its bytes are not.
class FakeFile {
 public:
  FakeFile(int number, std::int64_t ctime_ns);

  [[nodiscard]] UniqueFd open() const;
  [[nodiscard]] FileId id() const { return id_; }
  [[nodiscard]] ino_t inode() const { return inode_; }
  [[nodiscard]] FileFacts facts() const;
  [[nodiscard]] WriterState writer() const { return writer_.load(); }

  void set_writer(WriterState state) { writer_.store(state); }
  void set_local(bool local) { local_.store(local); }
  void set_stamps_mapped_stores(bool stamps) { stamps_mapped_stores_.store(stamps); }
  [[nodiscard]] FilesystemTraits filesystem() const { return {local_.load(), stamps_mapped_stores_.load()}; }
  void set_links(nlink_t links) { links_.store(links); }
  void set_owner(uid_t owner) { owner_.store(owner); }
  void set_ctime(std::int64_t ctime_ns) { ctime_ns_.store(ctime_ns); }
  /// Other bytes: another size.
  void change() { size_.fetch_add(1); }
  void set_contents(int contents) { contents_.store(contents); }
  [[nodiscard]] int contents() const { return contents_.load(); }

 private:
  UniqueFd memory_;
  ino_t inode_ = 0;
  FileId id_;
  std::atomic<std::int64_t> size_{100};
  std::atomic<std::int64_t> ctime_ns_;
  std::atomic<WriterState> writer_{WriterState::none};
  std::atomic<nlink_t> links_{1};
  std::atomic<uid_t> owner_{1000};
  std::atomic<bool> local_{true};
  std::atomic<bool> stamps_mapped_stores_{true};
  std::atomic<int> contents_;
};

class FakeInspector final : public FileInspector {
 public:
  void add(const FakeFile& file) { files_[file.inode()] = &file; }

  WriterState writer(int fd) noexcept override { return file(fd).writer(); }
  Result<FileFacts> look(int fd) override { return file(fd).facts(); }
  FilesystemTraits filesystem(int fd) noexcept override { return file(fd).filesystem(); }
  void write_out(int) noexcept override {}
  Result<ContentHash> content_hash(int fd, std::int64_t size) override;

 private:
  [[nodiscard]] const FakeFile& file(int fd) const;
  std::map<ino_t, const FakeFile*> files_;
};

/// Scan processes that answer what the test says, when it says so.
class FakeBackend final : public ScanBackend {
 public:
  using Scan = std::function<Verdict(const ScanTask&)>;

  Result<std::unique_ptr<ScanExecutor>> make_executor() override;
  [[nodiscard]] std::uint64_t generation() const noexcept override { return generation_.load(); }
  void on_distrust(std::function<void(const FileId&)> sink) override { distrust_ = std::move(sink); }
  void interrupt() noexcept override;

  /// What scans answer; clean until set. Called on pool threads. Set before the gate starts.
  void set_scan(Scan scan) { scan_ = std::move(scan); }
  void set_generation(std::uint64_t generation) { generation_.store(generation); }
  void distrust(const FileId& id) { distrust_(id); }

  /// Scans that begin from now on wait for release().
  void hold();
  /// Lets `count` of them go on; all, and all to come, without a count.
  void release(std::size_t count);
  void release();
  /// Waits until `count` scans have begun since the start.
  void wait_for_scans(std::size_t count);
  [[nodiscard]] std::vector<FileId> scanned() const;

  ScanReport scan(const ScanTask& task);

 private:
  Scan scan_ = [](const ScanTask&) { return Verdict::clean(); };
  std::function<void(const FileId&)> distrust_;
  std::atomic<std::uint64_t> generation_{7};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool holding_ = false;
  bool interrupted_ = false;
  std::size_t tickets_ = 0;
  std::vector<FileId> scanned_;
};

/// Where one answer arrives; counts, so that a second one is noticed.
class Asker {
 public:
  [[nodiscard]] std::unique_ptr<Reply> reply();
  /// Waits for the answer.
  Answer answer();
  [[nodiscard]] int answers() const;

 private:
  struct State;
  class Slot;
  std::shared_ptr<State> state_;

 public:
  Asker();
};

class CollectedRecords final : public RecordSink {
 public:
  void record(AccessRecord record) noexcept override;
  [[nodiscard]] std::vector<AccessRecord> all() const;

 private:
  mutable std::mutex mutex_;
  std::vector<AccessRecord> records_;
};

/// What would have been written to disk.
class FakeKeeper final : public VerdictKeeper {
 public:
  void keep(const FileId& key, const FileVersion&, std::uint64_t, const CachedVerdict&) override { add(key, true); }
  void forget(const FileId& key) override { add(key, false); }
  [[nodiscard]] bool keeps(const FileId& key) const;
  [[nodiscard]] std::size_t size() const;

 private:
  void add(const FileId& key, bool kept);
  mutable std::mutex mutex_;
  std::unordered_map<FileId, bool> kept_;
};

/// A gate with everything fake around it. Files are settled and clean unless the test says otherwise.
class GateWorld {
 public:
  GateWorld();
  ~GateWorld();

  FakeClock clock;
  FakeInspector inspector;
  FakeBackend backend;
  CollectedRecords records;
  FakeKeeper keeper;
  GateConfig config;

  /// Made before start().
  FakeFile& file();
  void start();
  [[nodiscard]] ScanGate& gate() { return *gate_; }
  /// Ends the gate, as its owner would.
  void finish() { gate_.reset(); }

  [[nodiscard]] AccessRequest request(const FakeFile& file, Access access = Access::read, uid_t uid = 1000);
  /// The request that a front end makes of a closed file: without a descriptor.
  [[nodiscard]] AccessRequest close_of(const FakeFile& file, uid_t uid = 1000);
  [[nodiscard]] FileVersion version(const FakeFile& file);
  /// Puts the question and waits for its answer.
  Answer ask(const FakeFile& file, Access access = Access::read, uid_t uid = 1000);
  void ask(const FakeFile& file, Asker& asker, Access access = Access::read, uid_t uid = 1000);
  [[nodiscard]] bool known(const FakeFile& file);
  /// Waits until no file waits or is scanned; `step` is how far the clock goes on meanwhile, again and again.
  void drain(std::chrono::milliseconds step = std::chrono::milliseconds{0});

 private:
  std::vector<std::unique_ptr<FakeFile>> files_;
  std::unique_ptr<VerdictMemory> memory_;
  WriteCounters writes_{12345};
  std::unique_ptr<ScanGate> gate_;
};

}  // namespace ward::test
