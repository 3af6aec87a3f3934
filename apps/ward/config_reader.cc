// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/config_reader.h"

#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <memory>

#include "apps/config/config_frames.h"
#include "apps/ward/config_files.h"
#include "apps/ward/scanner_settings.h"
#include "scanner/pool/scan_program.h"
#include "scanner/wire/frame_socket.h"

namespace ward {
namespace {

constexpr std::chrono::seconds kPatience{10};
/// Not the scan processes' user: they could reach what it does.
constexpr uid_t kConfigUid = 64'940;

/// Ends with the object.
class Parser {
 public:
  static Result<std::unique_ptr<Parser>> start() {
    const auto program = find_own_program("ward-config");
    if (!program) return tl::unexpected(program.error());
    auto ends = FrameSocket::pair();
    if (!ends) return tl::unexpected(ends.error());
    const auto pid = execute_zygote(*program, {"ward-config", std::to_string(kConfigUid)}, ends->second.fd(), -1);
    if (!pid) return tl::unexpected(pid.error());
    return std::unique_ptr<Parser>(new Parser(std::move(ends->first), *pid));
  }
  ~Parser() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  [[nodiscard]] const FrameSocket& channel() const noexcept { return channel_; }

 private:
  Parser(FrameSocket channel, pid_t pid) : channel_(std::move(channel)), pid_(pid) {}

  const FrameSocket channel_;
  const pid_t pid_;
};

Result<void> hand_over(const FrameSocket& channel, const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const auto fd = open_config_file(file);
    if (!fd) return tl::unexpected(fd.error());
    const std::array fds{fd->get()};
    if (auto sent = channel.send(encode_file(file), fds); !sent) return sent;
  }
  return channel.send(encode_file(""));
}

Result<Configuration> await_answer(const FrameSocket& channel) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::vector<std::byte> buffer(kMaxConfigFrame);
  ConfigurationDecoder decoder;
  for (;;) {
    const auto received = channel.receive(buffer, until, 0);
    if (received.status == ReceiveStatus::timed_out) return fail("the configuration takes too long to read");
    if (received.status != ReceiveStatus::frame) return fail("the program that reads the configuration ended too soon");
    const auto last = decoder.take(received.bytes);
    if (!last) return tl::unexpected(last.error());
    if (*last) return std::move(decoder.configuration());
  }
}

}  // namespace

Result<ReadConfiguration> read_configuration_files(std::vector<std::string> files) {
  const auto parser = Parser::start();
  if (!parser) return tl::unexpected(parser.error());
  if (auto sent = hand_over((*parser)->channel(), files); !sent) return tl::unexpected(sent.error());
  auto values = await_answer((*parser)->channel());
  if (!values) return tl::unexpected(values.error());
  return ReadConfiguration{std::move(*values), std::move(files)};
}

Result<ReadConfiguration> read_configuration(const std::string& file) {
  if (file.empty()) {
    auto files = find_config_files(kConfigDirectory, kConfigDefaultsDirectory);
    return files ? read_configuration_files(std::move(*files)) : tl::unexpected(files.error());
  }
  auto path = absolute_path(file);
  if (!path) return tl::unexpected(path.error());
  return read_configuration_files({std::move(*path)});
}

}  // namespace ward
