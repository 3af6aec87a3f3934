// SPDX-License-Identifier: GPL-2.0-or-later
#include "apps/ward/scan_printer.h"

#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>
#include <system_error>

#include "apps/ward/exit_code.h"
#include "apps/ward/printable.h"

namespace ward {
namespace {

std::string words(int os_error) { return std::generic_category().message(os_error); }

class TextPrinter final : public ScanPrinter {
 public:
  explicit TextPrinter(std::ostream& out) : out_(out) {}

  void finish(double seconds) override {
    const ScanTotals& all = totals();
    out_ << all.files() << " files: " << all.clean << " clean, " << all.infected << " infected, " << all.unscanned
         << " not scanned";
    if (all.errors != 0) out_ << ", and " << all.errors << " could not be opened";
    out_ << " (" << std::fixed << std::setprecision(1) << seconds << " s)" << std::endl;
  }

 protected:
  void tell(const std::string& path, const Answer& answer) override {
    const Verdict& verdict = answer.verdict;
    if (verdict.is_clean()) return;
    out_ << printable(path) << ": ";
    if (verdict.is_infected()) {
      out_ << "infected: " << printable(verdict.finding().signature) << " (" << verdict.finding().engine << ")\n";
      return;
    }
    out_ << "not scanned: " << to_string(verdict.reason());
    if (!verdict.detail().empty()) out_ << " (" << printable(verdict.detail()) << ")";
    out_ << '\n';
  }

  void tell_error(const std::string& path, int os_error) override {
    out_ << printable(path) << ": cannot be opened: " << words(os_error) << '\n';
  }

 private:
  std::ostream& out_;
};

class JsonPrinter final : public ScanPrinter {
 public:
  explicit JsonPrinter(std::ostream& out) : out_(out) {}

  void finish(double seconds) override {
    const ScanTotals& all = totals();
    write({{"summary",
            {{"files", all.files()},
             {"clean", all.clean},
             {"infected", all.infected},
             {"unscanned", all.unscanned},
             {"errors", all.errors},
             {"seconds", seconds}}}});
  }

 protected:
  void tell(const std::string& path, const Answer& answer) override {
    const Verdict& verdict = answer.verdict;
    nlohmann::json line{{"path", path}, {"verdict", to_string(verdict.kind())}};
    if (!answer.type.empty()) line["type"] = answer.type;
    if (verdict.is_infected()) {
      line["engine"] = verdict.finding().engine;
      line["signature"] = verdict.finding().signature;
    } else if (!verdict.is_clean()) {
      line["reason"] = to_string(verdict.reason());
      if (!verdict.detail().empty()) line["detail"] = verdict.detail();
    }
    write(line);
  }

  void tell_error(const std::string& path, int os_error) override {
    write({{"path", path}, {"error", words(os_error)}});
  }

 private:
  void write(const nlohmann::json& line) {
    out_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  }
  std::ostream& out_;
};

}  // namespace

int ScanTotals::exit_code() const {
  if (infected != 0) return kExitInfected;
  return unscanned != 0 || errors != 0 ? kExitError : kExitClean;
}

void ScanPrinter::answer(const std::string& path, const Answer& answer) {
  switch (answer.verdict.kind()) {
    case VerdictKind::clean:
      ++totals_.clean;
      break;
    case VerdictKind::infected:
      ++totals_.infected;
      break;
    case VerdictKind::unscanned:
      ++totals_.unscanned;
      break;
  }
  tell(path, answer);
}

void ScanPrinter::error(const std::string& path, int os_error) {
  ++totals_.errors;
  tell_error(path, os_error);
}

std::unique_ptr<ScanPrinter> make_text_printer(std::ostream& out) { return std::make_unique<TextPrinter>(out); }
std::unique_ptr<ScanPrinter> make_json_printer(std::ostream& out) { return std::make_unique<JsonPrinter>(out); }

}  // namespace ward
