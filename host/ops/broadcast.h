// Broadcasting of two operands, as kernels walk it.
#pragma once

#include "contract/ops/binary_params.h"
#include "host/base/result.h"
#include "host/ir/types.h"
#include "host/ops/kernel.h"

namespace mote {

// The shape two operands broadcast to: aligned at the last dimension, each pair equal or one of them 1.
// Errors: they do not.
Result<Shape> broadcast_shape(const Shape& a, const Shape& b);

// Strides of a walk over the broadcast shape, adjacent dimensions merged where both operands go on evenly.
struct BroadcastWalk {
  std::int32_t count = 1;
  std::int32_t extent[kBroadcastRank] = {};
  std::int32_t a_stride[kBroadcastRank] = {};
  std::int32_t b_stride[kBroadcastRank] = {};
};

// Errors: the shapes do not broadcast, or need more than kBroadcastRank dimensions after merging.
Result<BroadcastWalk> broadcast_walk(const Shape& a, const Shape& b);

// Copies a walk into params that begin with its fields, and names them.
template <class P>
void set_walk(const BroadcastWalk& w, P& p) {
  p.count = w.count;
  for (int d = 0; d < kBroadcastRank; ++d) {
    p.extent[d] = w.extent[d];
    p.a_stride[d] = w.a_stride[d];
    p.b_stride[d] = w.b_stride[d];
  }
}
template <class P>
void walk_fields(const P& p, FieldWriter& f) {
  f("count", p.count);
  f("extent", p.extent), f("a_stride", p.a_stride), f("b_stride", p.b_stride);
}

}  // namespace mote
