// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/misbehaving/archives.h"

#include <zlib.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace ward::test {
namespace {

constexpr int kRawDeflate = -15;
constexpr int kGzip = 15 + 16;

std::string deflated(std::string_view contents, int window) {
  z_stream stream{};
  if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
  std::string out(::deflateBound(&stream, contents.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(contents.data()));
  stream.avail_in = static_cast<uInt>(contents.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib did not finish");
  return out;
}

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

/// What a local header and the central directory say alike.
std::string zip_fields(std::string_view name, std::string_view contents, std::size_t packed) {
  std::string fields;
  put(fields, 20, 2);  // version needed
  put(fields, 0, 2);   // flags
  put(fields, 8, 2);   // deflated
  put(fields, 0, 4);   // time and date
  put(fields,
      static_cast<std::uint32_t>(
          ::crc32(0, reinterpret_cast<const Bytef*>(contents.data()), static_cast<uInt>(contents.size()))),
      4);
  put(fields, static_cast<std::uint32_t>(packed), 4);
  put(fields, static_cast<std::uint32_t>(contents.size()), 4);
  put(fields, static_cast<std::uint32_t>(name.size()), 2);
  put(fields, 0, 2);  // extra
  return fields;
}

}  // namespace

std::string zip_of(std::string_view name, std::string_view contents) {
  const std::string packed = deflated(contents, kRawDeflate);
  const std::string fields = zip_fields(name, contents, packed.size());
  std::string zip = "PK\x03\x04" + fields + std::string(name) + packed;
  const std::size_t directory = zip.size();
  zip += "PK\x01\x02";
  put(zip, 20, 2);  // made by
  zip += fields;
  put(zip, 0, 2);  // comment
  put(zip, 0, 2);  // disk
  put(zip, 0, 2);  // internal attributes
  put(zip, 0, 4);  // external attributes
  put(zip, 0, 4);  // offset
  zip += name;
  const std::size_t directory_size = zip.size() - directory;
  zip += "PK\x05\x06";
  put(zip, 0, 4);  // disks
  put(zip, 1, 2);
  put(zip, 1, 2);
  put(zip, static_cast<std::uint32_t>(directory_size), 4);
  put(zip, static_cast<std::uint32_t>(directory), 4);
  put(zip, 0, 2);  // comment
  return zip;
}

std::string tar_gz_of(std::string_view name, std::string_view contents) {
  std::array<char, 512> header{};
  std::snprintf(header.data(), 100, "%s", std::string(name).c_str());
  std::snprintf(&header[100], 8, "%07o", 0644U);
  std::snprintf(&header[108], 8, "%07o", 0U);
  std::snprintf(&header[116], 8, "%07o", 0U);
  std::snprintf(&header[124], 12, "%011o", static_cast<unsigned>(contents.size()));
  std::snprintf(&header[136], 12, "%011o", 0U);
  header[156] = '0';
  std::snprintf(&header[257], 6, "ustar");
  header[263] = header[264] = '0';
  unsigned sum = 8 * ' ';
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(&header[148], 8, "%06o", sum);
  header[155] = ' ';
  std::string tar(header.begin(), header.end());
  tar += contents;
  tar.resize((tar.size() + 511) / 512 * 512 + 1024, '\0');
  return deflated(tar, kGzip);
}

}  // namespace ward::test
