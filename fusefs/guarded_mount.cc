// SPDX-License-Identifier: GPL-2.0-or-later
#include "fusefs/guarded_mount.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <spdlog/spdlog.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "fusefs/filesystem.h"
#include "fusefs/mount_point.h"
#include "fusefs/session.h"
#include "fusefs/submounts.h"
#include "fusefs/transport.h"

namespace ward::fusefs {
namespace {

/// For the kernel to end the connection after an unmount.
constexpr std::chrono::milliseconds kGrace{1000};

struct SessionDeleter {
  void operator()(fuse_session* session) const noexcept { fuse_session_destroy(session); }
};
using Session = std::unique_ptr<fuse_session, SessionDeleter>;

/// The buffer libfuse reads requests into, one a thread.
struct RequestBuffer {
  RequestBuffer() = default;
  ~RequestBuffer() { std::free(buffer.mem); }
  RequestBuffer(const RequestBuffer&) = delete;
  RequestBuffer& operator=(const RequestBuffer&) = delete;
  fuse_buf buffer{};
};

Result<Session> make_session(Filesystem& fs, const MountConfig& config, const TransportChoice& transport) {
  fuse_args arguments = FUSE_ARGS_INIT(0, nullptr);
  fuse_opt_add_arg(&arguments, "ward");
  const std::string options = transport.options();
  if (!options.empty()) {
    fuse_opt_add_arg(&arguments, "-o");
    fuse_opt_add_arg(&arguments, options.c_str());
  }
  Session session(fuse_session_new(&arguments, &operations(), sizeof(fuse_lowlevel_ops), &fs));
  fuse_opt_free_args(&arguments);
  if (!session) return fail("libfuse refuses the options: " + options, EINVAL);
  fs.set_session(session.get());
  fs.agreement().uring = transport.uring;
  fs.agreement().passthrough = config.passthrough;
  fs.held().set_limit(config.held_limit != 0 ? config.held_limit : transport.held_limit);
  return session;
}

Result<UniqueFd> open_resolved(const std::string& path) {
  struct open_how how {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof(how))));
  if (!fd) return fail_errno("cannot open " + path);
  return fd;
}

class FuseMount final : public GuardedMount {
 public:
  FuseMount(MountConfig config, TransportChoice transport, std::shared_ptr<Filesystem> fs, Session session)
      : config_(std::move(config)),
        transport_(std::move(transport)),
        fs_(std::move(fs)),
        session_(std::move(session)) {}

  ~FuseMount() override {
    if (point_ && !gone_) (void)point_->unmount(true);
    fs_->syncs().stop();
  }

