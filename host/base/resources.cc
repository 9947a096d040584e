// Lookup in the embedded files.
#include "host/base/resources.h"

namespace mote {

std::optional<std::string_view> find_resource(std::string_view path) {
  for (const Resource& r : resource_table()) {
    if (r.path == path) return r.text;
  }
  return std::nullopt;
}

Status add_with_includes(const std::string& path, std::set<std::string>& files) {
  if (!files.insert(path).second) return {};
  const auto text = find_resource(path);
  if (!text) return Error{"is not among the program's resources", path, "this is a defect of mote; please report it"};
  constexpr std::string_view kInclude = "#include \"";
  for (std::size_t at = 0; (at = text->find(kInclude, at)) != std::string_view::npos;) {
    at += kInclude.size();
    MOTE_TRY(add_with_includes(std::string(text->substr(at, text->find('"', at) - at)), files));
  }
  return {};
}

}  // namespace mote
