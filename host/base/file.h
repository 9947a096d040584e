// Reading and writing files; writes are atomic.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace mote {

// Largest file any reader accepts.
inline constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 30;

// The bytes of a file. Errors: missing, unreadable, a directory, larger than kMaxFileBytes.
Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path);
Result<std::string> read_text_file(const std::filesystem::path& path);

// Writes to a temporary file beside `path`, then renames: the old file stays whole until the new one is.
// Makes missing parent folders. Errors: not writable, disk full.
Status write_file(const std::filesystem::path& path, std::string_view bytes);

// A folder that replaces `target` in one step when commit() is called, and vanishes when it is not.
class StagedFolder {
 public:
  // Errors: the parent is not writable; `target` exists and is not a folder mote wrote (it has no `marker` file).
  static Result<StagedFolder> create(const std::filesystem::path& target, std::string_view marker);
  StagedFolder(StagedFolder&& other) noexcept;
  StagedFolder& operator=(StagedFolder&&) = delete;
  ~StagedFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return staging_; }
  Status commit();

 private:
  StagedFolder() = default;
  std::filesystem::path staging_;
  std::filesystem::path target_;
};

// A fresh folder that is removed with the object.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create(std::string_view prefix);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void keep() { keep_ = true; }

 private:
  TemporaryFolder() = default;
  std::filesystem::path path_;
  bool keep_ = false;
};

}  // namespace mote
