// Inputs for all runs of a model: from files, or noise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/input/input.h"
#include "host/interpret/interpreter.h"

namespace mote {

// records[r][i]: bytes of graph.inputs[i] for run r. A file may hold several; there is one per input of the model.
// Errors: another number of files than inputs; files that hold different numbers; what load_inputs reports.
Result<std::vector<std::vector<Bytes>>> load_records(const Graph& graph, const std::vector<std::string>& files,
                                                     const InputOptions& options = {});

// Seeded noise: bytes for integers, [-1, 1) for floats. The same on every computer.
std::vector<std::vector<Bytes>> noise_records(const Graph& graph, std::size_t count, std::uint32_t seed);

}  // namespace mote
