// Graph to TFLite container: what the importer reads, and what TFLM and LiteRT run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

struct TfliteExport {
  std::string description;                      // for people
  std::map<std::string, std::string> metadata;  // by name: which data and settings made the model
};

// The bytes of a .tflite file whose import is the same graph, if all its tensors are used and named; the graph's own
// name is the file's. Errors: a graph that does not verify; an attribute that no option of the container gives, by
// name; a graph that only mote runs.
Result<std::vector<std::uint8_t>> export_tflite(const Graph& graph, const TfliteExport& options = {});

}  // namespace mote
