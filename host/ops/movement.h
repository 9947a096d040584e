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

// The same copy with as few dimensions as possible: extents of 1 are dropped, neighbours that lie in line on both sides
// become one. [1,4,3] -> [4,3] row by row within [1,8,3] becomes one run of 12.
[[nodiscard]] StridedCopy merge_dimensions(const StridedCopy& copy);

// Whether the kernels can do it: at most kCopyRank dimensions once merged.
Status check_copy(const StridedCopy& copy);

// The call that copies from one tensor to another; check_copy has accepted it.
Result<KernelCall> copy_call(const StridedCopy& copy, DType type, TensorId from, TensorId to, const IsaSet& isas);

// A node with one input and one output that is nothing but this copy; an alias when it changes no byte's position.
Result<Lowered> lower_copy(const StridedCopy& copy, const Graph& graph, const Node& node, const IsaSet& isas);

// The call that fills a tensor with the element whose bytes are `bits`. Elements of at most 4 bytes.
Result<KernelCall> fill_call(std::int32_t bits, const Graph& graph, TensorId to, const IsaSet& isas);

// The rows of device/kernels/copy and device/kernels/fill.
[[nodiscard]] std::span<const KernelRow> movement_rows();

}  // namespace mote
