// Unary operators on 8-bit elements: a table of all 256 results.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "host/base/result.h"
#include "host/ops/kernel.h"

namespace mote {

// Lowers a node with one s8 or u8 input to a lookup; f gives the output for a quantised input, within the output's
// type.
Result<Lowered> lower_lookup(const Graph& graph, const Node& node, const IsaSet& isas,
                             const std::function<std::int32_t(std::int32_t)>& f);

// The rows of device/kernels/lookup.
[[nodiscard]] std::span<const KernelRow> lookup_rows();

}  // namespace mote
