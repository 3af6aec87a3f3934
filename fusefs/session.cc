// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/session.h"

#include <spdlog/spdlog.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>

#include "fusefs/operations.h"

namespace ward::fusefs {
namespace {

constexpr unsigned kSmallPayload = 128 * 1024;

fuse_lowlevel_ops make_operations() noexcept {
  fuse_lowlevel_ops ops{};
  ops.init = op::init;
  ops.lookup = op::lookup;
  ops.forget = op::forget;
  ops.forget_multi = op::forget_multi;
  ops.getattr = op::getattr;
  ops.setattr = op::setattr;
  ops.readlink = op::readlink;
  ops.mknod = op::mknod;
  ops.mkdir = op::mkdir;
  ops.symlink = op::symlink;
  ops.create = op::create;
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
  ops.tmpfile = op::tmpfile;
#endif
  ops.unlink = op::unlink;
  ops.rmdir = op::rmdir;
  ops.rename = op::rename;
  ops.link = op::link;
  ops.open = op::open;
  ops.flush = op::flush;
  ops.release = op::release;
  ops.read = op::read;
  ops.write_buf = op::write_buf;
  ops.fsync = op::fsync;
  ops.fallocate = op::fallocate;
  ops.lseek = op::lseek;
  ops.copy_file_range = op::copy_file_range;
  ops.statfs = op::statfs;
  ops.opendir = op::opendir;
  ops.readdir = op::readdir;
  ops.readdirplus = op::readdirplus;
  ops.fsyncdir = op::fsyncdir;
  ops.setxattr = op::setxattr;
  ops.getxattr = op::getxattr;
  ops.listxattr = op::listxattr;
  ops.removexattr = op::removexattr;
  ops.ioctl = op::ioctl;
  return ops;
}

#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
/// Wants a capability where the kernel offers it.
bool want(fuse_conn_info& connection, std::uint64_t capability) {
  return fuse_set_feature_flag(&connection, capability);
}
void refuse(fuse_conn_info& connection, std::uint64_t capability) { fuse_unset_feature_flag(&connection, capability); }
bool offers(const fuse_conn_info& connection, std::uint64_t capability) {
  return (connection.capable_ext & capability) != 0;
}
#else
bool offers(const fuse_conn_info& connection, unsigned capability) { return (connection.capable & capability) != 0; }
bool want(fuse_conn_info& connection, unsigned capability) {
  if (!offers(connection, capability)) return false;
  connection.want |= capability;
  return true;
}
void refuse(fuse_conn_info& connection, unsigned capability) { connection.want &= ~capability; }
#endif

bool has_acls(int directory) {
  return ::fgetxattr(directory, "system.posix_acl_access", nullptr, 0) >= 0 || errno == ENODATA;
}

}  // namespace

const fuse_lowlevel_ops& operations() noexcept {
  static const fuse_lowlevel_ops ops = make_operations();
  return ops;
}

Result<MountFlags> mount_flags(int source) {
  struct statvfs filesystem {};
  if (::fstatvfs(source, &filesystem) != 0) return fail_errno("cannot examine the source's filesystem");
  MountFlags flags;
  const auto repeat = [&](unsigned long bit, std::uint64_t attribute) {
    if ((filesystem.f_flag & bit) != 0) flags.attributes |= attribute;
  };
  repeat(ST_RDONLY, MOUNT_ATTR_RDONLY);
  repeat(ST_NOEXEC, MOUNT_ATTR_NOEXEC);
  repeat(ST_NOSUID, MOUNT_ATTR_NOSUID);
  repeat(ST_NODEV, MOUNT_ATTR_NODEV);
  repeat(ST_NOATIME, MOUNT_ATTR_NOATIME);
  flags.read_only = (filesystem.f_flag & ST_RDONLY) != 0;
  return flags;
}

namespace {

void want_usual(fuse_conn_info& connection) {
  for (const auto capability :
       {FUSE_CAP_ASYNC_READ, FUSE_CAP_ASYNC_DIO, FUSE_CAP_ATOMIC_O_TRUNC, FUSE_CAP_AUTO_INVAL_DATA, FUSE_CAP_IOCTL_DIR,
        FUSE_CAP_SPLICE_WRITE, FUSE_CAP_SPLICE_MOVE, FUSE_CAP_READDIRPLUS, FUSE_CAP_READDIRPLUS_AUTO,
        FUSE_CAP_PARALLEL_DIROPS, FUSE_CAP_CACHE_SYMLINKS}) {
    want(connection, capability);
  }
  // Delayed writes would show a scan contents that are not there yet. Numbers are not to be used after they were
  // forgotten, as an exported mount would.
  refuse(connection, FUSE_CAP_WRITEBACK_CACHE);
  refuse(connection, FUSE_CAP_EXPORT_SUPPORT);
}

/// Clearing setuid bits is the daemon's; told when to, or else left to judge by the caller. Without either the kernel
/// asks for security.capability at every write.
bool agree_on_setid_bits(fuse_conn_info& connection) {
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
  if (want(connection, FUSE_CAP_HANDLE_KILLPRIV_V2)) {
    refuse(connection, FUSE_CAP_HANDLE_KILLPRIV);
    return true;
  }
#endif
  want(connection, FUSE_CAP_HANDLE_KILLPRIV);
  return false;
}

/// A kernel that speaks 7.34 is 5.14 at least.
bool checks_flags(const fuse_conn_info& connection) {
  constexpr unsigned kMajor = 7;
  constexpr unsigned kMinor = 34;
  return connection.proto_major > kMajor || (connection.proto_major == kMajor && connection.proto_minor >= kMinor);
}

bool agree_on_passthrough([[maybe_unused]] fuse_conn_info& connection, [[maybe_unused]] bool stacked,
                          [[maybe_unused]] bool wanted) {
#if WARD_HAS_PASSTHROUGH
  if (!wanted) return false;
  connection.max_backing_stack_depth = stacked ? FUSE_BACKING_STACKED_OVER : FUSE_BACKING_STACKED_UNDER;
  return want(connection, FUSE_CAP_PASSTHROUGH);
#else
  return false;
#endif
}

bool agree_on_uring([[maybe_unused]] fuse_conn_info& connection, [[maybe_unused]] bool wanted) {
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 18)
  if (wanted) return want(connection, FUSE_CAP_OVER_IO_URING);
  refuse(connection, FUSE_CAP_OVER_IO_URING);
#endif
  return false;
}

/// True the first time that a complaint comes; `format` is its own. Of very many kinds, later ones pass for new.
bool is_new(const char* format) {
  static std::array<std::atomic<const char*>, 64> said;
  for (std::atomic<const char*>& one : said) {
    const char* before = nullptr;
    if (one.compare_exchange_strong(before, format)) return true;
    if (before == format) return false;
  }
  return true;
}

/// Each complaint once, for some come with every request. libfuse also logs between a call that failed and the return
/// that leaves its errno to us.
void write_log(fuse_log_level level, const char* format, va_list arguments) {
  const int error = errno;
  std::array<char, 512> line;
  std::vsnprintf(line.data(), line.size(), format, arguments);
  std::string_view text(line.data());
  while (text.ends_with('\n')) text.remove_suffix(1);
  const bool shown = level <= FUSE_LOG_ERR && is_new(format);
  spdlog::log(shown ? spdlog::level::warn : spdlog::level::debug, "libfuse: {}", text);
  errno = error;
}

}  // namespace

