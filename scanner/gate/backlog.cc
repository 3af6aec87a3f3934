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
    *found->second.request = std::move(request);
    return true;
  }
  const FileId id = request.id;
  const uid_t user = request.uid;
  const auto own = by_user_.find(user);
  const std::size_t taken = own == by_user_.end() ? 0 : own->second.size();
  if (by_id_.size() + taken >= most_) return false;
  Requests& requests = by_user_[user];
  by_id_.emplace(id, Place{user, requests.insert(requests.end(), std::move(request))});
  return true;
}

std::optional<AccessRequest> Backlog::pop() {
  const MutexLock lock(mutex_);
  if (by_user_.empty()) return std::nullopt;
  auto turn = by_user_.upper_bound(served_last_);
  if (turn == by_user_.end()) turn = by_user_.begin();
  served_last_ = turn->first;
  std::optional<AccessRequest> first(std::move(turn->second.front()));
  turn->second.pop_front();
  if (turn->second.empty()) by_user_.erase(turn);
  by_id_.erase(first->id);
  return first;
}

void Backlog::unpop(AccessRequest request) {
  const MutexLock lock(mutex_);
  const FileId id = request.id;
  const uid_t user = request.uid;
  if (by_id_.contains(id)) return;
  Requests& requests = by_user_[user];
  by_id_.emplace(id, Place{user, requests.insert(requests.begin(), std::move(request))});
}

std::size_t Backlog::clear() {
  const MutexLock lock(mutex_);
  const std::size_t forgotten = by_id_.size();
  by_id_.clear();
  by_user_.clear();
  return forgotten;
}

std::size_t Backlog::size() const {
  const MutexLock lock(mutex_);
  return by_id_.size();
}

std::size_t Backlog::users() const {
  const MutexLock lock(mutex_);
  return by_user_.size();
}

}  // namespace ward
