// Broadcast shapes and walks.
#include "host/ops/broadcast.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace mote {
namespace {

// The i-th dimension from the end, 1 where the shape has none.
std::int64_t from_end(const Shape& s, std::size_t i) { return i < s.size() ? s[s.size() - 1 - i] : 1; }

struct Dim {
  std::int64_t extent, a_stride, b_stride;
};

}  // namespace

Result<Shape> broadcast_shape(const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t da = from_end(a, i);
    const std::int64_t db = from_end(b, i);
    if (da != db && da != 1 && db != 1) {
      return Error{fmt::format("{} and {} do not broadcast", text_of(a), text_of(b)), "",
                   "dimensions must be equal, or 1, counted from the last"};
    }
    out[out.size() - 1 - i] = std::max(da, db);
  }
  if (elements(out) > kMaxElements) return Error{fmt::format("the result {} is too large", text_of(out)), "", ""};
  return out;
}

Result<BroadcastWalk> broadcast_walk(const Shape& a, const Shape& b) {
  MOTE_LET(out, broadcast_shape(a, b));
  std::vector<Dim> dims;  // innermost first
  std::int64_t a_size = 1;
  std::int64_t b_size = 1;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Dim dim = {from_end(out, i), from_end(a, i) == 1 ? 0 : a_size, from_end(b, i) == 1 ? 0 : b_size};
    a_size *= from_end(a, i);
    b_size *= from_end(b, i);
    if (dim.extent == 1) continue;
    if (!dims.empty() && dim.a_stride == dims.back().a_stride * dims.back().extent &&
        dim.b_stride == dims.back().b_stride * dims.back().extent) {
      dims.back().extent *= dim.extent;
    } else {
      dims.push_back(dim);
    }
  }
  if (dims.size() > kBroadcastRank) {
    return Error{fmt::format("{} with {} broadcasts over {} dimensions, at most {} are supported", text_of(a),
                             text_of(b), dims.size(), kBroadcastRank),
                 "", "reshape the operands to fewer dimensions"};
  }
  dims.resize(kBroadcastRank, {1, 0, 0});
  BroadcastWalk walk;
  walk.count = narrow(elements(out));
  for (std::size_t d = 0; d < kBroadcastRank; ++d) {
    const Dim& dim = dims[kBroadcastRank - 1 - d];
    walk.extent[d] = narrow(dim.extent);
    walk.a_stride[d] = narrow(dim.a_stride);
    walk.b_stride[d] = narrow(dim.b_stride);
  }
  return walk;
}

}  // namespace mote
