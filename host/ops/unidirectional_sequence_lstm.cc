// Long short-term memory on the host: import, inference of shapes, lowering.
#include "device/kernels/unidirectional_sequence_lstm/unidirectional_sequence_lstm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "host/ops/constants.h"
#include "host/ops/op.h"
#include "host/ops/quantization.h"

namespace mote::ops::unidirectional_sequence_lstm {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/unidirectional_sequence_lstm/unidirectional_sequence_lstm.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/unidirectional_sequence_lstm/kernels.inc"
};

// Field ids of UnidirectionalSequenceLSTMOptions.
enum Field { kActivation = 0, kCellClip = 1, kProjectionClip = 2, kTimeMajor = 3 };
// Operands; weights and biases of the gates input, forget, cell, output follow each other.
enum Input : std::size_t {
  kX = 0,
  kFromInput = 1,
  kFromState = 5,
  kPeephole = 9,
  kBias = 12,
  kProjection = 16,
  kHidden = 18,
  kCell = 19,
  kNorm = 20
};
constexpr int kVariables[] = {kHidden, kCell};
constexpr std::size_t kGates = 4;

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  constexpr std::int64_t kTanh = 4;
  if (options.i8(kActivation, kTanh) != kTanh) {
    return Error{"has an activation other than tanh", "", "use tanh, as every trainer does by default"};
  }
  node.attrs.set("cell_clip", options.f32(kCellClip, 0.0));
  node.attrs.set("time_major", options.i8(kTimeMajor, 0));
  return {};
}

struct Layer {
  LstmParams params;
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> biases;
};

