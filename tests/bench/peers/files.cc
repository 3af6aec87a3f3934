// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/peers/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "scanner/base/unique_fd.h"

namespace ward::bench {
namespace {

constexpr std::size_t kBuffer = 65536;

Result<void> walk(const std::string& folder, const std::function<Result<void>(const std::string&)>& visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(folder.c_str()), closedir);
  if (!directory) return fail_errno("cannot open folder " + folder);
  while (const dirent* entry = readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string path = folder + "/" + name;
    auto done = entry->d_type == DT_DIR ? walk(path, visit) : Result<void>{};
    if (entry->d_type == DT_REG) done = visit(path);
    if (!done) return done;
  }
  return {};
}

}  // namespace

Result<void> read_file(const char* path) {
  thread_local std::array<char, kBuffer> buffer;
  const UniqueFd fd(open(path, O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(std::string("cannot open ") + path);
  ssize_t got = 0;
  do {
    got = read(fd.get(), buffer.data(), buffer.size());
  } while (got == static_cast<ssize_t>(buffer.size()));
  if (got < 0) return fail_errno(std::string("cannot read ") + path);
  return {};
}

Result<std::vector<std::string>> list_tree(const std::string& folder) {
  std::vector<std::string> paths;
  auto walked = walk(folder, [&](const std::string& path) -> Result<void> {
    paths.push_back(path);
    return {};
  });
  if (!walked) return tl::unexpected(walked.error());
  return paths;
}

Result<void> read_tree(const std::string& folder) {
  return walk(folder, [](const std::string& path) { return read_file(path.c_str()); });
}

Result<void> read_files(const std::vector<std::string>& paths, unsigned threads) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> first_error;
  const auto reader = [&] {
    for (std::size_t i = next++; i < paths.size(); i = next++) {
      auto done = read_file(paths[i].c_str());
      if (done) continue;
      const std::lock_guard lock(mutex);
      first_error = done.error();
      return;
    }
  };
  std::vector<std::thread> readers;
  for (unsigned i = 0; i < threads; ++i) readers.emplace_back(reader);
  for (auto& thread : readers) thread.join();
  if (first_error) return tl::unexpected(*first_error);
  return {};
}

}  // namespace ward::bench
