// The table of operators, one row per line of contract/ops/ops.def; a forgotten definition is a link error.
#include "host/ops/op.h"

#include <array>

#include "host/ops/custom.h"

namespace mote {

#define MOTE_OP(name, ...)                  \
  namespace ops::name {                     \
  extern const OpDef kDef;                  \
  std::span<const KernelRow> kernel_rows(); \
  }
#include "contract/ops/ops.def"
#undef MOTE_OP

namespace {

const std::array kOps = {
#define MOTE_OP(name, min_inputs, max_inputs, outputs, code, tflite_name, max_version, onnx_name) \
  OpRow{#name,        min_inputs,  max_inputs, outputs,          code,                            \
        #tflite_name, max_version, onnx_name,  &ops::name::kDef, &ops::name::kernel_rows},
#include "contract/ops/ops.def"
#undef MOTE_OP
};

}  // namespace

const OpRow& op_row(OpKind kind) {
  return static_cast<std::size_t>(kind) < kOps.size() ? kOps[static_cast<std::size_t>(kind)] : custom_row(kind);
}
std::span<const OpRow> all_ops() { return kOps; }

}  // namespace mote
