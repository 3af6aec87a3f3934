// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/backlog.h"

#include <utility>

namespace ward {

bool Backlog::add(AccessRequest request) {
  if (!request.reopen) return false;
  request.fd.reset();
  const MutexLock lock(mutex_);
  const auto found = by_id_.find(request.id);
  if (found != by_id_.end()) {
    *found->second = std::move(request);
    return true;
  }
  if (requests_.size() >= most_) return false;
  const FileId id = request.id;
  by_id_.emplace(id, requests_.insert(requests_.end(), std::move(request)));
  return true;
}

std::optional<AccessRequest> Backlog::pop() {
  const MutexLock lock(mutex_);
  if (requests_.empty()) return std::nullopt;
  std::optional<AccessRequest> first(std::move(requests_.front()));
  requests_.pop_front();
  by_id_.erase(first->id);
  return first;
}

void Backlog::unpop(AccessRequest request) {
  const MutexLock lock(mutex_);
  const FileId id = request.id;
  if (by_id_.contains(id)) return;
  by_id_.emplace(id, requests_.insert(requests_.begin(), std::move(request)));
}

std::size_t Backlog::size() const {
  const MutexLock lock(mutex_);
  return requests_.size();
}

}  // namespace ward
