// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of the verdict store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "scanner/base/result.h"
#include "scanner/model/file_id.h"

struct sqlite3;
struct sqlite3_stmt;

namespace ward {

/// An open SQLite database with rows of key and value, newest last. Used by one thread at a time. Every failure is an
/// error; after one, the object is good for nothing but to be destroyed.
class StoreDatabase {
 public:
  using Row = std::function<void(std::span<const std::byte> key, std::span<const std::byte> value)>;

  /// Opens or makes the file, 0600. Fails on what is no database, of another format, or damaged as far as SQLite's own
  /// check sees.
  static Result<std::unique_ptr<StoreDatabase>> open(const std::string& path);
  ~StoreDatabase();

  Result<void> each(const Row& row);
  Result<void> begin();
  Result<void> commit();
  Result<void> put(const FileId& key, const std::string& value);
  Result<void> remove(const FileId& key);
  /// Removes the oldest rows beyond `most`.
  Result<void> trim(std::size_t most);

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept;
  };
  struct FreeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, FreeStatement>;

  explicit StoreDatabase(sqlite3* database) : database_(database) {}
  [[nodiscard]] Error error(const char* what) const;
  Result<void> execute(const char* sql);
  Result<std::string> query_text(const char* sql);
  Result<Statement> prepare(const char* sql);
  Result<void> step(sqlite3_stmt* statement);
  Result<void> harden();
  Result<void> check();
  Result<void> prepare_changes();

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Statement put_;
  Statement remove_;
  Statement trim_;
};

}  // namespace ward
