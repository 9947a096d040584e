// Source files that travel inside the program: contract/, device/kernels/, ports/.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace mote {

struct Resource {
  std::string_view path;  // "device/kernels/conv_2d/conv_2d.h"
  std::string_view text;
};

// All of them, in no order. Made by tools/embed.cc at build time.
[[nodiscard]] std::span<const Resource> resource_table();

// The text of one, or nothing.
[[nodiscard]] std::optional<std::string_view> find_resource(std::string_view path);

}  // namespace mote
