// The search for the best way to compile a model: many choices, each built and run on the emulated chip.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/driver/compile.h"
#include "host/report/pareto.h"

namespace mote {

struct Explored {
  CompileOptions options;
  ParetoPoint point;  // measured with one input of synthetic noise
};

// Called before each measurement with its number from 0, how many there will be, and its name.
using ExploreProgress = std::function<void(std::size_t, std::size_t, const std::string&)>;

// Every goal, and for speed every set of fast kernels that is worth its flash: from all of them, the family that saves
// most flash per instruction lost becomes portable, one after the other. Choices that compile to the same program count
// once. Takes seconds per choice.
// Errors: a core without an emulated board; what compiling, building and running report.
Result<std::vector<Explored>> explore(const Graph& graph, const CompileOptions& options,
                                      const ExploreProgress& progress = {});

}  // namespace mote
