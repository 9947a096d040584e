// .bin and .raw: the tensor's own bytes, one input after another.
#include <algorithm>

#include <fmt/format.h>

#include "host/input/formats.h"

namespace mote::input {

Result<std::vector<Bytes>> read_raw(std::span<const std::uint8_t> file, const Tensor& target) {
  const auto size = static_cast<std::size_t>(target.size_bytes());
  if (file.empty() || file.size() % size != 0) {
    return Error{fmt::format("has {} bytes, not a multiple of the {} of {}", file.size(), size, name_of(target)), "",
                 "give the elements of one or more inputs in the tensor's own type"};
  }
  if (target.type == DType::boolean && std::any_of(file.begin(), file.end(), [](std::uint8_t b) { return b > 1; })) {
    return Error{fmt::format("has a byte other than 0 and 1 for {}", name_of(target)), "", ""};
  }
  std::vector<Bytes> out;
  for (; !file.empty(); file = file.subspan(size))
    out.emplace_back(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
  return out;
}

}  // namespace mote::input
