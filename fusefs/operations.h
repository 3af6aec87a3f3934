// SPDX-License-Identifier: GPL-2.0-or-later
// The filesystem's operations as libfuse calls them. Each translates: it finds the file, asks the source (or the gate),
// and answers exactly once. Defined in the file of their concern.
#pragma once

#include "fusefs/fuse_api.h"

namespace ward::fusefs::op {

// session.cc
void init(void* filesystem, fuse_conn_info* connection);

// lookup.cc
void lookup(fuse_req_t request, fuse_ino_t parent, const char* name);
void forget(fuse_req_t request, fuse_ino_t node, std::uint64_t references);
void forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets);

// attributes.cc
void getattr(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);
void setattr(fuse_req_t request, fuse_ino_t node, struct stat* wanted, int fields, fuse_file_info* info);
void readlink(fuse_req_t request, fuse_ino_t node);

// create.cc
void mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t device);
void mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode);
void symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name);
void create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, fuse_file_info* info);
void tmpfile(fuse_req_t request, fuse_ino_t parent, mode_t mode, fuse_file_info* info);

// names.cc
void unlink(fuse_req_t request, fuse_ino_t parent, const char* name);
void rmdir(fuse_req_t request, fuse_ino_t parent, const char* name);
void rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent, const char* new_name,
            unsigned flags);
void link(fuse_req_t request, fuse_ino_t node, fuse_ino_t new_parent, const char* new_name);

// open_gate.cc
void open(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);

// release.cc
void flush(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);
void release(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);

// data.cc
void read(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info);
void write_buf(fuse_req_t request, fuse_ino_t node, fuse_bufvec* data, off_t offset, fuse_file_info* info);
void fsync(fuse_req_t request, fuse_ino_t node, int data_only, fuse_file_info* info);

// space.cc
void fallocate(fuse_req_t request, fuse_ino_t node, int mode, off_t offset, off_t length, fuse_file_info* info);
void lseek(fuse_req_t request, fuse_ino_t node, off_t offset, int whence, fuse_file_info* info);
void copy_file_range(fuse_req_t request, fuse_ino_t from, off_t from_offset, fuse_file_info* from_info, fuse_ino_t to,
                     off_t to_offset, fuse_file_info* to_info, std::size_t length, int flags);
void statfs(fuse_req_t request, fuse_ino_t node);

// directories.cc
void opendir(fuse_req_t request, fuse_ino_t node, fuse_file_info* info);
void readdir(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info);
void readdirplus(fuse_req_t request, fuse_ino_t node, std::size_t size, off_t offset, fuse_file_info* info);
void fsyncdir(fuse_req_t request, fuse_ino_t node, int data_only, fuse_file_info* info);

// extended_attributes.cc
void setxattr(fuse_req_t request, fuse_ino_t node, const char* name, const char* value, std::size_t size, int flags);
void getxattr(fuse_req_t request, fuse_ino_t node, const char* name, std::size_t size);
void listxattr(fuse_req_t request, fuse_ino_t node, std::size_t size);
void removexattr(fuse_req_t request, fuse_ino_t node, const char* name);

// inode_flags.cc
void ioctl(fuse_req_t request, fuse_ino_t node, unsigned command, void* argument, fuse_file_info* info, unsigned flags,
           const void* input, std::size_t input_size, std::size_t output_size);

}  // namespace ward::fusefs::op
