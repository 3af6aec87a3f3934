// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/pool/scan_program.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "scanner/base/unique_fd.h"
#include "scanner/wire/zygote_options.h"

namespace ward {
namespace {

constexpr const char* kProgram = "ward-scan";
/// Unpacked contents and libclamav's own temporary files: more than max_scan_size, or it fails in silence.
constexpr std::uint64_t kScratchMargin = std::uint64_t{64} << 20;

struct SpawnActions {
  SpawnActions() { ::posix_spawn_file_actions_init(&actions); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions); }
  posix_spawn_file_actions_t actions{};
};

/// Signals as a fresh program expects them, whatever the daemon blocks or ignores.
struct SpawnAttributes {
  SpawnAttributes() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes); }
  posix_spawnattr_t attributes{};
};

}  // namespace

ScanUser scan_user(const PoolConfig& config) {
  if (::geteuid() != 0) return {::geteuid(), ::getegid()};
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwnam_r(config.scan_user.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr &&
      entry.pw_uid != 0) {
    return {entry.pw_uid, entry.pw_gid};
  }
  return {PoolConfig::kFallbackScanUid, static_cast<gid_t>(PoolConfig::kFallbackScanUid)};
}

Result<std::string> find_own_program(const std::string& name) {
  std::error_code none;
  const std::array places{std::filesystem::read_symlink("/proc/self/exe", none).parent_path() / name,
                          std::filesystem::path(WARD_LIBEXEC_DIR) / name};
  for (const auto& place : places) {
    if (::access(place.c_str(), X_OK) == 0) return place.string();
  }
  return fail("cannot find the program " + places.front().string());
}

Result<std::string> find_scan_program(const PoolConfig& config) {
  if (config.scan_program.empty()) return find_own_program(kProgram);
  if (::access(config.scan_program.c_str(), X_OK) == 0) return config.scan_program;
  return fail("cannot find the program " + config.scan_program);
}

std::uint64_t scratch_size(const PoolConfig& config) { return config.engines.max_scan_size + kScratchMargin; }

std::vector<std::string> zygote_arguments(const PoolConfig& config, const ScanUser& user, int nice) {
  const auto& engines = config.engines;
  std::vector<std::string> arguments = {
      kProgram,
      "--uid=" + std::to_string(user.uid),
      "--gid=" + std::to_string(user.gid),
      "--memory-limit=" + std::to_string(config.memory_limit),
      "--scratch-size=" + std::to_string(scratch_size(config)),
      "--max-file-size=" + std::to_string(engines.max_file_size),
      "--max-scan-size=" + std::to_string(engines.max_scan_size),
      "--max-files=" + std::to_string(engines.max_files),
      "--max-recursion=" + std::to_string(engines.max_recursion),
  };
  if (!engines.builtin_rules) arguments.emplace_back("--no-builtin-rules");
  for (const auto& directory : engines.rule_directories) arguments.push_back("--rules=" + directory);
  if (!engines.clamav_directory.empty()) arguments.push_back("--clamav=" + engines.clamav_directory);
  if (nice != 0) arguments.push_back("--nice=" + std::to_string(nice));
  return arguments;
}

Result<pid_t> execute_zygote(const std::string& program, const std::vector<std::string>& arguments, int control,
                             int scratch) {
  // Copies above the places they are to take, so that taking one cannot overwrite the other.
  const UniqueFd control_copy(::fcntl(control, F_DUPFD_CLOEXEC, 16));
  const UniqueFd scratch_copy(scratch < 0 ? -1 : ::fcntl(scratch, F_DUPFD_CLOEXEC, 16));
  if (!control_copy || (scratch >= 0 && !scratch_copy)) return fail_errno("cannot copy a descriptor");
  SpawnActions actions;
  ::posix_spawn_file_actions_addopen(&actions.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions.actions, control_copy.get(), kControlFd);
  if (scratch_copy) ::posix_spawn_file_actions_adddup2(&actions.actions, scratch_copy.get(), kZygoteScratchFd);
  ::posix_spawn_file_actions_addclosefrom_np(&actions.actions, scratch_copy ? kZygoteScratchFd + 1 : kControlFd + 1);

  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  SpawnAttributes attributes;
  // Nothing of the daemon's environment reaches the engines but what the C library needs to be the same everywhere.
  std::array<char*, 2> environment = {const_cast<char*>("LC_ALL=C.UTF-8"), nullptr};
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions.actions, &attributes.attributes, argv.data(), environment.data());
  if (error != 0) return tl::unexpected(system_error("cannot execute " + program, error));
  return pid;
}

}  // namespace ward
