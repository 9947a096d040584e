// A window of a tensor with steps on the host: import, inference of shapes, lowering to a strided copy.
#include <fmt/format.h>
#include <algorithm>

#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::strided_slice {
namespace {

// Field ids of StridedSliceOptions.
enum Field { kBeginMask = 0, kEndMask = 1, kEllipsisMask = 2, kNewAxisMask = 3, kShrinkAxisMask = 4, kOffset = 5 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("begin_mask", options.i32(kBeginMask, 0));
  node.attrs.set("end_mask", options.i32(kEndMask, 0));
  node.attrs.set("ellipsis_mask", options.i32(kEllipsisMask, 0));
  node.attrs.set("new_axis_mask", options.i32(kNewAxisMask, 0));
  node.attrs.set("shrink_axis_mask", options.i32(kShrinkAxisMask, 0));
  node.attrs.set("offset", options.i8(kOffset, 0));
  return {};
}

// What the slice takes of every axis.
struct Slice {
  Shape begin, extent, step;
  Shape shape;  // of the output: without the axes that shrink
};

Result<Slice> slice_of(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  MOTE_LET(begin, constant_integers(g, node.inputs[1], "begin"));
  MOTE_LET(end, constant_integers(g, node.inputs[2], "end"));
  MOTE_LET(step, constant_integers(g, node.inputs[3], "strides"));
  if (begin.size() != x.size() || end.size() != x.size() || step.size() != x.size()) {
    return Error{fmt::format("begin, end and strides have {}, {} and {} entries for {} dimensions", begin.size(),
                             end.size(), step.size(), x.size()),
                 "", "state every axis; ellipses are not supported"};
  }
  for (const char* mask : {"ellipsis_mask", "new_axis_mask", "offset"}) {
    if (node.attrs.integer(mask, 0) != 0) {
      return Error{fmt::format("{} is not supported", mask), "", "index every axis by its own begin and end"};
    }
  }
  const auto has = [&node](const char* mask, std::size_t d) { return (node.attrs.integer(mask, 0) >> d & 1) != 0; };
  Slice s;
  for (std::size_t d = 0; d < x.size(); ++d) {
    const std::int64_t size = x[d];
    if (step[d] == 0) return Error{fmt::format("the stride of axis {} is 0", d), "", ""};
    const bool forward = step[d] > 0;
    // Positions lie in [0, size], or in [-1, size - 1] when walking backwards.
    const auto position = [&](std::int64_t p) {
      return std::clamp<std::int64_t>(p < 0 ? p + size : p, forward ? 0 : -1, forward ? size : size - 1);
    };
    const std::int64_t first = has("begin_mask", d) ? (forward ? 0 : size - 1) : position(begin[d]);
    const std::int64_t last = has("end_mask", d) ? (forward ? size : -1) : position(end[d]);
    const bool shrinks = has("shrink_axis_mask", d);
    if (shrinks && (!forward || first >= size)) {
      return Error{fmt::format("index {} with stride {} is outside axis {} of {}", begin[d], step[d], d, text_of(x)),
                   "", ""};
    }
    // The number of steps, rounded up.
    const std::int64_t distance = forward ? last - first : first - last;
    const std::int64_t stride = forward ? step[d] : -step[d];
    const std::int64_t extent = shrinks ? 1 : (distance + stride - 1) / stride;
    if (extent < 1 || distance < 1) {
      if (!shrinks) return Error{fmt::format("takes nothing of axis {} of {}", d, text_of(x)), "", ""};
    }
    s.begin.push_back(first);
    s.extent.push_back(extent);
    s.step.push_back(extent == 1 ? 1 : step[d]);
    if (!shrinks) s.shape.push_back(extent);
  }
  return s;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_LET(s, slice_of(g, node));
  MOTE_TRY(check_copy(read_window(x.shape, s.begin, s.extent, s.step)));
  return std::vector<Inferred>{{x.type, s.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  MOTE_LET(s, slice_of(g, node));
  return lower_copy(read_window(g.tensor(node.inputs[0]).shape, s.begin, s.extent, s.step), g, node, isas);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::strided_slice
