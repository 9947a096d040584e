// Files by std::filesystem and streams.
#include "host/base/file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

namespace mote {
namespace fs = std::filesystem;
namespace {

template <class Container>
Result<Container> read_as(const fs::path& path) {
  std::error_code code;
  if (!fs::exists(path, code)) return Error{"no such file", path.string(), "check the path"};
  if (fs::is_directory(path, code)) return Error{"is a folder, not a file", path.string(), ""};
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{fmt::format("cannot be read: {}", std::strerror(errno)), path.string(), ""};
  const std::uintmax_t size = fs::file_size(path, code);
  if (!code && size > kMaxFileBytes) {
    return Error{fmt::format("has {} bytes, more than the {} accepted", size, kMaxFileBytes), path.string(), ""};
  }
  Container out((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) return Error{"reading failed half-way", path.string(), ""};
  return out;
}

fs::path sibling(const fs::path& path) {
  const fs::path name = path.has_filename() ? path.filename() : path.parent_path().filename();
  const fs::path parent = path.has_filename() ? path.parent_path() : path.parent_path().parent_path();
  return parent / fmt::format(".{}.{}.part", name.string(), getpid());
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const fs::path& path) { return read_as<std::vector<std::uint8_t>>(path); }
Result<std::string> read_text_file(const fs::path& path) { return read_as<std::string>(path); }

Status write_file(const fs::path& path, std::string_view bytes) {
  std::error_code code;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), code);
  const fs::path part = sibling(path);
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) {
      const Error error{fmt::format("cannot be written: {}", std::strerror(errno)), path.string(), ""};
      fs::remove(part, code);
      return error;
    }
  }
  fs::rename(part, path, code);
  if (!code) return {};
  const Error error{fmt::format("cannot be written: {}", code.message()), path.string(), ""};
  fs::remove(part, code);
  return error;
}

Result<StagedFolder> StagedFolder::create(const fs::path& target, std::string_view marker) {
  std::error_code code;
  if (fs::exists(target, code) && !fs::is_empty(target, code) && !fs::exists(target / marker, code)) {
    return Error{"exists and was not written by mote", target.string(), "choose another folder, or remove it"};
  }
  StagedFolder out;
  out.target_ = fs::absolute(target).lexically_normal();
  out.staging_ = sibling(out.target_);
  fs::remove_all(out.staging_, code);
  if (!fs::create_directories(out.staging_, code)) {
    const Error error{fmt::format("cannot be made: {}", code.message()), target.string(), ""};
    out.staging_.clear();
    return error;
  }
  return out;
}

StagedFolder::StagedFolder(StagedFolder&& other) noexcept
    : staging_(std::move(other.staging_)), target_(std::move(other.target_)) {
  other.staging_.clear();
}

StagedFolder::~StagedFolder() {
  std::error_code code;
  if (!staging_.empty()) fs::remove_all(staging_, code);
}

Status StagedFolder::commit() {
  // rename() replaces an empty folder only, so the old one steps aside first and is removed last.
  std::error_code code;
  const fs::path old = staging_.string() + ".old";
  if (fs::exists(target_, code)) fs::rename(target_, old, code);
  if (!code) fs::rename(staging_, target_, code);
  if (code) return Error{fmt::format("cannot be replaced: {}", code.message()), target_.string(), ""};
  fs::remove_all(old, code);
  staging_.clear();
  return {};
}

Result<TemporaryFolder> TemporaryFolder::create(std::string_view prefix) {
  std::error_code code;
  std::string pattern = (fs::temp_directory_path(code) / fmt::format("{}.XXXXXX", prefix)).string();
  if (code || mkdtemp(pattern.data()) == nullptr) {
    return Error{fmt::format("no temporary folder: {}", std::strerror(errno)), pattern,
                 "set TMPDIR to a writable folder"};
  }
  TemporaryFolder out;
  out.path_ = pattern;
  return out;
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)), keep_(other.keep_) {
  other.path_.clear();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code code;
  if (!path_.empty() && !keep_) fs::remove_all(path_, code);
}

}  // namespace mote
