// What operators that only move elements share: strided copies between tensors.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/base/result.h"
#include "host/ops/kernel.h"

namespace mote {

// y[out_begin + i . out_stride] = x[in_begin + i . in_stride] for all 0 <= i < extent; counts elements.
struct StridedCopy {
  std::vector<std::int64_t> extent;
  std::vector<std::int64_t> in_stride;
  std::vector<std::int64_t> out_stride;
  std::int64_t in_begin = 0;
  std::int64_t out_begin = 0;
};

// Row-major strides: [2,3,4] -> [12,4,1].
[[nodiscard]] std::vector<std::int64_t> strides_of(const Shape& shape);

// All of y from a window of x: y[i] = x[begin + i * step], 0 <= i < extent. step may be negative.
[[nodiscard]] StridedCopy read_window(const Shape& x, const Shape& begin, const Shape& extent, const Shape& step);

// All of x into a window of y: y[begin + i] = x[i], 0 <= i < extent.
[[nodiscard]] StridedCopy write_window(const Shape& y, const Shape& begin, const Shape& extent);

// The same copy with as few dimensions as possible: extents of 1 are dropped, neighbours that lie in line on both sides
// become one. [1,4,3] -> [4,3] row by row within [1,8,3] becomes one run of 12.
[[nodiscard]] StridedCopy merge_dimensions(const StridedCopy& copy);

// Whether the kernels can do it: at most kCopyRank dimensions once merged.
Status check_copy(const StridedCopy& copy);

// The call that copies from one tensor to another; check_copy has accepted it.
Result<KernelCall> copy_call(const StridedCopy& copy, DType type, TensorId from, TensorId to, const IsaSet& isas);

// A node with one input and one output that is nothing but this copy; an alias when it changes no byte's position.
Result<Lowered> lower_copy(const StridedCopy& copy, const Graph& graph, const Node& node, const IsaSet& isas);

// A node that copies a window of its input to each output, or each input to a window of its output: one call each.
Result<Lowered> lower_parts(std::span<const StridedCopy> copies, DType type, std::span<const TensorId> from,
                            std::span<const TensorId> to, const IsaSet& isas);

// The call that fills a tensor with the element whose bytes are `bits`. Elements of at most 4 bytes.
Result<KernelCall> fill_call(std::int32_t bits, const Graph& graph, TensorId to, const IsaSet& isas);

// The rows of device/kernels/copy and device/kernels/fill.
[[nodiscard]] std::span<const KernelRow> movement_rows();

}  // namespace mote
