// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/verdict_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "scanner/cache/store_database.h"

namespace ward {
namespace {

constexpr const char* kFileName = "/verdicts.db";
constexpr std::chrono::milliseconds kGather{200};
constexpr const char* kSideFiles[] = {"", "-wal", "-shm"};

/// Locks the directory for this process, making it first where it is missing.
Result<UniqueFd> lock_directory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("cannot make " + directory);
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno("cannot open " + directory);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("cannot stat " + directory);
  if ((status.st_uid != 0 && status.st_uid != ::geteuid()) || (status.st_mode & 0022) != 0) {
    return fail("others may write to " + directory + ": verdicts are not kept there");
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return fail("another Ward keeps its verdicts in " + directory);
    return fail_errno("cannot lock " + directory);
  }
  return fd;
}

/// Out of the way, where somebody may still look at it; an earlier one gives way.
void set_aside(const std::string& path) {
  for (const char* side : kSideFiles) {
    const std::string from = path + side;
    if (::rename(from.c_str(), (path + ".damaged" + side).c_str()) != 0) ::unlink(from.c_str());
  }
}

void remove_store(const std::string& path) {
  for (const char* side : kSideFiles) ::unlink((path + side).c_str());
}

/// Looks at everything before anything is believed: a record that does not check makes the whole suspect. Returns the
/// keys of other generations.
Result<std::vector<FileId>> verify(StoreDatabase& database, std::uint64_t generation) {
  std::vector<FileId> outdated;
  std::size_t broken = 0;
  const Result<void> read = database.each([&](std::span<const std::byte> key, std::span<const std::byte> value) {
    const std::optional<StoredVerdict> entry = decode_stored(key, value);
    if (!entry) {
      ++broken;
    } else if (entry->generation != generation) {
      outdated.push_back(entry->key);
    }
  });
  if (!read) return tl::unexpected(read.error());
  if (broken > 0) return fail(std::to_string(broken) + " records do not match their checksums");
  return outdated;
}

Result<void> drop_outdated(StoreDatabase& database, const std::vector<FileId>& outdated) {
  if (outdated.empty()) return {};
  if (Result<void> begun = database.begin(); !begun) return begun;
  for (const FileId& key : outdated) {
    if (Result<void> removed = database.remove(key); !removed) return removed;
  }
  return database.commit();
}

Result<std::unique_ptr<StoreDatabase>> open_verified(const std::string& path, std::uint64_t generation) {
  auto database = StoreDatabase::open(path);
  if (!database) return database;
  const Result<std::vector<FileId>> outdated = verify(**database, generation);
  if (!outdated) return tl::unexpected(outdated.error());
  if (Result<void> dropped = drop_outdated(**database, *outdated); !dropped) return tl::unexpected(dropped.error());
  return database;
}

void restore_all(StoreDatabase& database, const VerdictStore::Restore& restore) {
  // A failure now costs scans only; the writer meets it again and says so.
  static_cast<void>(database.each([&](std::span<const std::byte> key, std::span<const std::byte> value) {
    if (const std::optional<StoredVerdict> entry = decode_stored(key, value)) restore(*entry);
  }));
}

}  // namespace

Result<std::unique_ptr<VerdictStore>> VerdictStore::open(const VerdictStoreConfig& config, std::uint64_t generation,
                                                         Log& log, const Restore& restore) {
  Result<UniqueFd> lock = lock_directory(config.directory);
  if (!lock) return tl::unexpected(lock.error());
  const std::string path = config.directory + kFileName;
  Result<std::unique_ptr<StoreDatabase>> database = open_verified(path, generation);
  if (!database) {
    log.warning("The kept verdicts in " + path + " are set aside and begun anew: " + database.error().message);
    set_aside(path);
    database = open_verified(path, generation);
    if (!database) return tl::unexpected(database.error());
  }
  restore_all(**database, restore);
  std::unique_ptr<VerdictStore> store(new VerdictStore(config, std::move(*lock), std::move(*database), log));
  store->thread_ = std::thread([raw = store.get()] { raw->run(); });
  return store;
}

VerdictStore::VerdictStore(const VerdictStoreConfig& config, UniqueFd lock, std::unique_ptr<StoreDatabase> database,
                           Log& log)
    : config_(config), lock_(std::move(lock)), database_(std::move(database)), log_(log) {}

VerdictStore::~VerdictStore() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void VerdictStore::keep(const FileId& key, const FileVersion& version, std::uint64_t generation,
                        const CachedVerdict& value) {
  FileVersion settled = version;
  settled.writes = 0;
  add({key, StoredVerdict{key, settled, generation, value}});
}

void VerdictStore::forget(const FileId& key) { add({key, std::nullopt}); }

void VerdictStore::add(Change change) {
  const MutexLock lock(mutex_);
  // To keep too little costs a scan; a verdict that was taken back must not come again, so that always finds room.
  if (change.entry && queue_.size() >= config_.queue) {
    dropped_.fetch_add(1);
    return;
  }
  if (!change.entry) urgent_ = true;
  queue_.push_back(std::move(change));
  if (queue_.size() == 1 || urgent_) changed_.notify_one();
}

void VerdictStore::run() {
  std::deque<Change> batch;
  while (true) {
    {
      const MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.wait(mutex_);
      if (queue_.empty()) return;
      // A moment for more to come: one transaction for all of them. What is taken back goes at once.
      if (!stopping_ && !urgent_) changed_.wait_until(mutex_, std::chrono::steady_clock::now() + kGather);
      urgent_ = false;
      batch.swap(queue_);
    }
    write(batch);
    batch.clear();
  }
}

void VerdictStore::write(const std::deque<Change>& batch) {
  Result<void> done = failed_ ? Result<void>(fail("the store failed before")) : database_->begin();
  for (auto change = batch.begin(); done && change != batch.end(); ++change) {
    done = change->entry ? database_->put(change->key, encode_stored(*change->entry)) : database_->remove(change->key);
  }
  if (done) done = database_->trim(config_.most_entries);
  if (done) done = database_->commit();
  if (done) return;
  dropped_.fetch_add(batch.size());
  if (failed_) return;
  failed_ = true;
  log_.warning("Verdicts are not kept from now on: " + done.error().message);
  // What could not be taken back must not be believed after a restart.
  remove_store(config_.directory + kFileName);
}

}  // namespace ward
