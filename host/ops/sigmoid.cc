// Scales to arguments of logistic and tanh. Source: TFLite's reference preparation; outputs of the tflite-micro wheel.
#include "host/ops/sigmoid.h"

#include <cmath>

#include <fmt/format.h>

namespace mote {
namespace {

// Whether x is a power of two as the reference sees it: within 0.1 % of the exponent's unit, in float arithmetic.
bool near_power_of_two(float x, int& exponent) {
  const float log2 = std::log(x) * (1.0F / std::log(2.0F));
  const float rounded = std::round(log2);
  exponent = static_cast<int>(rounded);
  return std::abs(log2 - rounded) < 1e-3F;
}

}  // namespace

Result<SigmoidArgument> sigmoid_argument(const PerTensor& in) {
  SigmoidArgument a;
  a.zero_point = in.zero_point;
  // A float's mantissa has 24 bits, so the multiplier is exact.
  const double fraction = std::frexp(static_cast<double>(in.scale) * (1 << 27), &a.shift);
  if (a.shift < 0)
    return Error{fmt::format("an input scale of {:.3g} is below 2^-28", in.scale), "", "check the scales"};
  a.multiplier = static_cast<std::int32_t>(std::round(fraction * static_cast<double>(std::int64_t{1} << 31)));
  // Shifted left by more than 30 bits, every argument but 0 lies beyond 15.
  a.radius = a.shift > 30 ? 0 : static_cast<std::int32_t>(std::floor(15.0 * (1 << 27) / std::ldexp(1.0, a.shift)));
  return a;
}

Result<SigmoidParams> sigmoid_params(const Graph& graph, const Node& node, std::int32_t max_exact_shift) {
  MOTE_LET(q, unary_quant(graph, node));
  if (q.in.zero_point != 0) return Error{fmt::format("int16 input has zero point {}, not 0", q.in.zero_point), "", ""};
  int exponent = 0;
  if (q.out.zero_point != 0 || !near_power_of_two(q.out.scale, exponent) || exponent != -15) {
    return Error{
        fmt::format("int16 output has scale {:.9g} and zero point {}, not 2^-15 and 0", q.out.scale, q.out.zero_point),
        "", "the operator's definition fixes the output's quantisation"};
  }
  SigmoidParams p{};
  p.count = narrow(elements(graph.tensor(node.inputs[0]).shape));
  const bool exact = near_power_of_two(q.in.scale, exponent);
  const std::int32_t left = 12 + exponent;
  if (exact && left >= 0 && left <= max_exact_shift) {
    p.multiplier = 3 << left;
    return p;
  }
  double multiplier = static_cast<double>(q.in.scale) * 4096.0 * 3.0;
  if (multiplier > 32767.0)
    return Error{fmt::format("an int16 input scale of {:.3g} is above 2.66", q.in.scale), "", ""};
  for (; multiplier <= 32767.0 / 2.0 && p.shift <= 30; ++p.shift) multiplier *= 2.0;
  p.multiplier = static_cast<std::int32_t>(multiplier);
  return p;
}

ParamsBlob sigmoid_params_blob(const SigmoidParams& params) {
  return params_blob("SigmoidParams", "contract/ops/sigmoid_params.h", params, [](const auto& v, FieldWriter& f) {
    f("count", v.count), f("multiplier", v.multiplier), f("shift", v.shift);
  });
}

Status check_fixed_output(const Graph& graph, const Node& node, double scale, std::int32_t zero_point) {
  MOTE_LET(out, per_tensor_quant(graph, node.outputs[0]));
  const bool same_scale = std::abs(static_cast<double>(out.scale) - scale) <= 1e-6 * scale;
  if (same_scale && out.zero_point == zero_point) return {};
  return Error{fmt::format("output has scale {:.9g} and zero point {}, not {:.9g} and {}", out.scale, out.zero_point,
                           scale, zero_point),
               "", "the operator's definition fixes the output's quantisation"};
}

}  // namespace mote
