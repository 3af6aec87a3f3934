// SPDX-License-Identifier: GPL-2.0-or-later
// Configuration files. What is read must survive its way to the daemon, unless its values cannot be.
#include <cstdint>
#include <cstdlib>

#include "apps/config/config_frames.h"
#include "apps/config/toml_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ward::Configuration configuration;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = ward::read_toml(text, "fuzz.toml", 0, configuration);
  if (!read) {
    if (read.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  if (!ward::check_values(configuration)) return 0;
  ward::ConfigurationDecoder decoder;
  bool complete = false;
  for (const auto& frame : ward::encode_configuration(configuration)) {
    const auto last = decoder.take(frame);
    if (!last) std::abort();
    complete = *last;
  }
  if (!complete) std::abort();
  return 0;
}
