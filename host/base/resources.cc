// Lookup in the embedded files.
#include "host/base/resources.h"

#include <map>

namespace mote {
namespace {

std::map<std::string, std::string, std::less<>>& added() {
  static std::map<std::string, std::string, std::less<>> files;
  return files;
}

}  // namespace

void add_resource(const std::string& path, std::string text) { added().insert_or_assign(path, std::move(text)); }

std::optional<std::string_view> find_resource(std::string_view path) {
  for (const Resource& r : resource_table()) {
    if (r.path == path) return r.text;
  }
  if (const auto at = added().find(path); at != added().end()) return at->second;
  return std::nullopt;
}

Status add_with_includes(const std::string& path, std::set<std::string>& files) {
  if (!files.insert(path).second) return {};
  const auto text = find_resource(path);
  if (!text) return Error{"is not among the program's resources", path, "this is a defect of mote; please report it"};
  constexpr std::string_view kInclude = "#include \"";
  for (std::size_t at = 0; (at = text->find(kInclude, at)) != std::string_view::npos;) {
    at += kInclude.size();
    const std::string included(text->substr(at, text->find('"', at) - at));
    const std::string beside = path.substr(0, path.rfind('/') + 1) + included;
    if (!find_resource(included) && !find_resource(beside)) {
      return Error{"includes \"" + included + "\", which lies neither beside it nor in mote", path,
                   "a kernel may include headers of its own folder, and mote's contract/ and device/"};
    }
    MOTE_TRY(add_with_includes(find_resource(included) ? included : beside, files));
  }
  return {};
}

}  // namespace mote
