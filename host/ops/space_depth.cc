// Blocks of pixels as channels: one strided copy over (n, h, row in block, w, column in block and channel).
#include "host/ops/space_depth.h"

#include <fmt/format.h>

namespace mote {

Status space_depth_from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("block_size", options.i32(0, 0));
  return {};
}

Result<StridedCopy> space_depth_copy(const Graph& graph, const Node& node, bool to_depth, Shape& out) {
  const Shape& x = graph.tensor(node.inputs[0]).shape;
  const std::int64_t b = node.attrs.integer("block_size", 0);
  const bool divides =
      x.size() == 4 && b >= 1 && b <= 256 && (to_depth ? x[1] % b == 0 && x[2] % b == 0 : x[3] % (b * b) == 0);
  if (!divides) {
    return Error{fmt::format("blocks of {} do not divide {}", b, text_of(x)), "", "the image is [N,H,W,C]"};
  }
  const std::int64_t h = to_depth ? x[1] / b : x[1];
  const std::int64_t w = to_depth ? x[2] / b : x[2];
  const std::int64_t c = to_depth ? x[3] : x[3] / (b * b);
  out = to_depth ? Shape{x[0], h, w, b * b * c} : Shape{x[0], h * b, w * b, c};
  // Strides of n, h, row, w, column, channel on both sides.
  const std::vector<std::int64_t> wide = {h * b * w * b * c, b * w * b * c, w * b * c, b * c, c, 1};
  const std::vector<std::int64_t> deep = {h * w * b * b * c, w * b * b * c, b * c, b * b * c, c, 1};
  return StridedCopy{{x[0], h, b, w, b, c}, to_depth ? wide : deep, to_depth ? deep : wide, 0, 0};
}

}  // namespace mote
