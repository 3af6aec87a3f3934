// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/cache/store_database.h"

#include <fcntl.h>
#include <sqlite3.h>

#include "scanner/base/unique_fd.h"
#include "scanner/cache/store_codec.h"

namespace ward {
namespace {

/// Marks the file as Ward's ("WARD") in SQLite's header.
constexpr const char* kApplication = "1463898692";

std::string format_text() { return std::to_string(kStoreFormat); }

std::span<const std::byte> blob(sqlite3_stmt* statement, int column) {
  const void* data = sqlite3_column_blob(statement, column);
  const int size = sqlite3_column_bytes(statement, column);
  return {static_cast<const std::byte*>(data), data == nullptr ? 0 : static_cast<std::size_t>(size)};
}

void bind_key(sqlite3_stmt* statement, const FileId& key) {
  const auto bytes = key.to_bytes();
  sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
}

}  // namespace

void StoreDatabase::CloseDatabase::operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
void StoreDatabase::FreeStatement::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

StoreDatabase::~StoreDatabase() = default;

Error StoreDatabase::error(const char* what) const {
  return Error{std::string(what) + ": " + sqlite3_errmsg(database_.get()), 0};
}

Result<std::unique_ptr<StoreDatabase>> StoreDatabase::open(const std::string& path) {
  // SQLite gives the files beside it the mode of the first.
  const UniqueFd made(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made) return fail_errno("cannot make " + path);
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<StoreDatabase> store(new StoreDatabase(raw));
  if (opened != SQLITE_OK) return tl::unexpected(store->error("cannot open the store"));
  for (const auto step : {&StoreDatabase::harden, &StoreDatabase::check, &StoreDatabase::prepare_changes}) {
    if (Result<void> done = (store.get()->*step)(); !done) return tl::unexpected(done.error());
  }
  return store;
}

Result<void> StoreDatabase::harden() {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  return execute(
      "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
}

Result<void> StoreDatabase::check() {
  const Result<std::string> tables = query_text("SELECT count(*) FROM sqlite_master");
  if (!tables) return tl::unexpected(tables.error());
  if (*tables == "0") {
    return execute(("PRAGMA application_id=" + std::string(kApplication) + "; PRAGMA user_version=" + format_text() +
                    "; CREATE TABLE verdict(place INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);")
                       .c_str());
  }
  const Result<std::string> application = query_text("PRAGMA application_id");
  const Result<std::string> format = query_text("PRAGMA user_version");
  if (!application || !format) return fail("the store's header cannot be read");
  if (*application != kApplication || *format != format_text()) return fail("the store has another format");
  const Result<std::string> sound = query_text("PRAGMA quick_check(1)");
  if (!sound) return tl::unexpected(sound.error());
  if (*sound != "ok") return fail("the store is damaged: " + *sound);
  return {};
}

Result<void> StoreDatabase::prepare_changes() {
  // REPLACE gives the row a new place, the last.
  struct Wanted {
    Statement* statement;
    const char* sql;
  };
  for (const Wanted& wanted :
       {Wanted{&put_, "REPLACE INTO verdict(key, value) VALUES(?, ?)"},
        Wanted{&remove_, "DELETE FROM verdict WHERE key = ?"},
        Wanted{&trim_,
               "DELETE FROM verdict WHERE place <= (SELECT place FROM verdict ORDER BY place DESC LIMIT 1 "
               "OFFSET ?)"}}) {
    Result<Statement> prepared = prepare(wanted.sql);
    if (!prepared) return tl::unexpected(prepared.error());
    *wanted.statement = std::move(*prepared);
  }
  return {};
}

Result<void> StoreDatabase::execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return tl::unexpected(error("the store failed"));
}

Result<StoreDatabase::Statement> StoreDatabase::prepare(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const int prepared = sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  Statement statement(raw);
  if (prepared != SQLITE_OK) return tl::unexpected(error("the store refuses a statement"));
  return statement;
}

Result<std::string> StoreDatabase::query_text(const char* sql) {
  Result<Statement> statement = prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  if (sqlite3_step(statement->get()) != SQLITE_ROW) return tl::unexpected(error("the store gives no answer"));
  const unsigned char* text = sqlite3_column_text(statement->get(), 0);
  return std::string(text == nullptr ? "" : reinterpret_cast<const char*>(text));
}

Result<void> StoreDatabase::step(sqlite3_stmt* statement) {
  const int stepped = sqlite3_step(statement);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  if (stepped == SQLITE_DONE || stepped == SQLITE_ROW) return {};
  return tl::unexpected(error("the store cannot be written"));
}

Result<void> StoreDatabase::each(const Row& row) {
  Result<Statement> rows = prepare("SELECT key, value FROM verdict ORDER BY place");
  if (!rows) return tl::unexpected(rows.error());
  int stepped = SQLITE_ROW;
  while ((stepped = sqlite3_step(rows->get())) == SQLITE_ROW) row(blob(rows->get(), 0), blob(rows->get(), 1));
  if (stepped != SQLITE_DONE) return tl::unexpected(error("the store cannot be read"));
  return {};
}

Result<void> StoreDatabase::begin() { return execute("BEGIN IMMEDIATE"); }
Result<void> StoreDatabase::commit() { return execute("COMMIT"); }

Result<void> StoreDatabase::put(const FileId& key, const std::string& value) {
  bind_key(put_.get(), key);
  sqlite3_bind_blob(put_.get(), 2, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return step(put_.get());
}

Result<void> StoreDatabase::remove(const FileId& key) {
  bind_key(remove_.get(), key);
  return step(remove_.get());
}

Result<void> StoreDatabase::trim(std::size_t most) {
  sqlite3_bind_int64(trim_.get(), 1, static_cast<sqlite3_int64>(most));
  return step(trim_.get());
}

}  // namespace ward
