// Channels that become blocks of pixels, on the host: a strided copy.
#include "host/ops/space_depth.h"
#include "host/ops/unary.h"

namespace mote::ops::depth_to_space {
namespace {

Result<std::vector<Inferred>> infer(const Graph& g, const Node& node) {
  Shape out;
  MOTE_LET(copy, space_depth_copy(g, node, false, out));
  MOTE_TRY(check_copy(copy));
  return std::vector<Inferred>{{g.tensor(node.inputs[0]).type, out}};
}

Result<Lowered> lower(const Graph& g, const Node& node, const IsaSet& isas) {
  Shape out;
  MOTE_LET(copy, space_depth_copy(g, node, false, out));
  return lower_copy(copy, g, node, isas);
}

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {space_depth_from_tflite, infer, lower, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::depth_to_space
