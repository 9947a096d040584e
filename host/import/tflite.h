// TFLite container to graph. Knows the container; operators read their own options through TfliteOptions.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// Reads a model from the bytes of a .tflite file. The result has passed verify().
// `source` names the file in messages and gives the graph its name ("kws_ref_model_int8.tflite" ->
// "kws_ref_model_int8"). Errors: not a TFLite file, truncated or inconsistent, more than one subgraph, an unsupported
// operator, version, type or shape; each names operator and tensor and says what would mend it. Hostile bytes never
// read outside the span.
Result<Graph> import_tflite(std::span<const std::uint8_t> bytes, const std::string& source);

}  // namespace mote
