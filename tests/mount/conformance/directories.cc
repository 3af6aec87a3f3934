// SPDX-License-Identifier: GPL-2.0-or-later
// Reading directories: large ones, changing ones, positions.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <set>

#include "tests/mount/conformance/conformance.h"
#include "tests/support/long_run.h"

namespace ward::test {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory open_directory(Scene& s, std::string_view name) {
  Directory directory(::opendir(s.at(name).c_str()));
  s.must(s.done(call("opendir", name), directory ? 0 : -1));
  return directory;
}

/// 2,000 entries; 100,000 in a long run.
int large_count() { return long_run() ? 100000 : 2000; }

void fill(Scene& s, const std::string& directory, int count, const std::string& prefix) {
  s.must(s.mkdir(directory));
  const int parent = ::open(s.at(directory).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < count; ++i) {
    const std::string name = prefix + std::to_string(i);
    const int fd = ::openat(parent, name.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) s.must(s.done("create " + name, -1));
    ::close(fd);
  }
  ::close(parent);
}

void kinds(Scene& s) {
  s.mkdir("d");
  s.list("d");
  s.create("d/file");
  s.mkdir("d/dir");
  s.symlink("x", "d/link");
  s.mknod("d/pipe", S_IFIFO | 0600);
  s.mknod("d/socket", S_IFSOCK | 0600);
  s.list("d");
  s.list("");
}

void inode_numbers_agree(Scene& s) {
  fill(s, "d", 50, "f");
  s.mkdir("d/sub");
  const Directory directory = open_directory(s, "d");
  int agree = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (entry->d_name[0] == '.') continue;
    struct ::stat status {};
    const int result = ::fstatat(::dirfd(directory.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW);
    agree += result == 0 && status.st_ino == entry->d_ino ? 1 : 0;
  }
  s.done("d_ino is st_ino", agree);
}

void large(Scene& s) {
  fill(s, "d", large_count(), "entry-with-a-longer-name-");
  const Directory directory = open_directory(s, "d");
  std::map<std::string, int> seen;
  while (const dirent* entry = ::readdir(directory.get())) ++seen[entry->d_name];
  int once = 0;
  for (const auto& [name, count] : seen) once += count == 1 ? 1 : 0;
  s.done("entries", static_cast<long>(seen.size()));
  s.done("seen once", once);
  s.check(once == large_count() + 2, "every entry is seen once");
}

/// While others come and go, every entry that stays is seen exactly once.
void changing(Scene& s) {
  const int count = large_count();
  fill(s, "d", count, "stays");
  for (int i = 0; i < count / 10; ++i) s.mkdir("d/goes" + std::to_string(i));
  const Directory directory = open_directory(s, "d");
  std::map<std::string, int> seen;
  int step = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    ++seen[entry->d_name];
    if (++step % 10 != 0) continue;
    ::rmdir(s.at("d/goes" + std::to_string(step / 10)).c_str());
    ::mkdir(s.at("d/comes" + std::to_string(step / 10)).c_str(), 0755);
  }
  int stayed = 0;
  for (int i = 0; i < count; ++i) stayed += seen["stays" + std::to_string(i)] == 1 ? 1 : 0;
  s.done("seen exactly once", stayed);
  s.check(stayed == count, "every entry that stays is seen exactly once");
}

/// What `rm -r` does: removing while reading leaves nothing.
void emptied_while_read(Scene& s) {
  fill(s, "d", 1500, "f");
  int rounds = 0;
  for (int removed = 1; removed > 0; ++rounds) {
    removed = 0;
    const Directory directory(::opendir(s.at("d").c_str()));
    while (const dirent* entry = ::readdir(directory.get())) {
      if (entry->d_name[0] != '.') removed += ::unlink(s.at(std::string("d/") + entry->d_name).c_str()) == 0 ? 1 : 0;
    }
  }
  s.done("passes", rounds);
  s.must(s.rmdir("d"));
}

