// Hard swish on the host: inference of shapes, tables, lowering.
#include <fmt/format.h>
#include <algorithm>

#include "contract/quant/requantize.h"
#include "device/kernels/hard_swish/hard_swish.h"
#include "device/kernels/lookup/lookup.h"
#include "host/ops/lookup.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::hard_swish {
namespace {

constexpr KernelRow kRows[] = {
#define MOTE_KERNEL_HEADER "device/kernels/lookup/lookup.h"
#include "device/kernels/lookup/kernels.inc"
#undef MOTE_KERNEL_HEADER
#define MOTE_KERNEL_HEADER "device/kernels/hard_swish/hard_swish.h"
#include "device/kernels/hard_swish/kernels.inc"
};

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

// The fixed-point factors of the reference, all in 16 bits.
struct Factors {
  std::int32_t in_zero_point, out_zero_point;
  std::int32_t out_multiplier, out_shift;          // input on the output's scale, before the shift
  std::int32_t reluish_multiplier, reluish_shift;  // [-3, 3] to [-1, 1]
};

// A Q31 multiplier rounded to Q15.
std::int32_t to_16_bits(std::int32_t multiplier) {
  return multiplier >= 0x7FFFFFFF - (1 << 15) ? 0x7FFF : (multiplier + (1 << 15)) >> 16;
}

Result<Factors> factors(const Graph& g, const Node& node) {
  MOTE_LET(q, unary_quant(g, node));
  const double fine_scale = static_cast<double>(q.in.scale) / 128.0;  // 7 more bits below the input's unit
  MOTE_LET(out, quantize_multiplier(fine_scale / static_cast<double>(q.out.scale)));
  MOTE_LET(reluish, quantize_multiplier(fine_scale / (3.0 / 32768.0)));
  if (out.shift > 0 || out.shift < -15 || reluish.shift < -15) {
    return Error{
        fmt::format("scales {:.3g} and {:.3g} are beyond the operator's 16-bit arithmetic", q.in.scale, q.out.scale),
        "", "calibrate the model again"};
  }
  return Factors{
      q.in.zero_point, q.out.zero_point, to_16_bits(out.multiplier), out.shift, to_16_bits(reluish.multiplier),
      reluish.shift};
}

// floor((a * b + 2^14) / 2^15) for 16-bit values; b is a multiplier, never -2^15.
std::int32_t rounding_high_mul_16(std::int32_t a, std::int32_t b) { return (a * b + (1 << 14)) >> 15; }

std::int32_t saturate_16(std::int64_t v) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(v, -32768, 32767));
}

std::int32_t hard_swish(const Factors& f, std::int32_t x) {
  const std::int32_t fine = (x - f.in_zero_point) * 128;  // in [-32640, 32640]
  const std::int32_t on_output_scale = rounding_high_mul_16(fine, f.out_multiplier);
  // Saturation belongs after the multiplication, so the last bit of a left shift waits until then.
  std::int32_t reluish = fine;
  if (f.reluish_shift > 0) reluish = saturate_16(static_cast<std::int64_t>(reluish) << (f.reluish_shift - 1));
  reluish = rounding_high_mul_16(reluish, f.reluish_multiplier);
  if (f.reluish_shift > 0) reluish = saturate_16(std::int64_t{2} * reluish);
  if (f.reluish_shift < 0) reluish = quant::rounding_divide_by_power_of_two(reluish, -f.reluish_shift);
  reluish = (reluish + (1 << 15)) >> 1;                                // [-1, 1] to [0, 1]
  const std::int32_t product = reluish * on_output_scale / (1 << 15);  // towards 0
  // A 16-bit sum, which wraps in the reference where the output is far too fine for the input.
  const auto y =
      static_cast<std::int16_t>(quant::rounding_divide_by_power_of_two(product, -f.out_shift) + f.out_zero_point);
  return quant::clamp(y, -128, 127);
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  if (g.tensor(node.inputs[0]).type == DType::s8) {
    MOTE_TRY(factors(g, node));
  }
  return infer_unary(g, node, {DType::s8, DType::f32});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  if (g.tensor(node.inputs[0]).type == DType::f32) return lower_elementwise(kRows, "hard_swish_f32", g, node, isas);
  MOTE_LET(f, factors(g, node));
  return lower_lookup(g, node, isas, [&f](std::int32_t x) { return hard_swish(f, x); });
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::hard_swish
