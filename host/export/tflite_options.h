// Options of operators in the container, found from their attributes.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// A field of an options table and its value, in the type it has in the file.
struct TfliteOption {
  int field = 0;
  std::variant<std::int8_t, std::int32_t, float, std::vector<std::int32_t>> value;
};

// The options from which the operator's own reader makes the node's attributes. There is no second description of them:
// the reader is asked which fields it looks at, and each is set to the value that gives back most attributes. So an
// operator that can be read can be written. What only other runtimes read, the operator adds (OpDef::derived_options).
// Errors: an attribute that no option gives.
Result<std::vector<TfliteOption>> tflite_options(const Graph& graph, const Node& node);

// Member of the BuiltinOptions union for an operator code; 0: it has no options.
[[nodiscard]] std::uint8_t tflite_options_type(std::int64_t builtin_code);

}  // namespace mote
