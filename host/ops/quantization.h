// From real scales to the integers that kernels take.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// A real factor as multiplier * 2^(shift - 31); see contract/quant/requantize.h.
struct Multiplier {
  std::int32_t multiplier = 0;
  std::int32_t shift = 0;
};

// Rounds a real factor >= 0 to 31 bits the way TFLite does: below 2^-32 it becomes 0.
// Errors: not finite, negative, or >= 2^30.
Result<Multiplier> quantize_multiplier(double real);

// Scale and zero point of a per-tensor quantised tensor.
// Errors: not quantised, per channel, scale not finite or <= 0, zero point outside the type.
struct PerTensor {
  float scale = 0.0F;
  std::int32_t zero_point = 0;
};
Result<PerTensor> per_tensor_quant(const Graph& graph, TensorId id);

// Scales of a symmetric weight tensor, one per channel (repeated when per tensor).
// Errors: axis other than `axis`, wrong count, zero point other than 0, bad scale.
Result<std::vector<float>> weight_scales(const Graph& graph, TensorId id, std::int32_t axis, std::int64_t channels);

// The range of the fused activation in quantised units, within the type's range. Attribute "activation": none, relu,
// relu6, relu_n1_to_1. An attribute pair clamp_min/clamp_max (set by a fusion pass) narrows it further.
struct Clamp {
  std::int32_t min = 0;
  std::int32_t max = 0;
};
Result<Clamp> quantized_clamp(const Node& node, DType type, const PerTensor& out);

// The same in real numbers, for float kernels.
struct ClampF32 {
  float min = 0.0F;
  float max = 0.0F;
};
Result<ClampF32> float_clamp(const Node& node);

// The attribute "activation" from TFLite's ActivationFunctionType.
// Errors: tanh and sign_bit, which no reference kernel fuses.
Status set_activation(std::int64_t tflite_activation, Node& node);

// Smallest and largest value of a quantised type.
[[nodiscard]] Clamp range_of(DType type);

}  // namespace mote
