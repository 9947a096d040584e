// ONNX file to graph: opsets 7 to 20, float and quantised models.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

struct OnnxOptions {
  std::map<std::string, Shape> shapes;  // of inputs whose dimensions the file leaves open
  std::filesystem::path folder;         // where external data lies; empty: there is none
};

// Reads a model from the bytes of a .onnx file. The result has passed verify().
// Images and signals become channels-last: a rank-4 input [N,C,H,W] that convolutions read is [N,H,W,C] in the graph, a
// rank-3 input [N,C,L] is [N,L,C], and outputs likewise; constants are permuted here, not at run time.
// An open first dimension is the batch and becomes 1; any other open dimension needs an entry in `shapes`.
// QuantizeLinear and DequantizeLinear around an operator, and QLinear operators, become int8 operators with the file's
// scales; uint8 values are shifted to int8, which changes no real value.
// Errors: not an ONNX file, damaged, an opset outside 7..20, an unsupported operator, type or shape, an open dimension;
// each names node and value and says what would mend it. Hostile bytes never read outside the span.
Result<Graph> import_onnx(std::span<const std::uint8_t> bytes, const std::string& source,
                          const OnnxOptions& options = {});

}  // namespace mote
