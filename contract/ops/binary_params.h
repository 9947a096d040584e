// What element-wise kernels of two operands are told beside their tensors: add, sub, mul.
// The output is walked in order, its adjacent dimensions merged where neither operand is broadcast differently; an
// operand's stride is 0 along a dimension in which it is repeated. Leading extents that are not needed are 1.
#pragma once

#include <cstdint>

namespace mote {

inline constexpr int kBroadcastRank = 5;

// Sum or difference of quantised operands, each first scaled to the larger of the two scales with left_shift more bits.
struct ScaledBinaryParams {
  std::int32_t count;  // elements of the output
  std::int32_t extent[kBroadcastRank];
  std::int32_t a_stride[kBroadcastRank];
  std::int32_t b_stride[kBroadcastRank];
  std::int32_t a_offset, b_offset;  // minus the operands' zero points
  std::int32_t left_shift;
  std::int32_t a_multiplier, a_shift;
  std::int32_t b_multiplier, b_shift;
  std::int32_t out_multiplier, out_shift;
  std::int32_t out_offset;  // the output's zero point
  std::int32_t clamp_min, clamp_max;
};

// Product of quantised operands.
struct ProductParams {
  std::int32_t count;
  std::int32_t extent[kBroadcastRank];
  std::int32_t a_stride[kBroadcastRank];
  std::int32_t b_stride[kBroadcastRank];
  std::int32_t a_offset, b_offset;
  std::int32_t out_multiplier, out_shift;
  std::int32_t out_offset;
  std::int32_t clamp_min, clamp_max;
};

struct BinaryF32Params {
  std::int32_t count;
  std::int32_t extent[kBroadcastRank];
  std::int32_t a_stride[kBroadcastRank];
  std::int32_t b_stride[kBroadcastRank];
  float clamp_min, clamp_max;
};

// The walk alone: operands that are taken as they are.
struct BroadcastParams {
  std::int32_t count;
  std::int32_t extent[kBroadcastRank];
  std::int32_t a_stride[kBroadcastRank];
  std::int32_t b_stride[kBroadcastRank];
};

}  // namespace mote
