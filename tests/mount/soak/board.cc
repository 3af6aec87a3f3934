// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/soak/board.h"

#include <sys/mman.h>

#include <new>

namespace ward::test::soak {

void Board::report(Mistake mistake, int file, int error) {
  const int place = mistakes.fetch_add(1);
  if (place >= static_cast<int>(reports.size())) return;
  Report& entry = reports[static_cast<std::size_t>(place)];
  entry.file = file;
  entry.error = error;
  entry.mistake = mistake;
}

void UnmapBoard::operator()(Board* board) const { ::munmap(board, sizeof(Board)); }

std::unique_ptr<Board, UnmapBoard> make_board() {
  void* memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return std::unique_ptr<Board, UnmapBoard>(new (memory) Board);
}

const char* to_string(Mistake mistake) {
  switch (mistake) {
    case Mistake::none:
      return "none";
    case Mistake::infected_opened:
      return "an infected version was opened";
    case Mistake::clean_refused:
      return "a clean version was refused";
    case Mistake::wrong_contents:
      return "a clean version was read as something else";
    case Mistake::foreign_bytes:
      return "bytes of no version of the file were read";
    case Mistake::wrong_error:
      return "an open failed with another error than a refusal";
    case Mistake::writer_failed:
      return "a writer's operation failed";
  }
  return "?";
}

}  // namespace ward::test::soak
