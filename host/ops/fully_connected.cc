// Fully connected layer on the host: import, inference of shapes, lowering.
#include <fmt/format.h>

#include "device/kernels/fully_connected/fully_connected.h"
#include "host/ops/op.h"
#include "host/ops/packing.h"
#include "host/ops/vector_packing.h"
#include "host/ops/weighted.h"

namespace mote::ops::fully_connected {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/fully_connected/fully_connected.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/fully_connected/kernels.inc"
};

// Field ids of FullyConnectedOptions.
enum Field { kActivation = 0, kWeightsFormat = 1, kKeepNumDims = 2 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  MOTE_TRY(set_activation(options.i8(kActivation, 0), node));
  if (options.i8(kWeightsFormat, 0) != 0) {
    return Error{"the weights are shuffled", "", "convert the model with the default weights format"};
  }
  node.attrs.set("keep_num_dims", std::int64_t{options.i8(kKeepNumDims, 0) != 0});
  return {};
}

bool per_channel(const Graph& g, const Node& node) { return g.tensor(node.inputs[1]).quant.per_channel(); }

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& k = g.tensor(node.inputs[1]);  // [units, depth]
  if (k.shape.size() != 2) return Error{fmt::format("weights {} must have 2 dimensions", text_of(k.shape)), "", ""};
  const std::int64_t units = k.shape[0];
  const std::int64_t depth = k.shape[1];
  const std::int64_t count = elements(x.shape);
  const bool keep = node.attrs.integer("keep_num_dims", 0) != 0;
  if (x.shape.empty() || count % depth != 0 || (keep && x.shape.back() != depth)) {
    return Error{fmt::format("input {} does not split into rows of {}, which weights {} take", text_of(x.shape), depth,
                             text_of(k.shape)),
                 "", "check the model's shapes"};
  }
  MOTE_LET(types, weighted_types(g, node, units));
  MOTE_TRY(check_quant(g, node, types, 0, per_channel(g, node) ? units : 1));
  if (x.type == DType::s16 && per_channel(g, node)) {
    return Error{"int16 with one weight scale per unit has no reference kernel", "tensor '" + k.name + "'",
                 "convert the model with one scale for all weights of the layer"};
  }
  Shape out = {count / depth, units};
  if (keep) {
    out = x.shape;
    out.back() = units;
  }
  return std::vector<Inferred>{{x.type, out}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  constexpr const char* kHeader = "contract/ops/fully_connected_params.h";
  const Tensor& x = g.tensor(node.inputs[0]);
  const Tensor& k = g.tensor(node.inputs[1]);
  const std::int64_t units = k.shape[0];
  const std::int64_t depth = k.shape[1];
  MOTE_LET(types, weighted_types(g, node, units));
  KernelCall call;
  ChannelQuant quant;
  if (types.real()) {
    FullyConnectedF32Params p{};
    p.rows = narrow(elements(x.shape) / depth);
    p.depth = narrow(depth);
    p.units = narrow(units);
    MOTE_LET(clamp, float_clamp(node));
    p.clamp_min = clamp.min;
    p.clamp_max = clamp.max;
    call.params = params_blob("FullyConnectedF32Params", kHeader, p, [](const auto& v, FieldWriter& f) {
      f("rows", v.rows), f("depth", v.depth), f("units", v.units);
      f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
    });
  } else {
    const bool many = per_channel(g, node);
    MOTE_LET(channel, channel_quant(g, node, types, 0, many ? units : 1));
    quant = std::move(channel);
    FullyConnectedParams p{};
    p.rows = narrow(elements(x.shape) / depth);
    p.depth = narrow(depth);
    p.units = narrow(units);
    p.scale_step = many ? 1 : 0;
    p.in_offset = quant.in_offset;
    p.out_offset = quant.out_offset;
    p.clamp_min = quant.clamp.min;
    p.clamp_max = quant.clamp.max;
    call.params = params_blob("FullyConnectedParams", kHeader, p, [](const auto& v, FieldWriter& f) {
      f("rows", v.rows), f("depth", v.depth), f("units", v.units), f("scale_step", v.scale_step);
      f("in_offset", v.in_offset), f("out_offset", v.out_offset);
      f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
    });
  }
  add_weighted_args(node, types, units, quant, call);
  const auto pack = [&](std::string_view packing, KernelCall& packed) {
    const auto weights = channel_weights(g, node, ChannelAxis::first, units, quant);
    if (packing == "units_by_4") return add_packed_args(node, pack_by_4(weights), packed);
    if (packing == "fused_lanes_by_8") return add_packed_args(node, pack_fused_lanes_by_8(weights), packed);
    if (packing == "rice") {
      auto codes = pack_rice(weights.weights);
      if (!codes) return false;
      add_weighted_args(node, types, units, quant, packed);
      packed.args[1] = KernelArg::of_constant(packed.constants.size());
      packed.constants.push_back(*std::move(codes));
      return true;
    }
    auto records = pack_records(weights);
    if (!records) return false;
    packed.add_tensor(node.inputs[0]);
    packed.add_tensor(node.inputs[1]);
    packed.add_constant(*std::move(records));
    packed.add_tensor(node.outputs[0]);
    return true;
  };
  MOTE_TRY(select_kernel(kRows, fmt::format("fully_connected_{}", types.suffix), isas, call, pack));
  return Lowered::of(std::move(call));
}

std::int64_t macs(const Graph& g, const Node& node) {
  return elements(g.tensor(node.inputs[0]).shape) * g.tensor(node.inputs[1]).shape[0];
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::fully_connected
