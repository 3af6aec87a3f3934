// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/reloader.h"

#include <pthread.h>

namespace ward {

Reloader::Reloader(ProcessPool& pool, Log& log) : pool_(pool), log_(log), thread_([this] { run(); }) {}

Reloader::~Reloader() {
  {
    const MutexLock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  pool_.end_reloads();
  thread_.join();
}

void Reloader::request() {
  {
    const MutexLock lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

bool Reloader::await_request() {
  const MutexLock lock(mutex_);
  while (!wanted_ && !ended_) changed_.wait(mutex_);
  wanted_ = false;
  return !ended_;
}

void Reloader::run() {
  ::pthread_setname_np(::pthread_self(), "reload");
  while (await_request()) {
    log_.info("loading rules and databases anew");
    if (const auto loaded = pool_.reload(); loaded) {
      log_.info("new rules and databases are in force");
    } else {
      log_.error("no new rules and databases: " + loaded.error().message);
    }
  }
}

}  // namespace ward
