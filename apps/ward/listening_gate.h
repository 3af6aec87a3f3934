// SPDX-License-Identifier: GPL-2.0-or-later
// A gate that hands everything on to another, and keeps the last answer to a held open for who wants to tell of it.
#pragma once

#include <memory>

#include "scanner/base/mutex.h"
#include "scanner/gate/gate.h"

namespace ward {

/// Safe from any thread, as the gate behind it, which must outlive it. Lock: `Heard::mutex` is a leaf.
class ListeningGate final : public Gate {
 public:
  explicit ListeningGate(Gate& gate) : gate_(gate), heard_(std::make_shared<Heard>()) {}

  std::optional<Answer> known(const FileId& id, const FileVersion& version, Access access) const noexcept override;
  void admit(AccessRequest request, std::unique_ptr<Reply> reply) override;
  void refuse(AccessRequest request, std::unique_ptr<Reply> reply) override;
  void closed(AccessRequest request) override { gate_.closed(std::move(request)); }
  [[nodiscard]] std::uint64_t write_count(const FileId& id) const noexcept override { return gate_.write_count(id); }
  void wrote(const FileId& id) noexcept override { gate_.wrote(id); }

  /// The last answer since the last call.
  [[nodiscard]] std::optional<Answer> take_last();

 private:
  struct Heard {
    void keep(const Answer& answer);
    Mutex mutex;
    std::optional<Answer> last WARD_GUARDED_BY(mutex);
  };
  class Listener;

  Gate& gate_;
  std::shared_ptr<Heard> heard_;
};

}  // namespace ward
