// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/session.h"

#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "fusefs/operations.h"

namespace ward::fusefs {
namespace {

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
  ops.releasedir = op::releasedir;
  ops.fsyncdir = op::fsyncdir;
  ops.setxattr = op::setxattr;
  ops.getxattr = op::getxattr;
  ops.listxattr = op::listxattr;
  ops.removexattr = op::removexattr;
  ops.ioctl = op::ioctl;
  return ops;
}

/// Wants a capability where the kernel offers it.
bool want(fuse_conn_info& connection, unsigned capability) {
  if ((connection.capable & capability) == 0) return false;
  connection.want |= capability;
  return true;
}

bool has_acls(int directory) {
  return ::fgetxattr(directory, "system.posix_acl_access", nullptr, 0) >= 0 || errno == ENODATA;
}

}  // namespace

const fuse_lowlevel_ops& operations() noexcept {
  static const fuse_lowlevel_ops ops = make_operations();
  return ops;
}

Result<std::string> mount_options(int source, const std::string& name) {
  struct statvfs filesystem {};
  if (::fstatvfs(source, &filesystem) != 0) return fail_errno("cannot examine the source's filesystem");
  // A comma would end the option; the name is for people.
  std::string options = "fsname=";
  for (const char character : name) options += character == ',' || character == '\\' ? '_' : character;
  options += ",subtype=ward,allow_other,default_permissions";
  const auto flag = [&](unsigned long bit, const char* set, const char* clear) {
    const char* option = (filesystem.f_flag & bit) != 0 ? set : clear;
    if (option != nullptr) options.append(",").append(option);
  };
  flag(ST_RDONLY, "ro", "rw");
  flag(ST_NOEXEC, "noexec", "exec");
  flag(ST_NOSUID, "nosuid", "suid");  // libfuse's own default is nosuid,nodev
  flag(ST_NODEV, "nodev", "dev");
  flag(ST_NOATIME, "noatime", nullptr);
  return options;
}

void op::init(void* filesystem, fuse_conn_info* connection) {
  Filesystem& fs = *static_cast<Filesystem*>(filesystem);
  Agreement& agreement = fs.agreement();
  // The daemon masks modes itself: a default ACL overrides the umask.
  want(*connection, FUSE_CAP_DONT_MASK);
  if (has_acls(fs.inodes().root_fd())) agreement.posix_acl = want(*connection, FUSE_CAP_POSIX_ACL);
  for (const unsigned capability :
       {FUSE_CAP_ASYNC_READ, FUSE_CAP_ASYNC_DIO, FUSE_CAP_ATOMIC_O_TRUNC, FUSE_CAP_AUTO_INVAL_DATA, FUSE_CAP_IOCTL_DIR,
        FUSE_CAP_SPLICE_WRITE, FUSE_CAP_SPLICE_MOVE, FUSE_CAP_READDIRPLUS, FUSE_CAP_READDIRPLUS_AUTO,
        FUSE_CAP_PARALLEL_DIROPS, FUSE_CAP_CACHE_SYMLINKS, FUSE_CAP_HANDLE_KILLPRIV}) {
    want(*connection, capability);
  }
  // Delayed writes would show a scan contents that are not there yet. Numbers are not to be used after they were
  // forgotten, as an exported mount would.
  connection->want &= ~static_cast<unsigned>(FUSE_CAP_WRITEBACK_CACHE | FUSE_CAP_EXPORT_SUPPORT);
  agreement.done = true;
}

}  // namespace ward::fusefs
