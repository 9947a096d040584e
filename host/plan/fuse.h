// Building of fused runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "host/program/program.h"

namespace mote {

// Nodes first..last as one run that makes `band_rows` rows of the last one's output per turn: every node then makes the
// rows that are new in this turn. Nothing where a node does not walk over rows, or something in between is needed
// elsewhere.
[[nodiscard]] std::optional<Fused> fuse_rows(const Program& program, std::size_t first, std::size_t last,
                                             std::int64_t band_rows, const IsaSet& isas);

// How far the output of a run must stay behind the tensor x that it reads, in bytes; see Lead.
[[nodiscard]] std::int64_t fused_lead(const Program& program, const Fused& fused, TensorId x);

}  // namespace mote
