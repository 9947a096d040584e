// The mean over axes on the host: import, inference of shapes, lowering.
#include <fmt/format.h>
#include <algorithm>

#include "device/kernels/mean/mean.h"
#include "host/ops/constants.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/unary.h"

namespace mote::ops::mean {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/mean/mean.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/mean/kernels.inc"
};

// Field ids of ReducerOptions.
enum Field { kKeepDims = 0 };

Status from_tflite(const TfliteOptions& options, const Graph& /*graph*/, Node& node) {
  node.attrs.set("keep_dims", options.i8(kKeepDims, 0));
  return {};
}

// Which axes are summed, and what remains.
struct Reduction {
  std::vector<bool> summed;
  std::int64_t count = 1;  // summed elements per output
  Shape shape;             // of the output
};

Result<Reduction> reduction_of(const Graph& g, const Node& node) {
  const Shape& x = g.tensor(node.inputs[0]).shape;
  MOTE_LET(axes, constant_integers(g, node.inputs[1], "axes"));
  Reduction r;
  r.summed.assign(x.size(), false);
  for (const std::int64_t a : axes) {
    MOTE_LET(axis, resolve_axis(a, x.size()));
    r.summed[axis] = true;
  }
  const bool keep = node.attrs.integer("keep_dims", 0) != 0;
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (r.summed[d]) r.count *= x[d];
    if (!r.summed[d] || keep) r.shape.push_back(r.summed[d] ? 1 : x[d]);
  }
  return r;
}

// Dimensions of one kind, neighbours merged.
struct Axes {
  std::vector<std::int64_t> extent, stride;
};

Status set_axes(const Axes& axes, std::int32_t (&extent)[kMeanAxes], std::int32_t (&stride)[kMeanAxes]) {
  const std::size_t used = axes.extent.size();
  constexpr std::size_t kMost = kMeanAxes;
  if (used > kMost)
    return Error{fmt::format("axes alternate more than {} times", kMost), "", "reshape the tensor first"};
  for (std::size_t d = 0; d < kMost; ++d) {
    const bool unused = d < kMost - used;
    extent[d] = unused ? 1 : narrow(axes.extent[d - (kMost - used)]);
    stride[d] = unused ? 0 : narrow(axes.stride[d - (kMost - used)]);
  }
  return {};
}

template <class P>
Status set_geometry(const Shape& x, const std::vector<bool>& summed, P& p) {
  const auto strides = strides_of(x);
  Axes axes[2];  // kept, summed
  bool last = false;
  bool any = false;
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (x[d] == 1) continue;
    Axes& a = axes[summed[d] ? 1 : 0];
    if (any && last == summed[d]) {  // in line with the one before: nothing of the other kind lies between
      a.extent.back() *= x[d];
      a.stride.back() = strides[d];
    } else {
      a.extent.push_back(x[d]);
      a.stride.push_back(strides[d]);
    }
    last = summed[d];
    any = true;
  }
  MOTE_TRY(set_axes(axes[0], p.keep_extent, p.keep_stride));
  return set_axes(axes[1], p.sum_extent, p.sum_stride);
}

template <class P>
void geometry_fields(const P& p, FieldWriter& f) {
  f("keep_extent", p.keep_extent), f("keep_stride", p.keep_stride);
  f("sum_extent", p.sum_extent), f("sum_stride", p.sum_stride);
}

Result<MeanParams> mean_params(const Graph& g, const Node& node, const Reduction& r) {
  const Tensor& x = g.tensor(node.inputs[0]);
  const bool s8 = x.type == DType::s8;
  const std::int64_t most = std::int64_t{1} << (s8 ? 22 : 14);
  if (r.count > most) {
    return Error{fmt::format("{} elements are summed, at most {} are proven not to overflow", r.count, most), "", ""};
  }
  MOTE_LET(q, unary_quant(g, node));
  MOTE_LET(m, bounded_multiplier(static_cast<double>(q.in.scale) / static_cast<double>(q.out.scale), s8 ? 21 : 12));
  MeanParams p{};
  MOTE_TRY(set_geometry(x.shape, r.summed, p));
  // The division by the count goes into the multiplier, which keeps as many bits as it can.
  std::int32_t bits = 0;
  while (r.count >> (bits + 1) != 0) ++bits;
  bits = std::min(bits, 31 + m.shift);
  p.acc_offset = static_cast<std::int32_t>(-q.in.zero_point * r.count);  // below 2^30
  p.multiplier = static_cast<std::int32_t>((static_cast<std::int64_t>(m.multiplier) << bits) / r.count);
  p.shift = m.shift - bits;
  p.out_offset = q.out.zero_point;
  return p;
}

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  const Tensor& x = g.tensor(node.inputs[0]);
  MOTE_TRY(check_type(x, {DType::s8, DType::s16, DType::f32}));
  MOTE_LET(r, reduction_of(g, node));
  if (x.type == DType::f32) {
    MeanF32Params p{};
    MOTE_TRY(set_geometry(x.shape, r.summed, p));
  } else {
    MOTE_TRY(mean_params(g, node, r));
  }
  return std::vector<Inferred>{{x.type, r.shape}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  const Tensor& x = g.tensor(node.inputs[0]);
  constexpr const char* kHeader = "contract/ops/mean_params.h";
  MOTE_LET(r, reduction_of(g, node));
  KernelCall call;
  if (x.type == DType::f32) {
    MeanF32Params p{};
    MOTE_TRY(set_geometry(x.shape, r.summed, p));
    p.count = static_cast<float>(r.count);
    call.params = params_blob("MeanF32Params", kHeader, p, [](const auto& v, FieldWriter& f) {
      geometry_fields(v, f);
      f("count", v.count);
    });
  } else {
    MOTE_LET(p, mean_params(g, node, r));
    call.params = params_blob("MeanParams", kHeader, p, [](const auto& v, FieldWriter& f) {
      geometry_fields(v, f);
      f("acc_offset", v.acc_offset), f("multiplier", v.multiplier);
      f("shift", v.shift), f("out_offset", v.out_offset);
    });
  }
  call.add_tensor(node.inputs[0]);
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(kRows, fmt::format("mean_{}", name_of(x.type)), isas, call));
  return Lowered::of(std::move(call));
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::mean
