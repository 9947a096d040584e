// The store on SQLite.
#include "host/data/store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <set>
#include <utility>

#include "host/base/file.h"

namespace mote::data {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;
constexpr const char* kIndex = "index.sqlite";
constexpr const char* kFiles = "files";

constexpr const char* kSchema = R"(
create table if not exists examples (
  hash text primary key,
  label text not null,
  grp text not null,
  split integer,
  origin text not null,
  source text not null,
  kind integer not null,
  rate_hz real not null,
  steps integer not null,
  columns integer not null,
  channels integer not null) without rowid;
create index if not exists by_source on examples(source);
)";

// One prepared statement; columns and parameters in the order of use.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql) : db_(db) { sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  Statement& bind(const std::string& s) {
    sqlite3_bind_text(statement_, ++bound_, s.data(), static_cast<int>(s.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind(double v) { return sqlite3_bind_double(statement_, ++bound_, v), *this; }
  Statement& bind(std::size_t v) {
    return sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(v)), *this;
  }
  Statement& bind_null() { return sqlite3_bind_null(statement_, ++bound_), *this; }

  // True: there is a row. Errors: SQLite's.
  Result<bool> step() {
    const int code = statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_);
    read_ = 0;
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return Error{fmt::format("the index cannot be used: {}", sqlite3_errmsg(db_)), "", ""};
  }
  std::string text() {
    const int i = read_++;
    const auto* at = reinterpret_cast<const char*>(sqlite3_column_text(statement_, i));
    return at == nullptr ? std::string()
                         : std::string(at, static_cast<std::size_t>(sqlite3_column_bytes(statement_, i)));
  }
  double real() { return sqlite3_column_double(statement_, read_++); }
  std::size_t size() {
    return static_cast<std::size_t>(std::max<sqlite3_int64>(0, sqlite3_column_int64(statement_, read_++)));
  }
  bool null() { return sqlite3_column_type(statement_, read_) == SQLITE_NULL; }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  int read_ = 0;
};

}  // namespace

