// Strided copies from shapes.
#include "host/ops/movement.h"

#include <fmt/format.h>

#include "device/kernels/copy/copy.h"
#include "device/kernels/fill/fill.h"

namespace mote {
namespace {

constexpr KernelRow kRows[] = {
#define MOTE_KERNEL_HEADER "device/kernels/copy/copy.h"
#include "device/kernels/copy/kernels.inc"
#undef MOTE_KERNEL_HEADER
#define MOTE_KERNEL_HEADER "device/kernels/fill/fill.h"
#include "device/kernels/fill/kernels.inc"
#undef MOTE_KERNEL_HEADER
};

}  // namespace

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

StridedCopy read_window(const Shape& x, const Shape& begin, const Shape& extent, const Shape& step) {
  StridedCopy copy = {extent, strides_of(x), strides_of(extent), 0, 0};
  for (std::size_t d = 0; d < x.size(); ++d) {
    copy.in_begin += begin[d] * copy.in_stride[d];
    copy.in_stride[d] *= step[d];
  }
  return copy;
}

StridedCopy write_window(const Shape& y, const Shape& begin, const Shape& extent) {
  StridedCopy copy = {extent, strides_of(extent), strides_of(y), 0, 0};
  for (std::size_t d = 0; d < y.size(); ++d) copy.out_begin += begin[d] * copy.out_stride[d];
  return copy;
}

StridedCopy merge_dimensions(const StridedCopy& copy) {
  StridedCopy out;
  out.in_begin = copy.in_begin;
  out.out_begin = copy.out_begin;
  for (std::size_t d = 0; d < copy.extent.size(); ++d) {
    if (copy.extent[d] == 1) continue;
    const bool in_line = !out.extent.empty() && out.in_stride.back() == copy.extent[d] * copy.in_stride[d] &&
                         out.out_stride.back() == copy.extent[d] * copy.out_stride[d];
    if (in_line) {
      out.extent.back() *= copy.extent[d];
      out.in_stride.back() = copy.in_stride[d];
      out.out_stride.back() = copy.out_stride[d];
    } else {
      out.extent.push_back(copy.extent[d]);
      out.in_stride.push_back(copy.in_stride[d]);
      out.out_stride.push_back(copy.out_stride[d]);
    }
  }
  return out;
}

Status check_copy(const StridedCopy& copy) {
  const std::size_t rank = merge_dimensions(copy).extent.size();
  if (rank <= static_cast<std::size_t>(kCopyRank)) return {};
  return Error{fmt::format("moves elements along {} separate dimensions, at most {} are supported", rank, kCopyRank),
               "", "reshape the tensor to fewer dimensions first"};
}

Result<KernelCall> copy_call(const StridedCopy& copy, DType type, TensorId from, TensorId to, const IsaSet& isas) {
  const StridedCopy merged = merge_dimensions(copy);
  CopyParams p{};
  const std::size_t unused = static_cast<std::size_t>(kCopyRank) - merged.extent.size();
  for (std::size_t d = 0; d < static_cast<std::size_t>(kCopyRank); ++d) {
    p.extent[d] = d < unused ? 1 : narrow(merged.extent[d - unused]);
    p.in_stride[d] = d < unused ? 0 : narrow(merged.in_stride[d - unused]);
    p.out_stride[d] = d < unused ? 0 : narrow(merged.out_stride[d - unused]);
  }
  p.in_begin = narrow(merged.in_begin);
  p.out_begin = narrow(merged.out_begin);
  KernelCall call;
  call.params = params_blob("CopyParams", "contract/ops/copy_params.h", p, [](const auto& v, FieldWriter& f) {
    f("extent", v.extent), f("in_stride", v.in_stride), f("out_stride", v.out_stride);
    f("in_begin", v.in_begin), f("out_begin", v.out_begin);
  });
  call.add_tensor(from);
  call.add_tensor(to);
  MOTE_TRY(select_kernel(kRows, fmt::format("copy_x{}", 8 * size_bytes(type)), isas, call));
  return call;
}

Result<Lowered> lower_copy(const StridedCopy& copy, const Graph& graph, const Node& node, const IsaSet& isas) {
  const Tensor& x = graph.tensor(node.inputs[0]);
  const Tensor& y = graph.tensor(node.outputs[0]);
  const StridedCopy merged = merge_dimensions(copy);
  const bool one_run =
      merged.extent.empty() || (merged.extent.size() == 1 && merged.in_stride[0] == 1 && merged.out_stride[0] == 1);
  if (one_run && elements(x.shape) == elements(y.shape)) return Lowered::alias();
  MOTE_LET(call, copy_call(copy, x.type, node.inputs[0], node.outputs[0], isas));
  return Lowered::of(std::move(call));
}

Result<Lowered> lower_parts(std::span<const StridedCopy> copies, DType type, std::span<const TensorId> from,
                            std::span<const TensorId> to, const IsaSet& isas) {
  Lowered out;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    MOTE_LET(call, copy_call(copies[i], type, from[from.size() == 1 ? 0 : i], to[to.size() == 1 ? 0 : i], isas));
    out.calls.push_back(std::move(call));
  }
  return out;
}

Result<KernelCall> fill_call(std::int32_t bits, const Graph& graph, TensorId to, const IsaSet& isas) {
  const Tensor& y = graph.tensor(to);
  const FillParams p = {narrow(elements(y.shape)), bits};
  KernelCall call;
  call.params = params_blob("FillParams", "contract/ops/fill_params.h", p,
                            [](const auto& v, FieldWriter& f) { f("count", v.count), f("bits", v.bits); });
  call.add_tensor(to);
  MOTE_TRY(select_kernel(kRows, fmt::format("fill_x{}", 8 * size_bytes(y.type)), isas, call));
  return call;
}

std::span<const KernelRow> movement_rows() { return kRows; }

}  // namespace mote