void positions(Scene& s) {
  fill(s, "d", 300, "f");
  const Directory directory = open_directory(s, "d");
  std::map<int, std::pair<long, std::string>> places;
  for (int i = 0; const dirent* entry = ::readdir(directory.get()); ++i) {
    if (i > 0) places[i - 1].second = entry->d_name;
    places[i].first = ::telldir(directory.get());
  }
  places.erase(std::prev(places.end()));
  int right = 0;
  for (int i = static_cast<int>(places.size()) - 1; i >= 0; i -= 7) {
    ::seekdir(directory.get(), places[i].first);
    const dirent* entry = ::readdir(directory.get());
    right += entry != nullptr && places[i].second == entry->d_name ? 1 : 0;
  }
  s.done("right places", right);
  s.check(right == (static_cast<int>(places.size()) + 6) / 7, "seekdir goes back to where telldir was");
}

int count_entries(DIR* directory) {
  int count = 0;
  while (::readdir(directory) != nullptr) ++count;
  return count;
}

void rewinding_sees_what_is_new(Scene& s) {
  fill(s, "d", 10, "f");
  const Directory directory = open_directory(s, "d");
  s.done("first", count_entries(directory.get()));
  s.create("d/new");
  ::rewinddir(directory.get());
  s.done("with one more", count_entries(directory.get()));
  s.unlink("d/new");
  s.unlink("d/f1");
  ::rewinddir(directory.get());
  s.done("with one less", count_entries(directory.get()));
  s.list("d");
}

/// The kernel may keep a directory's entries: what changes must be seen by the next reader all the same.
void always_fresh(Scene& s) {
  s.mkdir("d");
  for (int i = 0; i < 10; ++i) {
    s.create("d/f" + std::to_string(i));
    s.list("d");
    s.list("d");
    if (i % 3 == 0) s.rename("d/f" + std::to_string(i), "d/g" + std::to_string(i));
    s.list("d");
    if (i % 3 == 1) s.unlink("d/f" + std::to_string(i));
    s.list("d");
  }
  s.in_child([](Scene& c) { c.create("d/by-a-child"); });
  s.list("d");
}

void two_readers(Scene& s) {
  fill(s, "d", 200, "f");
  const Directory one = open_directory(s, "d");
  const Directory other = open_directory(s, "d");
  std::set<std::string> first;
  std::set<std::string> second;
  for (int i = 0; i < 202; ++i) {
    if (const dirent* entry = ::readdir(one.get())) first.insert(entry->d_name);
    if (i % 2 == 0) continue;
    if (const dirent* entry = ::readdir(other.get())) second.insert(entry->d_name);
  }
  s.done("first", static_cast<long>(first.size()));
  s.done("second", static_cast<long>(second.size()));
}

void small_buffers(Scene& s) {
  s.mkdir("d");
  s.create("d/" + std::string(200, 'n'));
  const int fd = s.open("d", O_RDONLY | O_DIRECTORY);
  char buffer[1024];
  s.done("in 10 bytes", ::syscall(SYS_getdents64, fd, buffer, 10));
  long total = 0;
  for (long got = 0; (got = ::syscall(SYS_getdents64, fd, buffer, 300)) > 0;) total += got;
  s.must(s.done("in 300 bytes", total));
  s.read(fd, 10);
  s.write(fd, "x");
  s.ftruncate(fd, 0);
}

void removal(Scene& s) {
  s.mkdir("full");
  s.create("full/f");
  s.rmdir("full");
  s.unlink("full");
  s.create("f");
  s.rmdir("f");
  s.rmdir("absent");
  s.mkdir("empty");
  s.must(s.rmdir("empty"));
  s.mkdir("f");
  s.must(s.unlink("full/f"));
  s.must(s.rmdir("full"));
  s.list("");
}

void modes(Scene& s) {
  for (const mode_t mode : {0755U, 0700U, 01777U, 02755U, 0U, 0777U}) {
    s.mkdir("d" + octal(mode), mode);
    s.must(s.stat("d" + octal(mode)));
  }
}

}  // namespace

const std::vector<Case>& directory_cases() {
  static const std::vector<Case> cases{
      {"kinds", kinds},
      {"inode_numbers_agree", inode_numbers_agree},
      {"large", large, Who::root},
      {"changing", changing, Who::root},
      {"emptied_while_read", emptied_while_read},
      {"positions", positions},
      {"rewinding_sees_what_is_new", rewinding_sees_what_is_new},
      {"always_fresh", always_fresh},
      {"two_readers", two_readers},
      {"small_buffers", small_buffers},
      {"removal", removal},
      {"modes", modes},
  };
  return cases;
}

}  // namespace ward::test
