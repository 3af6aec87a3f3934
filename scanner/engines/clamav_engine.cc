// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/engines/clamav_engine.h"

#include <clamav.h>
#include <dirent.h>
#include <link.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "scanner/engines/scratch_check.h"
#include "scanner/wire/signature_files.h"

namespace ward {
namespace {

constexpr const char* kEngineName = "clamav";
/// Less room than this seen during a scan means that something may not have been unpacked.
constexpr std::uint64_t kLeastRoom = std::uint64_t{1} << 20;
constexpr unsigned kLoadOptions = CL_DB_STDOPT & ~CL_DB_BYTECODE;

/// What libclamav said while it loaded. Its callback carries no context then.
thread_local std::string* loading_message = nullptr;

/// What came up during one scan; the context of every callback.
struct Scan {
  std::string error;  ///< libclamav's first error message
  bool rar = false;   ///< a RAR archive was met, at any depth
  bool scratch_full = false;
};

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

std::string one_line(std::string_view text) {
  constexpr std::string_view kPrefix = "LibClamAV Error: ";
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

void on_message(cl_msg severity, const char* /*full*/, const char* message, void* context) {
  if (severity < CL_MSG_ERROR) return;
  if (context != nullptr) {
    auto& scan = *static_cast<Scan*>(context);
    if (scan.error.empty()) scan.error = one_line(message);
  } else if (loading_message != nullptr && loading_message->empty()) {
    *loading_message = one_line(message);
  }
}

cl_error_t on_layer(int /*fd*/, const char* type, void* context) {
  if (context == nullptr) return CL_CLEAN;
  auto& scan = *static_cast<Scan*>(context);
  if (type != nullptr && std::string_view(type).starts_with("CL_TYPE_RAR")) scan.rar = true;
  if (scratch_room() < kLeastRoom) scan.scratch_full = true;
  return CL_CLEAN;
}

/// libclamav opens its RAR unpacker (non-free, often absent) as a plug-in.
bool rar_unpacker_loaded() {
  bool found = false;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t /*size*/, void* out) {
        if (std::strstr(info->dlpi_name, "libclamunrar_iface") != nullptr) *static_cast<bool*>(out) = true;
        return 0;
      },
      &found);
  return found;
}

Result<void> set_limits(cl_engine* engine, const EngineOptions& options) {
  // A limit of 0 is "none" to libclamav for scan time only.
  const std::array<std::pair<cl_engine_field, std::uint64_t>, 9> limits = {{
      {CL_ENGINE_MAX_FILESIZE, options.max_file_size},
      {CL_ENGINE_MAX_SCANSIZE, options.max_scan_size},
      {CL_ENGINE_MAX_FILES, options.max_files},
      {CL_ENGINE_MAX_RECURSION, options.max_recursion},
      {CL_ENGINE_PCRE_MAX_FILESIZE, options.max_file_size},
      {CL_ENGINE_MAX_SCANTIME, 0},
      // The cache of clean files is keyed by MD5.
      {CL_ENGINE_DISABLE_CACHE, 1},
      {CL_ENGINE_DISABLE_PE_STATS, 1},
      {CL_ENGINE_KEEPTMP, 0},
  }};
  for (const auto& [field, value] : limits) {
    if (cl_engine_set_num(engine, field, static_cast<long long>(value)) != CL_SUCCESS) {
      return fail("ClamAV refuses a limit of " + std::to_string(value));
    }
  }
  if (cl_engine_set_str(engine, CL_ENGINE_TMPDIR, ".") != CL_SUCCESS)
    return fail("ClamAV refuses the scratch directory");
  return {};
}

Result<unsigned> load_databases(cl_engine* engine, const std::string& path) {
  std::string message;
  loading_message = &message;
  unsigned signatures = 0;
  const cl_error_t status = cl_load(path.c_str(), engine, &signatures, kLoadOptions);
  loading_message = nullptr;
  if (status == CL_SUCCESS) return signatures;
  std::string reason = "ClamAV cannot load " + path + ": " + cl_strerror(status);
  if (!message.empty()) reason += " (" + message + ")";
  return fail(std::move(reason));
}

cl_scan_options scan_options() {
  cl_scan_options options{};
  options.general = CL_SCAN_GENERAL_HEURISTICS;
  options.parse = ~0U;
  options.heuristic =
      CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE | CL_SCAN_HEURISTIC_ENCRYPTED_DOC;
  return options;
}

Verdict alert_verdict(const char* name) {
  // libclamav raises an alarm without a name for a file over its size limit.
  if (name == nullptr) return Verdict::unscanned(UnscannedReason::limit, "ClamAV: larger than its limit");
  const std::string_view alert(name);
  if (alert.starts_with("Heuristics.Limits.Exceeded")) {
    return Verdict::unscanned(UnscannedReason::limit, "ClamAV: " + std::string(alert));
  }
  if (alert.starts_with("Heuristics.Encrypted")) {
    return Verdict::unscanned(UnscannedReason::encrypted, "ClamAV: " + std::string(alert));
  }
  return Verdict::infected({kEngineName, std::string(alert)});
}

Verdict error_verdict(cl_error_t status) {
  const bool limit = status == CL_EMAXREC || status == CL_EMAXSIZE || status == CL_EMAXFILES || status == CL_ETIMEOUT;
  return Verdict::unscanned(limit ? UnscannedReason::limit : UnscannedReason::engine_error,
                            std::string("ClamAV: ") + cl_strerror(status));
}

/// What is left to doubt when libclamav says clean.
Verdict clean_verdict(const Scan& scan, bool unpacks_rar) {
  if (!scan.error.empty()) return Verdict::unscanned(UnscannedReason::engine_error, "ClamAV: " + scan.error);
  if (scan.scratch_full) return Verdict::unscanned(UnscannedReason::engine_error, "ClamAV: scratch directory full");
  if (scan.rar && !unpacks_rar) {
    return Verdict::unscanned(UnscannedReason::unsupported_container, "ClamAV: no unpacker for RAR");
  }
  if (auto scratch = check_scratch(kLeastRoom); !scratch) {
    return Verdict::unscanned(UnscannedReason::engine_error, "ClamAV: " + scratch.error().message);
  }
  return Verdict::clean();
}

}  // namespace

