// A float model of any format to int8, and what that costs in exactness.
#pragma once

#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/quantize/quantize.h"

namespace mote {

struct QuantizeModelOptions {
  CalibrationOptions calibration;
  std::vector<std::string> keep_float;  // nodes to leave in float, by their name or their operator's
  bool each_layer = false;              // also try every layer alone in int8, and alone in float
};

// A node that stays in float although nobody asked for it.
struct LeftInFloat {
  std::string node;
  std::string why;
};

struct QuantizedModel {
  Graph graph;  // as a .tflite file can hold it
  std::vector<LeftInFloat> left;
  std::size_t records = 0;
  double sqnr_db = 0;           // of the first output over all records, against the float model
  double same_class = -1;       // share of records with the same greatest output; -1: one value is no class
  double worst_error = 0;       // of the first output, in its real units
  std::size_t bytes_float = 0;  // of constants
  std::size_t bytes_int8 = 0;
  std::vector<LayerLoss> layers;  // scores are SQNR of the first output, in dB
};

// Ranges from `calibration`, losses over `test`; both as records[r][i], float bytes of graph.inputs[i].
// Errors: a model without float operators, or with state; a name in keep_float that no node has; what calibrate and
// quantize_graph report.
Result<QuantizedModel> quantize_model(Graph graph, const std::vector<std::vector<Bytes>>& calibration,
                                      const std::vector<std::vector<Bytes>>& test,
                                      const QuantizeModelOptions& options = {});

}  // namespace mote
