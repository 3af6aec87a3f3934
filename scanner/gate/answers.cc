// SPDX-License-Identifier: GPL-2.0-or-later
#include "scanner/gate/answers.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <climits>

namespace ward {
namespace {

/// The program that a process runs; empty when it cannot be told.
std::string program_of(pid_t pid) {
  if (pid <= 0) return {};
  const std::string link = "/proc/" + std::to_string(pid) + "/exe";
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  return length > 0 ? std::string(target.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace

bool Answers::give(Waiter& waiter, const Outcome& outcome, Waiter::State end) const noexcept {
  std::optional<Waiter::Claimed> claimed = waiter.claim(end);
  if (!claimed) return false;
  Answer answer;
  answer.verdict = outcome.verdict;
  answer.type = outcome.type;
  answer.from_cache = outcome.from_cache;
  answer.decision = policy_.load(std::memory_order_relaxed).decide(outcome.verdict, claimed->request.access);
  if (!outcome.from_cache) {
    answer.held = std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - waiter.asked());
  }
  if (answer.decision == Decision::deny && claimed->reply) counters_.denied.fetch_add(1, std::memory_order_relaxed);
  if (worth_a_record(answer)) record(claimed->request, answer, outcome.inode);
  if (claimed->reply) claimed->reply->answer(answer);
  return true;
}

bool Answers::worth_a_record(const Answer& answer) noexcept {
  if (answer.decision == Decision::deny || answer.verdict.is_infected()) return true;
  return !answer.verdict.is_clean() && !answer.from_cache;
}

void Answers::record(const AccessRequest& request, const Answer& answer, ino_t inode) const {
  AccessRecord record;
  record.time = clock_.wall();
  if (request.path) record.path = request.path();
  record.id = request.id;
  record.inode = inode;
  record.pid = request.pid;
  // Who closed a file may be gone, and the number somebody else's.
  if (request.access != Access::closed_after_write) record.program = program_of(request.pid);
  record.uid = request.uid;
  record.access = request.access;
  record.verdict = answer.verdict;
  record.type = answer.type;
  record.decision = answer.decision;
  record.held = answer.held;
  records_.record(std::move(record));
}

}  // namespace ward
