// Padding as a TFLite file can say it.
#pragma once

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// A TFLite convolution or pool pads "same" or "valid"; graphs of ONNX have amounts of their own. Where these are what
// one of the two words means, the word takes their place; in front of a convolution a PAD node does, of a maximum a
// PADV2 of the least value. A pool's dilation of 1 goes. The graph computes the same bytes. An average pool whose
// amounts no word means stays as it is: it does not count its padding.
Status spell_padding(Graph& graph);

}  // namespace mote
