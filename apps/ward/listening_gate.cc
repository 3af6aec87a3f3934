// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/listening_gate.h"

#include <utility>

namespace ward {

void ListeningGate::Heard::keep(const Answer& answer) {
  const MutexLock lock(mutex);
  last = answer;
}

class ListeningGate::Listener final : public Reply {
 public:
  Listener(std::shared_ptr<Heard> heard, std::unique_ptr<Reply> reply)
      : heard_(std::move(heard)), reply_(std::move(reply)) {}
  void answer(const Answer& answer) noexcept override {
    heard_->keep(answer);
    reply_->answer(answer);
  }

 private:
  std::shared_ptr<Heard> heard_;
  std::unique_ptr<Reply> reply_;
};

std::optional<Answer> ListeningGate::known(const FileId& id, const FileVersion& version, Access access) const noexcept {
  auto answer = gate_.known(id, version, access);
  if (answer && is_held(access)) heard_->keep(*answer);
  return answer;
}

void ListeningGate::admit(AccessRequest request, std::unique_ptr<Reply> reply) {
  gate_.admit(std::move(request), std::make_unique<Listener>(heard_, std::move(reply)));
}

void ListeningGate::refuse(AccessRequest request, std::unique_ptr<Reply> reply) {
  gate_.refuse(std::move(request), std::make_unique<Listener>(heard_, std::move(reply)));
}

std::optional<Answer> ListeningGate::take_last() {
  const MutexLock lock(heard_->mutex);
  return std::exchange(heard_->last, std::nullopt);
}

}  // namespace ward
