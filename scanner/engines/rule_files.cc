// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "scanner/base/unique_fd.h"
#include "scanner/engines/yara_engine.h"
#include "scanner/wire/signature_files.h"

namespace ward {
namespace {

constexpr off_t kLargestRuleFile = 64 << 20;

struct CloseDir {
  void operator()(DIR* dir) const noexcept { ::closedir(dir); }
};

Result<std::string> read_all(int fd, std::size_t size, const std::string& name) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, text.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot read the rule file " + name);
    if (got == 0) return fail("the rule file " + name + " shrank while it was read");
    done += static_cast<std::size_t>(got);
  }
  return text;
}

Result<RuleSource> read_rule_file(int directory, const std::string& name, const std::string& path) {
  const UniqueFd fd(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail_errno("cannot read the rule file " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("cannot read the rule file " + path);
  if (!S_ISREG(status.st_mode)) return fail("the rule file " + path + " is not a regular file");
  if (status.st_size > kLargestRuleFile) return fail("the rule file " + path + " is larger than 64 MiB");
  auto text = read_all(fd.get(), static_cast<std::size_t>(status.st_size), path);
  if (!text) return tl::unexpected(text.error());
  return RuleSource{path, std::move(*text)};
}

}  // namespace

Result<std::vector<RuleSource>> read_rule_directory(const std::string& directory) {
  const std::unique_ptr<DIR, CloseDir> dir(::opendir(directory.c_str()));
  if (!dir) return fail_errno("cannot read the rule directory " + directory);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(dir.get())) {
    if (is_rule_file(entry->d_name)) names.emplace_back(entry->d_name);
  }
  if (errno != 0) return fail_errno("cannot read the rule directory " + directory);
  std::sort(names.begin(), names.end());

  std::vector<RuleSource> sources;
  sources.reserve(names.size());
  const std::string prefix = directory + "/";
  for (const auto& name : names) {
    auto source = read_rule_file(::dirfd(dir.get()), name, std::string(prefix).append(name));
    if (!source) return tl::unexpected(source.error());
    sources.push_back(std::move(*source));
  }
  return sources;
}

}  // namespace ward
