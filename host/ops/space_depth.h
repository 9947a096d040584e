// What depth_to_space and space_to_depth share: blocks of pixels that become channels, and back.
#pragma once

#include "host/base/result.h"
#include "host/ops/movement.h"
#include "host/ops/op.h"

namespace mote {

Status space_depth_from_tflite(const TfliteOptions& options, const Graph& graph, Node& node);

// The copy between an image `wide` [N,H*b,W*b,C] and `deep` [N,H,W,b*b*C].
// Errors: other ranks; a block size below 1 or one that does not divide.
Result<StridedCopy> space_depth_copy(const Graph& graph, const Node& node, bool to_depth, Shape& out);

}  // namespace mote
