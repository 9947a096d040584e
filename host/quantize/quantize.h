// From a float graph and the ranges of its tensors to an int8 graph.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/quantize/ranges.h"

namespace mote {

// One scale for a tensor, asymmetric, with 0 among its values: real = scale * (q - zero_point).
[[nodiscard]] Quant activation_quant(Range range);

struct QuantizeOptions {
  // Scales that are known beforehand, such as that of an input whose int8 values are given.
  std::map<TensorId, Quant> given;
  // Which nodes become int8; null: all that can. Between int8 and float stand quantize and dequantize nodes.
  std::function<bool(std::size_t node)> selected;
};

// Weights: int8 symmetric, a scale per output channel. Bias: int32. Activations: int8 with one scale from their range;
// operators that demand a scale get it (QuantizeRule). Tensors keep their ids; a graph's inputs and outputs become int8
// where the nodes that read or write them do.
// Errors: a range that is missing or not finite; weights that are not constant or not finite; operators that demand
// different scales of one tensor. Each names operator or tensor.
Result<Graph> quantize_graph(const Graph& graph, const Ranges& ranges, const QuantizeOptions& options = {});

// Where int8 hurts.
struct LayerLoss {
  std::size_t node = 0;
  std::string op;
  std::string name;
  double sqnr_db = 0;     // of the layer's output in the int8 graph, against the float graph
  double score_only = 0;  // of the graph with only this layer in int8
  double score_but = 0;   // of the int8 graph with this layer in float
};

struct QuantizeLoss {
  double score_float = 0;
  double score_int8 = 0;
  std::vector<LayerLoss> layers;
};

// `score` says how good outputs are, outputs[r] being the real values of the first output for record r: an accuracy.
// records[r][i]: float bytes of graph.inputs[i]. Without `each_layer` only SQNR is measured per layer.
Result<QuantizeLoss> measure_loss(const Graph& graph, const Ranges& ranges, const QuantizeOptions& options,
                                  const std::vector<std::vector<Bytes>>& records,
                                  const std::function<double(const std::vector<std::vector<float>>&)>& score,
                                  bool each_layer);

}  // namespace mote
