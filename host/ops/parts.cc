// Windows of consecutive parts.
#include "host/ops/parts.h"

#include <fmt/format.h>

#include "host/ops/movement.h"

namespace mote {

Result<std::vector<Inferred>> infer_parts(const Tensor& input, std::size_t axis,
                                          const std::vector<std::int64_t>& sizes) {
  std::vector<Inferred> out;
  std::int64_t left = input.shape[axis];
  for (const std::int64_t size : sizes) {
    if (size < 1 || size > left) {
      return Error{
          fmt::format("a part of {} where {} are left of axis {} of {}", size, left, axis, text_of(input.shape)), "",
          ""};
    }
    left -= size;
    Inferred part = {input.type, input.shape};
    part.shape[axis] = size;
    out.push_back(part);
  }
  if (left != 0)
    return Error{fmt::format("the parts leave {} of axis {} of {}", left, axis, text_of(input.shape)), "", ""};
  return out;
}

Result<Lowered> lower_parts_of(const Graph& graph, const Node& node, TensorId input, std::size_t axis,
                               const IsaSet& isas) {
  const Tensor& x = graph.tensor(input);
  Shape begin(x.shape.size(), 0);
  std::vector<StridedCopy> copies;
  for (const TensorId id : node.outputs) {
    const Shape& part = graph.tensor(id).shape;
    copies.push_back(read_window(x.shape, begin, part, Shape(part.size(), 1)));
    begin[axis] += part[axis];
  }
  return lower_parts(copies, x.type, {&input, 1}, node.outputs, isas);
}

}  // namespace mote