Result<Layer> layer_of(const Graph& g, const Node& node) {
  const std::string fix =
      "quantise the model to int8 with an int16 cell; one batch, no peephole, projection or normalisation";
  const auto given = [&](std::size_t i) { return i < node.inputs.size() && node.inputs[i] != kNoTensor; };
  for (const std::size_t i : {kPeephole, Input(kPeephole + 1), Input(kPeephole + 2), kProjection,
                              Input(kProjection + 1), kNorm, Input(kNorm + 1), Input(kNorm + 2), Input(kNorm + 3)}) {
    if (given(i))
      return Error{fmt::format("has operand {}: peepholes, projection and normalisation are not supported", i), "",
                   fix};
  }
  for (std::size_t i = 0; i < kGates; ++i) {
    if (!given(kFromInput + i) || !given(kFromState + i) || !given(kBias + i)) {
      return Error{fmt::format("lacks weights or bias of gate {}", i), "", fix};
    }
  }
  if (!given(kX) || !given(kHidden) || !given(kCell)) return Error{"lacks its input or its state", "", fix};
  const Tensor& x = g.tensor(node.inputs[kX]);
  const Tensor& h = g.tensor(node.inputs[kHidden]);
  const Tensor& c = g.tensor(node.inputs[kCell]);
  MOTE_TRY(check_type(x, {DType::s8}));
  MOTE_TRY(check_type(h, {DType::s8}));
  MOTE_TRY(check_type(c, {DType::s16}));
  const bool time_major = node.attrs.integer("time_major", 0) != 0;
  if (x.shape.size() != 3 || x.shape[time_major ? 1 : 0] != 1 || h.shape.size() != 2 || h.shape[0] != 1 ||
      c.shape != h.shape) {
    return Error{fmt::format("input {} and states {} and {} do not fit together", text_of(x.shape), text_of(h.shape),
                             text_of(c.shape)),
                 "", fix};
  }
  Layer out;
  LstmParams& p = out.params;
  p.steps = narrow(x.shape[time_major ? 0 : 1]);
  p.features = narrow(x.shape[2]);
  p.units = narrow(h.shape[1]);
  MOTE_LET(qx, per_tensor_quant(g, node.inputs[kX]));
  MOTE_LET(qh, per_tensor_quant(g, node.inputs[kHidden]));
  MOTE_LET(qc, per_tensor_quant(g, node.inputs[kCell]));
  MOTE_LET(qy, per_tensor_quant(g, node.outputs[0]));
  if (qc.zero_point != 0 || qy.scale != qh.scale || qy.zero_point != qh.zero_point) {
    return Error{"output and hidden state are not quantised alike, or the cell has a zero point", "",
                 "quantise the model again"};
  }
  int power = 0;
  if (std::frexp(qc.scale, &power) != 0.5F || power - 1 > -9 || power - 1 < -15) {
    return Error{fmt::format("the cell's scale {} is not a power of two from 2^-15 to 2^-9", qc.scale), "",
                 "quantise the model again"};
  }
  --power;
  const auto times = [](std::int32_t& multiplier, std::int32_t& shift, double real) -> Status {
    MOTE_LET(m, quantize_multiplier(real));
    multiplier = m.multiplier;
    shift = m.shift;
    return {};
  };
  constexpr double kGate = 1.0 / 4096;
  constexpr double kUnit = 1.0 / 32768;
  p.in_offset = -qx.zero_point;
  p.state_offset = -qh.zero_point;
  MOTE_TRY(times(p.forget_multiplier, p.forget_shift, kUnit));
  MOTE_TRY(times(p.update_multiplier, p.update_shift, kUnit * kUnit / static_cast<double>(qc.scale)));
  MOTE_TRY(times(p.out_multiplier, p.out_shift, kUnit * kUnit / static_cast<double>(qh.scale)));
  p.tanh_multiplier = power >= -12 ? 3 << (power + 12) : 3;
  p.tanh_shift = power >= -12 ? 0 : -12 - power;
  const double clip = node.attrs.real("cell_clip", 0.0);
  if (!(clip >= 0.0)) return Error{fmt::format("clips the cell at {}", clip), "", ""};
  p.cell_clip = clip > 0.0 ? static_cast<std::int32_t>(std::min(clip / static_cast<double>(qc.scale), 32767.0)) : 0;
  for (std::size_t gate = 0; gate < kGates; ++gate) {
    const std::array<std::pair<TensorId, std::int32_t>, 2> parts = {
        {{node.inputs[kFromInput + gate], p.features}, {node.inputs[kFromState + gate], p.units}}};
    for (const auto& [id, columns] : parts) {
      const Tensor& w = g.tensor(id);
      MOTE_TRY(check_type(w, {DType::s8}));
      if (!w.is_constant || w.shape != Shape{p.units, columns}) {
        return Error{fmt::format("weights '{}' are not a constant [{},{}]", w.name, p.units, columns), "", fix};
      }
      MOTE_LET(qw, per_tensor_quant(g, id));
      if (qw.zero_point != 0) return Error{fmt::format("weights '{}' have a zero point other than 0", w.name), "", fix};
      const bool from_input = columns == p.features && id == parts[0].first;
      // The product of scales in float, as TFLite forms it.
      const double real = static_cast<double>((from_input ? qx : qh).scale * qw.scale) / kGate;
      MOTE_TRY(from_input ? times(p.in_multiplier[gate], p.in_shift[gate], real)
                          : times(p.state_multiplier[gate], p.state_shift[gate], real));
    }
    const Tensor& b = g.tensor(node.inputs[kBias + gate]);
    MOTE_TRY(check_type(b, {DType::s32}));
    if (!b.is_constant || b.shape != Shape{p.units})
      return Error{fmt::format("bias '{}' is not a constant [{}]", b.name, p.units), "", fix};
    for (std::int32_t u = 0; u < p.units; ++u) {
      std::int32_t bias = 0;
      std::memcpy(&bias, &b.data[static_cast<std::size_t>(u) * 4], 4);
      std::int64_t bound = std::abs(static_cast<std::int64_t>(bias));
      for (const auto& [id, columns] : parts) {
        for (std::int32_t i = 0; i < columns; ++i) {
          const auto v = static_cast<std::int8_t>(
              g.tensor(id)
                  .data[static_cast<std::size_t>(u) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(i)]);
          bound += 256 * std::abs(v);
          out.weights.push_back(v);
        }
      }
      if (bound >= std::int64_t{1} << 31)
        return Error{fmt::format("the sum of unit {} can reach {}, beyond 32 bits", u, bound), "",
                     "quantise the model again"};
      out.biases.push_back(bias);
    }
  }
  return out;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  MOTE_LET(layer, layer_of(g, node));
  Shape y = g.tensor(node.inputs[kX]).shape;
  y[2] = layer.params.units;
  const Shape& state = g.tensor(node.inputs[kHidden]).shape;
  return std::vector<Inferred>{{DType::s8, y}, {DType::s8, state}, {DType::s16, state}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  MOTE_LET(layer, layer_of(g, node));
  KernelCall call;
  call.params =
      params_blob("LstmParams", "contract/ops/lstm_params.h", layer.params, [](const auto& v, FieldWriter& f) {
        f("steps", v.steps), f("features", v.features), f("units", v.units);
        f("in_offset", v.in_offset), f("state_offset", v.state_offset);
        f("in_multiplier", v.in_multiplier), f("in_shift", v.in_shift);
        f("state_multiplier", v.state_multiplier), f("state_shift", v.state_shift);
        f("forget_multiplier", v.forget_multiplier), f("forget_shift", v.forget_shift);
        f("update_multiplier", v.update_multiplier), f("update_shift", v.update_shift);
        f("out_multiplier", v.out_multiplier), f("out_shift", v.out_shift);
        f("tanh_multiplier", v.tanh_multiplier), f("tanh_shift", v.tanh_shift);
        f("cell_clip", v.cell_clip);
      });
  call.add_tensor(node.inputs[kX]);
  Constant weights = constant("weights", DType::s8, layer.weights);
  weights.weight_bytes = static_cast<std::int64_t>(weights.bytes.size());
  call.add_constant(std::move(weights));
  Constant bias = constant("bias", DType::s32, layer.biases);
  bias.weight_bytes = static_cast<std::int64_t>(bias.bytes.size());
  call.add_constant(std::move(bias));
  call.add_tensor(node.inputs[kHidden]);
  call.add_tensor(node.inputs[kCell]);
  for (const TensorId id : node.outputs) call.add_tensor(id);
  MOTE_TRY(select_kernel(kRows, "unidirectional_sequence_lstm_s8", isas, call));
  return Lowered::of(std::move(call), {{kHidden, 1}, {kCell, 2}});
}

std::int64_t macs(const Graph& g, const Node& node) {
  std::int64_t per_step = 0;
  for (std::size_t i = kFromInput; i < kFromInput + 2 * kGates; ++i)
    per_step += elements(g.tensor(node.inputs[i]).shape);
  const Shape& x = g.tensor(node.inputs[kX]).shape;
  return per_step * x[0] * x[1];
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, macs, nullptr, kVariables};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::unidirectional_sequence_lstm
