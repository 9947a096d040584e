// Sum of two tensors on the host; binary.h has what add, sub and mul share.
#include "device/kernels/add/add.h"
#include "host/ops/binary.h"
#include "host/ops/op.h"

namespace mote::ops::add {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/add/add.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/add/kernels.inc"
};

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) { return infer_binary(g, node, scaled_sum); }

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  return lower_binary(g, node, isas, kRows, "add", scaled_sum);
}

std::int64_t macs(const Graph& /*graph*/, const Node& /*node*/) { return 0; }

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {binary_from_tflite, infer, lower, macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::add
