// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/engines/generation.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "scanner/base/unique_fd.h"

namespace ward {

GenerationHash::GenerationHash() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
GenerationHash::~GenerationHash() { EVP_MD_CTX_free(context_); }

void GenerationHash::add(std::string_view text) {
  const std::uint64_t size = text.size();
  EVP_DigestUpdate(context_, &size, sizeof(size));
  EVP_DigestUpdate(context_, text.data(), text.size());
}

Result<void> GenerationHash::add_file(int directory, const std::string& name, const std::string& path) {
  const UniqueFd fd(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail_errno("cannot read the database " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  add(name);
  std::vector<char> buffer(std::size_t{1} << 18);
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot read the database " + path);
    if (got == 0) return {};
    EVP_DigestUpdate(context_, buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<void> GenerationHash::add_directory(const std::string& directory,
                                           bool (*counts)(std::string_view name) noexcept) {
  DIR* dir = ::opendir(directory.c_str());
  if (dir == nullptr && errno == ENOENT) return {};
  if (dir == nullptr) return fail_errno("cannot read the databases in " + directory);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(dir)) {
    if (counts(entry->d_name)) names.emplace_back(entry->d_name);
  }
  Result<void> added;
  if (errno != 0) added = fail_errno("cannot read the databases in " + directory);
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    if (added) added = add_file(::dirfd(dir), name, directory + "/" + name);
  }
  ::closedir(dir);
  return added;
}

std::uint64_t GenerationHash::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_DigestFinal_ex(context_, digest.data(), nullptr);
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof(number));
  return number == 0 ? 1 : number;
}

}  // namespace ward
