// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/conformance/scene.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace ward::test {
namespace {

constexpr const char* kBroken = "!! ";

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 1469598103934665603ULL;
  for (const char byte : bytes) sum = (sum ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
  return sum;
}

std::string lines_with_prefix(const std::string& text, const std::string& prefix) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) result.append(prefix).append(line).append("\n");
  return result;
}

}  // namespace

std::string octal(unsigned long number) {
  char text[32];
  std::snprintf(text, sizeof text, "0%lo", number);
  return text;
}

std::string show_bytes(std::string_view bytes) {
  std::ostringstream text;
  if (bytes.size() > 80) {
    text << bytes.size() << " bytes, sum " << std::hex << checksum(bytes);
    return text.str();
  }
  text << '"';
  for (const char byte : bytes) {
    if (byte >= 32 && byte < 127 && byte != '\\') {
      text << byte;
    } else {
      text << '\\' << octal(static_cast<unsigned char>(byte));
    }
  }
  text << '"';
  return text.str();
}

Scene::Scene(std::string root, Identity me) : root_(std::move(root)), me_(std::move(me)) {}

std::string Scene::at(std::string_view name) const { return name.empty() ? root_ : root_ + "/" + std::string(name); }

void Scene::note(const std::string& line) { trace_ << line << '\n'; }

long Scene::done(const std::string& what, long result) {
  const int error = errno;
  trace_ << what << " = ";
  if (result < 0) {
    const char* name = ::strerrorname_np(error);
    trace_ << (name != nullptr ? name : std::to_string(error).c_str());
  } else {
    trace_ << result;
  }
  trace_ << '\n';
  errno = error;
  return result;
}

long Scene::must(long result) {
  if (result < 0) trace_ << kBroken << "the step above must not fail: " << ::strerror(errno) << '\n';
  return result;
}

void Scene::check(bool holds, const std::string& what) {
  if (!holds) trace_ << kBroken << "does not hold: " << what << '\n';
}

bool Scene::broken(const std::string& trace) { return trace.find(kBroken) != std::string::npos; }

std::string Scene::child_steps(const Identity& who, const std::function<void(Scene&)>& steps) const {
  return run_as(who, [&] {
    Scene scene(root_, who);
    scene.inodes_ = inodes_;
    steps(scene);
    return scene.trace();
  });
}

void Scene::as(const Identity& who, const std::function<void(Scene&)>& steps) {
  trace_ << lines_with_prefix(child_steps(who, steps), who.name + ": ");
}

void Scene::in_child(const std::function<void(Scene&)>& steps) {
  try {
    trace_ << lines_with_prefix(child_steps({me_.name, ::geteuid(), ::getegid(), {}}, steps), "child: ");
  } catch (const std::exception& error) {
    note(std::string("child ended: ") + error.what());
  }
}

int Scene::open(std::string_view name, int flags, mode_t mode) {
  const int fd = ::open(at(name).c_str(), flags | O_CLOEXEC, mode);
  done(call("open", name, octal(static_cast<unsigned>(flags)), octal(mode)), fd < 0 ? -1 : 0);
  return fd;
}

int Scene::open_path(const std::string& path, int flags, std::string_view called) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  done(call("open", called, octal(static_cast<unsigned>(flags))), fd < 0 ? -1 : 0);
  return fd;
}

int Scene::close(int fd) { return static_cast<int>(done("close", ::close(fd))); }

int Scene::reopen(int fd, int flags) {
  return open_path("/proc/self/fd/" + std::to_string(fd), flags, "/proc/self/fd");
}

int Scene::create(std::string_view name, std::string_view contents, mode_t mode) {
  const int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, mode);
  if (must(fd) < 0) return -1;
  if (!contents.empty()) must(write(fd, contents));
  return close(fd);
}

long Scene::read(int fd, std::size_t size) {
  std::string buffer(size, '\0');
  const ssize_t got = ::read(fd, buffer.data(), size);
  const int error = errno;
  const std::string bytes = got > 0 ? " " + show_bytes({buffer.data(), static_cast<std::size_t>(got)}) : "";
  errno = error;
  return done(call("read", size) + bytes, got);
}

long Scene::pread(int fd, std::size_t size, off_t offset) {
  std::string buffer(size, '\0');
  const ssize_t got = ::pread(fd, buffer.data(), size, offset);
  const int error = errno;
  const std::string bytes = got > 0 ? " " + show_bytes({buffer.data(), static_cast<std::size_t>(got)}) : "";
  errno = error;
  return done(call("pread", size, offset) + bytes, got);
}

long Scene::write(int fd, std::string_view data) {
  const ssize_t written = ::write(fd, data.data(), data.size());
  return done(call("write", data.size()), written);
}

long Scene::pwrite(int fd, std::string_view data, off_t offset) {
  const ssize_t written = ::pwrite(fd, data.data(), data.size(), offset);
  return done(call("pwrite", data.size(), offset), written);
}

long Scene::seek(int fd, off_t offset, int whence) {
  const off_t place = ::lseek(fd, offset, whence);
  return done(call("lseek", offset, whence), place);
}

long Scene::truncate(std::string_view name, off_t size) {
  const int result = ::truncate(at(name).c_str(), size);
  return done(call("truncate", name, size), result);
}

long Scene::ftruncate(int fd, off_t size) {
  const int result = ::ftruncate(fd, size);
  return done(call("ftruncate", size), result);
}

long Scene::fallocate(int fd, int mode, off_t offset, off_t size) {
  const int result = ::fallocate(fd, mode, offset, size);
  return done(call("fallocate", mode, offset, size), result);
}

long Scene::copy_range(int from, off_t from_offset, int to, off_t to_offset, std::size_t size) {
  const ssize_t copied = ::copy_file_range(from, &from_offset, to, &to_offset, size, 0);
  return done(call("copy_file_range", size), copied);
}

void Scene::show(std::string_view name) {
  const int fd = open(name, O_RDONLY);
  if (fd < 0) return;
  std::string contents;
  char buffer[65536];
  ssize_t got = 0;
  while ((got = ::read(fd, buffer, sizeof buffer)) > 0) contents.append(buffer, static_cast<std::size_t>(got));
  done("contents " + show_bytes(contents), got);
  ::close(fd);
}

}  // namespace ward::test