  Result<void> mount() {
    const auto flags = mount_flags(fs_->inodes().root_fd());
    if (!flags) return tl::unexpected(flags.error());
    UniqueFd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device) return fail_errno("cannot open /dev/fuse");
    // libfuse takes over a device it is given in this way.
    if (fuse_session_mount(session_.get(), ("/dev/fd/" + std::to_string(device.get())).c_str()) != 0) {
      return fail("libfuse refuses /dev/fuse", EINVAL);
    }
    auto point = MountPoint::attach(device.release(), config_.source, *flags, config_.directories->mountpoint.get(),
                                    config_.mountpoint);
    if (!point) return tl::unexpected(point.error());
    point_.emplace(std::move(*point));
    if (auto greeted = greet(); !greeted) return greeted;
    return check_rings();
  }

  Result<void> run() override {
    std::vector<std::thread> others;
    for (unsigned thread = 1; thread < threads(); ++thread) others.emplace_back([this] { serve(); });
    serve();
    for (std::thread& other : others) other.join();
    fs_->write_backs().stop();  // it still asks the gate
    gone_ = true;
    const int error = failed_.load();
    if (error != 0) return tl::unexpected(system_error("the connection to the kernel failed", error));
    return {};
  }

  Result<void> stop(bool lazy) override {
    const bool again = unmounted_.load();
    if (auto done = point_->unmount(lazy); !done) return done;
    if (gone_within(kGrace)) return {};
    if (again) {
      point_->abort();
    } else if (!lazy && !unmounted_.exchange(true)) {
      end_when_unused();
    }
    return {};
  }

  [[nodiscard]] std::string description() const override {
    const Agreement& agreed = fs_->agreement();
    std::string text = "passthrough ";
    text += agreed.passthrough ? "yes" : "no (" + why_no_passthrough() + ")";
    text += agreed.uring ? ", transport io_uring (" : ", transport /dev/fuse (";
    text += transport_.why;
    text += std::string("), libfuse ") + fuse_pkgversion();
    text += fs_->inodes().by_handle() ? ", inodes by file handle" : ", inodes by descriptor (no file handles here)";
    text += agreed.posix_acl ? ", ACLs" : ", no ACLs";
    return text;
  }

  [[nodiscard]] MountStatus status() const override {
    const Agreement& agreed = fs_->agreement();
    return {agreed.passthrough, agreed.uring ? "io_uring" : "/dev/fuse", transport_.why, fs_->inodes().size(),
            fs_->held().held()};
  }

 private:
  [[nodiscard]] std::string why_no_passthrough() const {
    if (!config_.passthrough) return "as configured";
    return WARD_HAS_PASSTHROUGH ? "the kernel has none" : "libfuse has none";
  }

  /// Rings have threads of libfuse's own; /dev/fuse then carries but a few requests.
  [[nodiscard]] unsigned threads() const {
    if (fs_->agreement().uring) return 1;
    return config_.threads != 0 ? config_.threads : std::max(2U, std::thread::hardware_concurrency());
  }

  bool gone_within(std::chrono::milliseconds limit) const {
    constexpr std::chrono::milliseconds kStep{10};
    for (std::chrono::milliseconds waited{0}; waited < limit && !gone_; waited += kStep) {
      std::this_thread::sleep_for(kStep);
    }
    return gone_;
  }

  /// The mount is off, and yet the kernel keeps the filesystem: another mount namespace has a copy of the mount. Its
  /// open files are served to their end.
  void end_when_unused() {
    if (fs_->inodes().hot().any_open()) {
      spdlog::warn("{}: still mounted in another mount namespace, with files open", config_.mountpoint);
    }
    fs_->end_when_unused([this] { point_->abort(); });
  }

  /// Serves the kernel's first request, in which the features are agreed on.
  Result<void> greet() {
    RequestBuffer request;
    while (!fs_->agreement().done) {
      const int received = fuse_session_receive_buf(session_.get(), &request.buffer);
      if (received == -EINTR) continue;
      if (received <= 0) return fail("the kernel ended the connection at once", received == 0 ? ENODEV : -received);
      fuse_session_process_buf(session_.get(), &request.buffer);
    }
    return {};
  }

  /// libfuse gives up rings that it cannot make with no more than a word in the log.
  Result<void> check_rings() {
    if (!transport_.uring) return {};
    const char* missing =
        fs_->agreement().uring ? "the rings could not be made" : "the kernel did not agree to io_uring";
    if (fs_->agreement().uring && has_rings(session_.get())) return {};
    if (config_.transport == Transport::uring)
      return fail(std::string("io_uring cannot be used: ") + missing, EOPNOTSUPP);
    fs_->agreement().uring = false;
    fs_->held().set_limit(config_.held_limit);
    transport_ = {};
    transport_.why = missing;
    return {};
  }

  void serve() {
    RequestBuffer request;
    while (fuse_session_exited(session_.get()) == 0) {
      const int received = fuse_session_receive_buf(session_.get(), &request.buffer);
      if (received == -EINTR) continue;
      if (received <= 0) {
        if (received < 0 && received != -ECONNABORTED) failed_ = -received;
        return;
      }
      fuse_session_process_buf(session_.get(), &request.buffer);
    }
  }

  const MountConfig config_;
  TransportChoice transport_;  // as it is once create() is over
  const std::shared_ptr<Filesystem> fs_;
  std::optional<MountPoint> point_;
  std::atomic<bool> gone_{false};
  std::atomic<bool> unmounted_{false};
  std::atomic<int> failed_{0};
  const Session session_;  // goes first: the threads of its rings use the others until it has ended them
};

}  // namespace

Result<std::shared_ptr<const MountDirectories>> MountDirectories::open(const std::string& source,
                                                                       const std::string& mountpoint) {
  auto from = open_resolved(source);
  if (!from) return tl::unexpected(from.error());
  auto to = source == mountpoint ? Result<UniqueFd>(UniqueFd(::fcntl(from->get(), F_DUPFD_CLOEXEC, 0)))
                                 : open_resolved(mountpoint);
  if (!to) return tl::unexpected(to.error());
  if (!*to) return fail_errno("cannot open " + mountpoint);
  return std::make_shared<const MountDirectories>(MountDirectories{std::move(*from), std::move(*to)});
}

Result<std::unique_ptr<GuardedMount>> GuardedMount::create(MountConfig config, Gate& gate) {
  if (!config.directories) {
    auto directories = MountDirectories::open(config.source, config.mountpoint);
    if (!directories) return tl::unexpected(directories.error());
    config.directories = std::move(*directories);
  }
  UniqueFd source(::openat(config.directories->source.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!source) return fail_errno("cannot open " + config.source);
  if (auto free = MountPoint::expect_free(config.directories->mountpoint.get(), config.mountpoint); !free) {
    return tl::unexpected(free.error());
  }
  for (const std::string& inside : mounts_below(config.source)) {
    spdlog::warn("{}: mounted inside the guarded directory and refused; guard it by a mount of its own", inside);
  }
  auto fs = Filesystem::create(config, std::move(source), gate);
  if (!fs) return tl::unexpected(fs.error());
  // libfuse makes a ring for every CPU there may be, be it off.
  auto transport = choose_transport(config.transport, static_cast<unsigned>(std::max(1, ::get_nprocs_conf())));
  if (!transport) return tl::unexpected(transport.error());
  log_libfuse();
  auto session = make_session(**fs, config, *transport);
  if (!session) return tl::unexpected(session.error());
  auto mount =
      std::make_unique<FuseMount>(std::move(config), std::move(*transport), std::move(*fs), std::move(*session));
  if (auto mounted = mount->mount(); !mounted) return tl::unexpected(mounted.error());
  return mount;
}

}  // namespace ward::fusefs
