// Tables in the order of the byte in memory.
#include "host/ops/lookup.h"

#include <cstdlib>

#include "device/kernels/lookup/lookup.h"
#include "host/ops/quantization.h"

namespace mote {
namespace {

#define MOTE_KERNEL_HEADER "device/kernels/lookup/lookup.h"
constexpr KernelRow kRows[] = {
#include "device/kernels/lookup/kernels.inc"
};

}  // namespace

Result<Lowered> lower_lookup(const Graph& graph, const Node& node, const IsaSet& isas,
                             const std::function<std::int32_t(std::int32_t)>& f) {
  const Tensor& x = graph.tensor(node.inputs[0]);
  const Clamp out_range = range_of(graph.tensor(node.outputs[0]).type);
  std::vector<std::uint8_t> table;
  for (std::int32_t byte = 0; byte < 256; ++byte) {
    const std::int32_t y = f(x.type == DType::s8 && byte > 127 ? byte - 256 : byte);
    if (y < out_range.min || y > out_range.max) std::abort();  // f broke its promise
    table.push_back(static_cast<std::uint8_t>(y));             // modulo 256: the byte of a signed value too
  }
  const ElementwiseParams p = {narrow(elements(x.shape))};
  KernelCall call;
  call.params = params_blob("ElementwiseParams", "contract/ops/elementwise_params.h", p,
                            [](const auto& v, FieldWriter& w) { w("count", v.count); });
  call.add_tensor(node.inputs[0]);
  call.add_constant(constant("table", DType::u8, table));
  call.add_tensor(node.outputs[0]);
  MOTE_TRY(select_kernel(kRows, "lookup_x8", isas, call));
  return Lowered::of(std::move(call), {{0, 0}});
}

std::span<const KernelRow> lookup_rows() { return kRows; }

}  // namespace mote
