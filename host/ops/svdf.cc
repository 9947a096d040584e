// Singular value decomposition filter on the host: import, inference of shapes, lowering.
#include "device/kernels/svdf/svdf.h"

#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/op.h"
#include "host/ops/quantization.h"

namespace mote::ops::svdf {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/svdf/svdf.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/svdf/kernels.inc"
};

// Field ids of SVDFOptions.
enum Field { kRank = 0, kActivation = 1 };
enum Input : std::size_t { kX = 0, kFeature = 1, kTime = 2, kBias = 3, kState = 4 };
constexpr int kVariables[] = {kState};

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("rank", options.i32(kRank, 1));
  return set_activation(options.i8(kActivation, 0), node);
}

Result<SvdfParams> params(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[kX]);
  const Tensor& w = g.tensor(node.inputs[kFeature]);
  const Tensor& t = g.tensor(node.inputs[kTime]);
  const Tensor& s = g.tensor(node.inputs[kState]);
  const std::string fix = "quantise the model to int8 with int8 or int16 state, batch 1";
  MOTE_TRY(check_type(x, {DType::s8}));
  MOTE_TRY(check_type(w, {DType::s8}));
  MOTE_TRY(check_type(t, {DType::s8, DType::s16}));
  MOTE_TRY(check_type(s, {t.type}));
  MOTE_TRY(check_type(g.tensor(node.outputs[0]), {DType::s8}));
  const std::int64_t rank = node.attrs.integer("rank", 1);
  if (w.shape.size() != 2 || t.shape.size() != 2 || x.shape.size() != 2 || x.shape[0] != 1 || rank < 1 ||
      w.shape[0] % rank != 0 || t.shape[0] != w.shape[0] || x.shape[1] != w.shape[1] ||
      elements(s.shape) != elements(t.shape) || x.shape[1] > (1 << 15)) {
    return Error{fmt::format("input {}, weights {} and {} and state {} of rank {} do not fit together",
                             text_of(x.shape), text_of(w.shape), text_of(t.shape), text_of(s.shape), rank),
                 "", fix};
  }
  const std::int64_t units = w.shape[0] / rank;
  if (!w.is_constant || !t.is_constant) return Error{"weights are not constant", "", fix};
  const TensorId bias = node.inputs[kBias];
  if (bias != kNoTensor) {
    MOTE_TRY(check_type(g.tensor(bias), {DType::s32}));
    if (!g.tensor(bias).is_constant || elements(g.tensor(bias).shape) != units) {
      return Error{fmt::format("the bias is not a constant of {} values", units), "", fix};
    }
  }
  MOTE_LET(qx, per_tensor_quant(g, node.inputs[kX]));
  MOTE_LET(qw, per_tensor_quant(g, node.inputs[kFeature]));
  MOTE_LET(qt, per_tensor_quant(g, node.inputs[kTime]));
  MOTE_LET(qs, per_tensor_quant(g, node.inputs[kState]));
  MOTE_LET(qy, per_tensor_quant(g, node.outputs[0]));
  if (qw.zero_point != 0 || qt.zero_point != 0 || (s.type == DType::s16 && qs.zero_point != 0)) {
    return Error{"weights or an int16 state have a zero point other than 0", "", "quantise the model again"};
  }
  // Products of scales in float, as TFLite forms them.
  MOTE_LET(feature, quantize_multiplier(static_cast<double>(qx.scale * qw.scale / qs.scale)));
  MOTE_LET(time, quantize_multiplier(static_cast<double>(qs.scale * qt.scale / qy.scale)));
  if (node.attrs.string("activation", "none") != "relu") {
    return Error{"has an activation other than ReLU", "", "TensorFlow Lite Micro, which defines it, knows no other"};
  }
  const Clamp clamp = range_of(DType::s8);  // the reference is told of a ReLU and does not compute it
  const Clamp state = range_of(s.type);
  return SvdfParams{narrow(x.shape[1]), narrow(units), narrow(rank),  narrow(t.shape[1]), -qx.zero_point,
                    feature.multiplier, feature.shift, qs.zero_point, state.min,          state.max,
                    time.multiplier,    time.shift,    qy.zero_point, clamp.min,          clamp.max};
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_LET(p, params(g, node));
  const Tensor& s = g.tensor(node.inputs[kState]);
  return std::vector<Inferred>{{DType::s8, {1, p.units}}, {s.type, s.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  MOTE_LET(p, params(g, node));
  KernelCall call;
  call.params = params_blob("SvdfParams", "contract/ops/svdf_params.h", p, [](const auto& v, FieldWriter& f) {
    f("features", v.features), f("units", v.units), f("rank", v.rank), f("memory", v.memory);
    f("in_offset", v.in_offset);
    f("feature_multiplier", v.feature_multiplier), f("feature_shift", v.feature_shift);
    f("state_zero_point", v.state_zero_point), f("state_min", v.state_min), f("state_max", v.state_max);
    f("time_multiplier", v.time_multiplier), f("time_shift", v.time_shift);
    f("out_offset", v.out_offset), f("clamp_min", v.clamp_min), f("clamp_max", v.clamp_max);
  });
  for (const std::size_t i : {kX, kFeature, kTime}) call.add_tensor(node.inputs[i]);
  if (node.inputs[kBias] != kNoTensor) {
    call.add_tensor(node.inputs[kBias]);
  } else {
    call.add_constant(constant("bias", DType::s32, std::vector<std::int32_t>(static_cast<std::size_t>(p.units))));
  }
  call.add_tensor(node.inputs[kState]);
  call.add_tensor(node.outputs[0]);
  call.add_tensor(node.outputs[1]);
  MOTE_TRY(select_kernel(kRows, g.tensor(node.inputs[kState]).type == DType::s8 ? "svdf_s8_state8" : "svdf_s8_state16",
                         isas, call));
  return Lowered::of(std::move(call), {{kState, 1}});
}

std::int64_t macs(const Graph& g, const Node& node) {
  return elements(g.tensor(node.inputs[kFeature]).shape) + elements(g.tensor(node.inputs[kTime]).shape);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, macs, nullptr, kVariables};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::svdf
