// Maximum pooling on the host; pool.h has what the pools share.
#include "device/kernels/max_pool_2d/max_pool_2d.h"
#include "host/ops/op.h"
#include "host/ops/pool.h"

namespace mote::ops::max_pool_2d {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/max_pool_2d/max_pool_2d.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/max_pool_2d/kernels.inc"
};

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  return infer_pool(g, node, {.max_area_s8 = kMaxElements, .max_area_s16 = kMaxElements});
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  return lower_pool(g, node, isas, kRows, "max_pool_2d");
}

std::int64_t macs(const Graph& /*graph*/, const Node& /*node*/) { return 0; }

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {pool_from_tflite, infer, lower, macs};
std::span<const KernelRow> kernel_rows() { return kRows; }

}  // namespace mote::ops::max_pool_2d
