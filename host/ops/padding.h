// What pad and pad_v2 share: a fill and a copy into the middle.
#pragma once

#include "host/base/result.h"
#include "host/ops/kernel.h"
#include "host/ops/op.h"

namespace mote {

// Inputs: tensor, paddings [rank, 2], and for pad_v2 the value. Without one, the real number 0 is put in.
// Errors: paddings that are not constant, negative or of the wrong count; a value quantised otherwise than the output.
Result<std::vector<Inferred>> infer_padding(const Graph& graph, const Node& node);
Result<Lowered> lower_padding(const Graph& graph, const Node& node, const IsaSet& isas);

}  // namespace mote
