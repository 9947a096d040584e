// From a window to a stream: a model over a fixed window of time becomes one that takes only what is new.
#pragma once

#include <cstdint>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// The graph's one input is [1, time, ...], the newest row last. The result takes `hop_rows` rows per run and gives what
// `window` gives for the window that ends with them; before the first run the stream is quiet (real zeros). Layers over
// time compute their new rows only and keep, as state, the old rows that their windows reach back to; from the first
// operator on that needs all of time, it is kept whole.
// Errors: another shape of input; a hop that no layer over time can follow, with the operator that stops it.
Result<Graph> stream_graph(const Graph& window, std::int64_t hop_rows);

}  // namespace mote
