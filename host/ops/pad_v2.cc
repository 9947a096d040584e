// Padding with a stated value on the host.
#include "host/ops/movement.h"
#include "host/ops/op.h"
#include "host/ops/padding.h"
#include "host/ops/unary.h"

namespace mote::ops::pad_v2 {
namespace {

Status from_tflite(const TfliteOptions& /*options*/, const Graph& /*graph*/, Node& /*node*/) { return {}; }

}  // namespace

extern const OpDef kDef;
const OpDef kDef = {from_tflite, infer_padding, lower_padding, no_macs};
std::span<const KernelRow> kernel_rows() { return movement_rows(); }

}  // namespace mote::ops::pad_v2
