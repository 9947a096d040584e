// Reshape on the host: the same bytes under another shape; no kernel.
#include <cstring>

#include <fmt/format.h>

#include "host/ops/op.h"

namespace mote::ops::reshape {
namespace {

// Field ids of ReshapeOptions.
enum Field { kNewShape = 0 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("new_shape", options.i32_vector(kNewShape));
  return {};
}

// The shape that is asked for, at most one dimension -1: the second input where it is constant, else the attribute;
// where neither says anything, what the output states.
Shape wanted_shape(const Graph& g, const Node& node) {
  if (node.inputs.size() > 1 && node.inputs[1] != kNoTensor && g.tensor(node.inputs[1]).is_constant) {
    const Tensor& t = g.tensor(node.inputs[1]);
    Shape out;
    for (std::size_t i = 0; t.type == DType::s32 && i + 4 <= t.data.size(); i += 4) {
      std::int32_t d = 0;
      std::memcpy(&d, &t.data[i], sizeof d);
      out.push_back(d);
    }
    return out;
  }
  const Shape attr = node.attrs.integers("new_shape");
  return attr.empty() ? g.tensor(node.outputs[0]).shape : attr;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const Shape wanted = wanted_shape(g, node);
  Shape out = wanted == Shape{0} ? Shape{} : wanted;  // old files say a scalar this way
  const std::int64_t count = elements(x.shape);
  std::int64_t known = 1;
  std::int64_t* open = nullptr;
  bool ok = out.size() <= kMaxRank;
  for (std::size_t i = 0; ok && i < out.size(); ++i) {
    if (out[i] == -1 && open == nullptr) {
      open = &out[i];
    } else {
      ok = out[i] >= 1 && out[i] <= count / known;  // so known <= count, which cannot overflow
      known *= out[i];
    }
  }
  if (ok && open != nullptr) {
    *open = count / known;
    known *= *open;
  }
  if (!ok || known != count) {
    return Error{fmt::format("{} does not reshape to {}", text_of(x.shape), text_of(wanted)), "",
                 "the element counts must agree; export the model with batch 1 and static shapes"};
  }
  return std::vector<Inferred>{{x.type, out}};
}

Result<Lowered> lower(const Graph& /*graph*/, const Node& /*node*/, const IsaSet& /*isas*/) { return Lowered::alias(); }

std::int64_t macs(const Graph& /*graph*/, const Node& /*node*/) { return 0; }

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, macs};
std::span<const KernelRow> kernel_rows() { return {}; }

}  // namespace mote::ops::reshape