void ClamavEngine::Free::operator()(cl_engine* engine) const noexcept { cl_engine_free(engine); }
ClamavEngine::~ClamavEngine() = default;

Result<bool> ClamavEngine::has_databases(const std::string& directory) {
  const auto unreadable = [&directory] { return fail_errno("cannot read ClamAV's databases in " + directory); };
  const std::unique_ptr<DIR, CloseDirectory> dir(::opendir(directory.c_str()));
  if (!dir && errno == ENOENT) return false;
  if (!dir) return unreadable();
  errno = 0;
  while (const dirent* entry = ::readdir(dir.get())) {
    if (is_clamav_database(entry->d_name)) return true;
  }
  if (errno != 0) return unreadable();
  return false;
}

Result<std::unique_ptr<ClamavEngine>> ClamavEngine::load(const EngineOptions& options,
                                                         const std::string& canary_database) {
  cl_set_clcb_msg(on_message);
  if (const auto status = cl_init(CL_INIT_DEFAULT); status != CL_SUCCESS) {
    return fail(std::string("ClamAV cannot start: ") + cl_strerror(status));
  }
  std::unique_ptr<ClamavEngine> loaded(new ClamavEngine());
  loaded->engine_.reset(cl_engine_new());
  cl_engine* engine = loaded->engine_.get();
  if (engine == nullptr) return fail("ClamAV: no memory");
  if (auto set = set_limits(engine, options); !set) return tl::unexpected(set.error());
  auto signatures = load_databases(engine, options.clamav_directory);
  if (!signatures) return tl::unexpected(signatures.error());
  loaded->signatures_ = *signatures;
  if (!canary_database.empty()) {
    if (auto canary = load_databases(engine, canary_database); !canary) return tl::unexpected(canary.error());
  }
  if (const auto status = cl_engine_compile(engine); status != CL_SUCCESS) {
    return fail(std::string("ClamAV cannot prepare its signatures: ") + cl_strerror(status));
  }
  cl_engine_set_clcb_pre_scan(engine, on_layer);
  loaded->unpacks_rar_ = rar_unpacker_loaded();
  return loaded;
}

EngineDescription ClamavEngine::describe() const { return {kEngineName, cl_retver(), signatures_}; }

Verdict ClamavEngine::scan(const FileView& file) {
  if (file.size == 0) return Verdict::clean();
  Scan scan;
  const char* name = nullptr;
  unsigned long scanned = 0;
  cl_scan_options options = scan_options();
  const cl_error_t status = cl_scandesc_callback(file.fd, nullptr, &name, &scanned, engine_.get(), &options, &scan);
  if (status == CL_VIRUS) return alert_verdict(name);
  if (status != CL_CLEAN) return error_verdict(status);
  return clean_verdict(scan, unpacks_rar_);
}

}  // namespace ward
