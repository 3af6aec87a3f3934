// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/writer_probe.h"

#include <fcntl.h>
#include <signal.h>

#include <cerrno>

namespace ward {

WriterState probe_writer(int fd) noexcept {
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(fd, F_SETLEASE, F_UNLCK);
    return WriterState::none;
  }
  return errno == EAGAIN ? WriterState::writer : WriterState::unknown;
}

void ignore_lease_signals() noexcept {
  struct sigaction current {};
  if (::sigaction(SIGIO, nullptr, &current) != 0) return;
  const bool untouched = (current.sa_flags & SA_SIGINFO) == 0 && current.sa_handler == SIG_DFL;
  if (untouched) ::signal(SIGIO, SIG_IGN);
}

}  // namespace ward
