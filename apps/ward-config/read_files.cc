// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward-config/read_files.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "apps/config/config_frames.h"
#include "apps/config/toml_reader.h"

namespace ward {
namespace {

struct GivenFile {
  std::string name;
  UniqueFd fd;
};

/// Nothing when the other end does not keep to the rules.
Result<std::vector<GivenFile>> receive_files(const FrameSocket& channel) {
  std::vector<GivenFile> files;
  std::array<std::byte, kLongestPath + 16> buffer{};
  for (;;) {
    auto received = channel.receive(buffer, std::nullopt, 1);
    if (received.status != ReceiveStatus::frame) return fail("the channel is closed");
    auto name = decode_file(received.bytes);
    if (!name) return tl::unexpected(name.error());
    if (name->empty()) return files;
    if (received.fds.size() != 1 || files.size() == kMostConfigFiles) return fail("not one file");
    files.push_back({std::move(*name), std::move(received.fds.front())});
  }
}

Result<std::string> contents(const GivenFile& file) {
  std::string text(kLargestConfigFile + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::pread(file.fd.get(), text.data() + size, text.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(file.name + ": cannot be read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kLargestConfigFile) return fail(file.name + ": larger than a configuration file may be");
  text.resize(size);
  return text;
}

Result<Configuration> parse(const std::vector<GivenFile>& files) {
  Configuration configuration;
  std::vector<std::string> names;
  for (const GivenFile& file : files) {
    const auto text = contents(file);
    if (!text) return tl::unexpected(text.error());
    const auto number = static_cast<std::uint16_t>(names.size());
    names.push_back(file.name);
    if (auto read = read_toml(*text, file.name, number, configuration); !read) return tl::unexpected(read.error());
  }
  if (auto checked = check_values(configuration); !checked) {
    return tl::unexpected(with_origin(checked.error(), configuration, names));
  }
  return configuration;
}

}  // namespace

bool read_files(const FrameSocket& channel) {
  const auto files = receive_files(channel);
  if (!files) return false;
  const auto configuration = parse(*files);
  if (!configuration) return channel.send(encode_problem(configuration.error().message)).has_value();
  for (const auto& frame : encode_configuration(*configuration)) {
    if (!channel.send(frame)) return false;
  }
  return true;
}

}  // namespace ward
