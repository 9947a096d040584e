// Constant operands as numbers.
#include "host/ops/constants.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace mote {

Result<std::vector<std::int64_t>> constant_integers(const Graph& graph, TensorId id, std::string_view what) {
  const Tensor& t = graph.tensor(id);
  const std::string where = "tensor '" + t.name + "'";
  if (!t.is_constant) {
    return Error{fmt::format("{} must be constant", what), where, "export the model with static shapes"};
  }
  if (t.type != DType::s32 && t.type != DType::s64) {
    return Error{fmt::format("{} must be s32 or s64, not {}", what, name_of(t.type)), where, ""};
  }
  const std::int64_t count = elements(t.shape);
  if (count > kMaxConstantIntegers) {
    return Error{fmt::format("{} has {} values, at most {} make sense", what, count, kMaxConstantIntegers), where, ""};
  }
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < count; ++i) {
    if (t.type == DType::s64) {
      std::int64_t v = 0;
      std::memcpy(&v, &t.data[static_cast<std::size_t>(i) * sizeof v], sizeof v);
      out.push_back(v);
    } else {
      std::int32_t v = 0;
      std::memcpy(&v, &t.data[static_cast<std::size_t>(i) * sizeof v], sizeof v);
      out.push_back(v);
    }
  }
  return out;
}

Result<std::size_t> resolve_axis(std::int64_t axis, std::size_t rank) {
  const auto r = static_cast<std::int64_t>(rank);
  if (axis < -r || axis >= r) return Error{fmt::format("axis {} of a tensor with {} dimensions", axis, rank), "", ""};
  return static_cast<std::size_t>(axis < 0 ? axis + r : axis);
}

Status check_type(const Tensor& tensor, std::initializer_list<DType> allowed) {
  if (std::find(allowed.begin(), allowed.end(), tensor.type) != allowed.end()) return {};
  std::string names;
  for (const DType type : allowed) names += (names.empty() ? "" : ", ") + std::string(name_of(type));
  return Error{fmt::format("type {} is not supported here; {} are", name_of(tensor.type), names),
               "tensor '" + tensor.name + "'", "convert the model to one of these types"};
}

}  // namespace mote
