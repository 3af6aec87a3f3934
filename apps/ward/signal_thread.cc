// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/signal_thread.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <system_error>

namespace ward {
namespace {

constexpr std::chrono::milliseconds kTick{200};

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

}  // namespace

Result<void> SignalThread::block() {
  const sigset_t set = our_signals();
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
    return fail("cannot block signals: " + std::generic_category().message(error), error);
  }
  for (const int number : {SIGPIPE, SIGIO}) ::signal(number, SIG_IGN);
  return {};
}

Result<std::unique_ptr<SignalThread>> SignalThread::start(SignalHandlers handlers) {
  const sigset_t set = our_signals();
  UniqueFd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return fail_errno("cannot make a signal descriptor");
  UniqueFd ended(::eventfd(0, EFD_CLOEXEC));
  if (!ended) return fail_errno("cannot make an event descriptor");
  std::unique_ptr<SignalThread> made(new SignalThread(std::move(handlers), std::move(signals), std::move(ended)));
  made->thread_ = std::thread([self = made.get()] { self->run(); });
  return made;
}

SignalThread::SignalThread(SignalHandlers handlers, UniqueFd signals, UniqueFd ended)
    : handlers_(std::move(handlers)), signals_(std::move(signals)), ended_(std::move(ended)) {}

SignalThread::~SignalThread() {
  ::eventfd_write(ended_.get(), 1);
  if (thread_.joinable()) thread_.join();
}

void SignalThread::run() {
  ::pthread_setname_np(::pthread_self(), "signals");
  while (true) {
    std::array<pollfd, 2> wanted{pollfd{signals_.get(), POLLIN, 0}, pollfd{ended_.get(), POLLIN, 0}};
    const int ready = ::poll(wanted.data(), wanted.size(), stopping_ ? static_cast<int>(kTick.count()) : -1);
    if (wanted[1].revents != 0) return;
    if (ready > 0) take_signals();
    if (ready == 0) handlers_.tick();
  }
}

void SignalThread::take_signals() {
  signalfd_siginfo got{};
  while (::read(signals_.get(), &got, sizeof(got)) == static_cast<ssize_t>(sizeof(got))) {
    if (got.ssi_signo == SIGHUP) {
      handlers_.reload();
    } else {
      stopping_ = true;
      handlers_.stop();
    }
  }
}

}  // namespace ward