void log_libfuse() { fuse_set_log_func(&write_log); }

void op::init(void* filesystem, fuse_conn_info* connection) {
  Filesystem& fs = *static_cast<Filesystem*>(filesystem);
  Agreement& agreement = fs.agreement();
  want_usual(*connection);
  // The daemon masks modes itself: a default ACL overrides the umask.
  want(*connection, FUSE_CAP_DONT_MASK);
  if (has_acls(fs.inodes().root_fd())) agreement.posix_acl = want(*connection, FUSE_CAP_POSIX_ACL);
  agreement.kill_flags = agree_on_setid_bits(*connection);
  agreement.passthrough =
      agree_on_passthrough(*connection, fs.passthrough().source_is_stacked(), agreement.passthrough);
  agreement.uring = agree_on_uring(*connection, agreement.uring);
  agreement.flags_checked = checks_flags(*connection);
  agreement.no_opendir = offers(*connection, FUSE_CAP_NO_OPENDIR_SUPPORT);
  // Where the kernel moves the contents itself, requests are small; an entry of a ring has room for one at all times.
  if (agreement.passthrough || agreement.uring) connection->max_write = kSmallPayload;
  if (agreement.passthrough) refuse(*connection, FUSE_CAP_SPLICE_READ);  // one call a request instead of two
  connection->time_gran = 1;
  agreement.done = true;
}

}  // namespace ward::fusefs
