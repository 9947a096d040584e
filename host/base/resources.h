// Source files that travel inside the program: contract/, device/kernels/, ports/.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "host/base/result.h"

namespace mote {

struct Resource {
  std::string_view path;  // "device/kernels/conv_2d/conv_2d.h"
  std::string_view text;
};

// All of them, in no order. Made by tools/embed.cc at build time.
[[nodiscard]] std::span<const Resource> resource_table();

// The text of one, or nothing.
[[nodiscard]] std::optional<std::string_view> find_resource(std::string_view path);

// Adds a user's file to them, for as long as the program runs; one of the same path is replaced.
void add_resource(const std::string& path, std::string text);

// Adds a source of ours and everything it includes. Errors: it is none of the resources,
// or includes what is none; files are looked for beside the one that includes them, too.
Status add_with_includes(const std::string& path, std::set<std::string>& files);

}  // namespace mote