Result<Store> Store::open(const fs::path& folder, bool create) {
  const fs::path index = folder / kIndex;
  if (!create && !fs::exists(index)) {
    return Error{"there is no data yet", folder.string(), "import some: mote data import FOLDER"};
  }
  std::error_code code;
  fs::create_directories(folder / kFiles, code);
  if (code) return Error{fmt::format("cannot be made: {}", code.message()), folder.string(), ""};
  Store store;
  store.folder_ = folder;
  const int opened = sqlite3_open_v2(index.c_str(), &store.db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (opened != SQLITE_OK) {
    return Error{fmt::format("cannot be opened: {}", sqlite3_errstr(opened)), index.string(), ""};
  }
  sqlite3_busy_timeout(store.db_, 10000);  // another mote may be importing
  std::size_t found = 0;
  {
    Statement version(store.db_, "pragma user_version");
    auto row = version.step();
    if (!row.ok()) return std::move(row).error().in(index.string());
    found = version.size();
  }
  if (found != 0 && found != kVersion) {
    return Error{fmt::format("is a store of version {}; this mote reads version {}", found, kVersion), index.string(),
                 "import the data again into another folder"};
  }
  // WAL: a reader sees whole transactions while another process writes; synchronous=normal survives a killed process.
  for (const char* sql : {"pragma journal_mode=wal", "pragma synchronous=normal", kSchema, "pragma user_version=1"}) {
    if (Status s = store.run(sql); !s.ok()) return std::move(s).error().in(index.string());
  }
  return store;
}

Store::Store(Store&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), db_(std::exchange(other.db_, nullptr)) {}
Store::~Store() { sqlite3_close_v2(db_); }

Status Store::run(const char* sql) const {
  char* message = nullptr;
  if (sqlite3_exec(db_, sql, nullptr, nullptr, &message) == SQLITE_OK) return {};
  const std::string text = message == nullptr ? "unknown" : message;
  sqlite3_free(message);
  return Error{fmt::format("the index cannot be used: {}", text), folder_.string(), ""};
}

Status Store::begin() { return run("begin immediate"); }
Status Store::commit() { return run("commit"); }

fs::path Store::file_of(const Record& record) const {
  return folder_ / kFiles / record.hash.substr(0, 2) / (record.hash + extension_of(record.shape.kind));
}

Result<Put> Store::put(Record& record, const Content& content, std::string* other_label) {
  record.hash = content_hash(content);
  Content& shape = record.shape;
  shape = Content{};
  shape.kind = content.kind, shape.rate_hz = content.rate_hz, shape.steps = content.steps;
  shape.columns = content.columns, shape.channels = content.channels;
  Statement known(db_, "select label from examples where hash = ?");
  MOTE_LET(found, known.bind(record.hash).step());
  if (found) {
    const std::string label = known.text();
    if (other_label != nullptr) *other_label = label;
    return label == record.label ? Put::duplicate : Put::conflict;
  }
  const fs::path file = file_of(record);
  const std::string bytes = encode_content(content);
  std::error_code code;
  if (fs::file_size(file, code) != bytes.size() || code) MOTE_TRY(write_file(file, bytes));
  Statement insert(db_, "insert into examples values (?,?,?,?,?,?,?,?,?,?,?)");
  insert.bind(record.hash).bind(record.label).bind(record.group);
  if (record.split) {
    insert.bind(static_cast<std::size_t>(*record.split));
  } else {
    insert.bind_null();
  }
  insert.bind(record.origin).bind(record.source).bind(static_cast<std::size_t>(shape.kind)).bind(shape.rate_hz);
  MOTE_LET(row, insert.bind(shape.steps).bind(shape.columns).bind(shape.channels).step());
  static_cast<void>(row);
  return Put::added;
}

Result<std::vector<Record>> Store::records() const {
  Statement all(db_,
                "select hash, label, grp, origin, source, kind, rate_hz, steps, columns, channels, split from examples "
                "order by hash");
  std::vector<Record> out;
  while (true) {
    auto row = all.step();
    if (!row.ok()) return std::move(row).error().in((folder_ / kIndex).string());
    if (!row.value()) return out;
    Record& r = out.emplace_back();
    r.hash = all.text(), r.label = all.text(), r.group = all.text(), r.origin = all.text(), r.source = all.text();
    r.shape.kind = static_cast<Kind>(std::min<std::size_t>(all.size(), 2));
    r.shape.rate_hz = all.real();
    r.shape.steps = all.size(), r.shape.columns = all.size(), r.shape.channels = all.size();
    if (!all.null()) r.split = static_cast<Split>(std::min<std::size_t>(all.size(), 2));
  }
}

Result<bool> Store::has_source(const std::string& source) const {
  Statement one(db_, "select 1 from examples where source = ? limit 1");
  return one.bind(source).step();
}

Result<Content> Store::load(const Record& record) const {
  const fs::path file = file_of(record);
  MOTE_LET(bytes, read_file(file));
  auto content = decode_content(bytes, record.shape);
  if (!content.ok()) return std::move(content).error().in(file.string());
  return content;
}

Result<std::size_t> Store::remove(const std::string& label, const std::string& origin) {
  Statement gone(db_, "delete from examples where (?1 = '' or label = ?1) and (?2 = '' or origin = ?2)");
  MOTE_LET(row, gone.bind(label).bind(origin).step());
  static_cast<void>(row);
  return static_cast<std::size_t>(sqlite3_changes(db_));
}

Result<std::size_t> Store::remove_orphans() {
  MOTE_LET(all, records());
  std::set<std::string> named;
  for (const Record& r : all) named.insert(file_of(r).filename().string());
  std::size_t count = 0;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_ / kFiles, code)) {
    if (!entry.is_regular_file() || named.contains(entry.path().filename().string())) continue;
    if (fs::remove(entry.path(), code)) ++count;
  }
  return count;
}

}  // namespace mote::data
