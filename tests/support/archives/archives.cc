// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/archives/archives.h"

#include <zlib.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <vector>

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

struct Member {
  std::string name;
  std::string packed;
  std::string fields;  ///< what a local header and the central directory say alike
};

Member zip_member(std::string_view name, std::string_view contents, bool encrypted) {
  Member member{std::string(name), deflated(contents, kRawDeflate), {}};
  const auto checksum = ::crc32(0, reinterpret_cast<const Bytef*>(contents.data()), static_cast<uInt>(contents.size()));
  put(member.fields, 20, 2);  // version needed
  put(member.fields, encrypted ? 1 : 0, 2);
  put(member.fields, 8, 2);  // deflated
  put(member.fields, 0, 4);  // time and date
  put(member.fields, static_cast<std::uint32_t>(checksum), 4);
  put(member.fields, static_cast<std::uint32_t>(member.packed.size()), 4);
  put(member.fields, static_cast<std::uint32_t>(contents.size()), 4);
  put(member.fields, static_cast<std::uint32_t>(name.size()), 2);
  put(member.fields, 0, 2);  // extra
  return member;
}

std::string directory_entry(const Member& member, std::size_t offset) {
  std::string entry = "PK\x01\x02";
  put(entry, 20, 2);  // made by
  entry += member.fields;
  put(entry, 0, 2);  // comment
  put(entry, 0, 2);  // disk
  put(entry, 0, 2);  // internal attributes
  put(entry, 0, 4);  // external attributes
  put(entry, static_cast<std::uint32_t>(offset), 4);
  return entry + member.name;
}

std::string zip_of_members(const std::vector<Member>& members) {
  std::string zip;
  std::string directory;
  for (const auto& member : members) {
    directory += directory_entry(member, zip.size());
    zip += "PK\x03\x04" + member.fields + member.name + member.packed;
  }
  const std::size_t start = zip.size();
  zip += directory + "PK\x05\x06";
  put(zip, 0, 4);  // disks
  put(zip, static_cast<std::uint32_t>(members.size()), 2);
  put(zip, static_cast<std::uint32_t>(members.size()), 2);
  put(zip, static_cast<std::uint32_t>(directory.size()), 4);
  put(zip, static_cast<std::uint32_t>(start), 4);
  put(zip, 0, 2);  // comment
  return zip;
}

}  // namespace

std::string zip_of(std::string_view name, std::string_view contents) {
  return zip_of_members({zip_member(name, contents, false)});
}

std::string encrypted_zip_of(std::string_view name, std::string_view contents) {
  return zip_of_members({zip_member(name, contents, true)});
}

std::string zip_of_many(unsigned count, std::string_view contents) {
  std::vector<Member> members;
  for (unsigned i = 0; i < count; ++i) members.push_back(zip_member("m" + std::to_string(i), contents, false));
  return zip_of_members(members);
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
