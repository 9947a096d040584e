// The values that a float graph's tensors take, from running it over examples.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/interpret/interpreter.h"
#include "host/ir/graph.h"

namespace mote {

struct Range {
  float min = 0;
  float max = 0;
  bool operator==(const Range&) const = default;
};

using Ranges = std::map<TensorId, Range>;

enum class RangeMethod : std::uint8_t {
  min_max,     // everything that was seen
  percentile,  // without the rarest values at both ends
  mse,         // as much as keeps the error of rounding and clipping together smallest
};

struct CalibrationOptions {
  RangeMethod method = RangeMethod::min_max;
  double percentile = 99.99;  // what is kept of the values, of all of them
};

// Ranges of all float activations. records[r][i]: bytes of graph.inputs[i].
// Errors: no records; a value that is not finite, with the tensor; what the interpreter reports.
Result<Ranges> calibrate(const Graph& graph, const std::vector<std::vector<Bytes>>& records,
                         const CalibrationOptions& options = {});

// Errors: unknown, with the known names.
Result<RangeMethod> parse_range_method(std::string_view name);

}  // namespace mote
