// Lookup in the embedded files.
#include "host/base/resources.h"

namespace mote {

std::optional<std::string_view> find_resource(std::string_view path) {
  for (const Resource& r : resource_table()) {
    if (r.path == path) return r.text;
  }
  return std::nullopt;
}

}  // namespace mote
