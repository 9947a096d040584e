// Average pooling on the host; pool.h has what the pools share.
#include "device/kernels/average_pool_2d/average_pool_2d.h"
#include "host/ops/op.h"
#include "host/ops/pool.h"

namespace mote::ops::average_pool_2d {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/average_pool_2d/average_pool_2d.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/average_pool_2d/kernels.inc"
};

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  // Beyond these areas a sum could leave 32 bits.
  return infer_pool(g, node, {.max_area_s8 = 1 << 23, .max_area_s16 = 1 << 15});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  return lower_pool(g, node, isas, kRows, "average_pool_2d");
}

std::int64_t macs(const Graph& /*graph*/, const Node& /*node*/) { return 0; }

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {pool_from_tflite, infer, lower, macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::average_pool_2d
