// Where imported data lies: an SQLite index, and a file per content that is named by its hash.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/data/content.h"

struct sqlite3;

namespace mote::data {

enum class Split : std::uint8_t { train, validation, test };
inline constexpr std::string_view kSplitNames[] = {"train", "validation", "test"};

// One example as the index knows it.
struct Record {
  std::string hash;
  std::string label;
  std::string group;           // speaker, voice, recording or session: never in two splits
  std::optional<Split> split;  // stated by its source; none: by the hash of its group
  std::string origin;          // "real", or "synthetic " and what made it
  std::string source;          // the file it came from, or the recipe it was made by
  Content shape;               // without values
};

enum class Put : std::uint8_t {
  added,
  duplicate,  // the same content under the same label: kept once
  conflict,   // the same content under another label: the first stays
};

class Store {
 public:
  // Errors: not a store; made by another version; missing, unless `create`.
  static Result<Store> open(const std::filesystem::path& folder, bool create);
  Store(Store&& other) noexcept;
  Store& operator=(Store&&) = delete;
  ~Store();

  // Writes the file, then the index; what is put between begin() and commit() appears in the index at once. A process
  // that is killed leaves files that no row names, which the next import of them uses or remove_orphans() removes.
  // Errors: disk full, not writable.
  Status begin();
  Status commit();
  // Fills record.hash and record.shape from the content. On a conflict `other_label` is the label that stays.
  Result<Put> put(Record& record, const Content& content, std::string* other_label = nullptr);

  // All records by hash.
  [[nodiscard]] Result<std::vector<Record>> records() const;
  [[nodiscard]] Result<bool> has_source(const std::string& source) const;
  [[nodiscard]] Result<Content> load(const Record& record) const;
  [[nodiscard]] std::filesystem::path file_of(const Record& record) const;

  // Forgets records; their files go with the next remove_orphans(). Returns how many.
  Result<std::size_t> remove(const std::string& label, const std::string& origin);
  // Removes files that no record names and unfinished ones. Returns how many.
  Result<std::size_t> remove_orphans();

 private:
  Store() = default;
  Status run(const char* sql) const;
  std::filesystem::path folder_;
  sqlite3* db_ = nullptr;
};

}  // namespace mote::data
