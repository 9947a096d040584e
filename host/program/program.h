// A program: the graph with every node lowered to kernel calls, and where its bytes live. The planner fills
// `placement`, the C++ writer prints the whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/ops/kernel.h"
#include "host/program/fused.h"

namespace mote {

// Bytes behind a buffer that nobody may write while the buffer lives: from before node `first` runs until after node
// `last` did.
struct Guard {
  std::string buffer;  // the tensors in it, or whose scratch it is
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  std::int64_t first = 0, last = 0;
};

// A known answer: for inputs of random bytes from a seed, the CRC of the outputs. Seed 0: none.
struct KnownAnswer {
  std::uint32_t seed = 0;
  std::uint32_t crc = 0;
};

// Offsets are bytes from the start of the arena, -1 where a tensor has none (constants, tensors nobody touches).
struct Placement {
  std::vector<std::int64_t> tensor_offset;   // per tensor of the graph
  std::vector<std::int64_t> scratch_offset;  // per node; -1: the node needs no scratch
  std::int64_t arena_bytes = 0;
  std::int64_t lower_bound_bytes = 0;  // no placement of these lifetimes can be smaller
  std::vector<Guard> guards;           // where the program wants them
};

struct Program {
  Graph graph;
  std::vector<Lowered> nodes;     // one per graph node
  std::vector<TensorId> storage;  // per tensor: the tensor whose bytes it shares through aliases; itself otherwise
  std::vector<std::size_t> store_order;  // of graph.states: one that reads another's old value is stored before it
  std::vector<Fused> fused;              // runs of nodes that are one step; disjoint
  std::int64_t guard_bytes = 0;          // behind every buffer, which then shares no byte with another; 0: no canaries
  KnownAnswer answer;
  Placement placement;

  // Scratch of one node, or of the whole run it is in: the most any of the calls needs.
  [[nodiscard]] std::int64_t scratch_bytes(std::size_t node) const;
  // The run that a node is in, or null.
  [[nodiscard]] const Fused* fused_at(std::size_t node) const;
  // Bytes that a tensor takes in the arena: less than its size where it is never whole.
  [[nodiscard]] std::int64_t stored_bytes(TensorId id) const;
  // Of one row of an image [1,H,W,C].
  [[nodiscard]] std::int64_t row_bytes(TensorId id) const {
    return graph.tensor(id).size_bytes() / graph.tensor(id).shape.at(1);
  }
  // Whether a state's new value lies where its old one was, so that nothing is to be stored when a run ends. The
  // program is planned.
  [[nodiscard]] bool is_state_in_place(const State& state) const {
    return storage_of(state.out) == state.in ||
           (!is_stored_constant(state.out) && placement.tensor_offset.at(static_cast<std::size_t>(state.out)) ==
                                                  placement.tensor_offset.at(static_cast<std::size_t>(state.in)));
  }
  [[nodiscard]] TensorId storage_of(TensorId id) const { return storage.at(static_cast<std::size_t>(id)); }
  [[nodiscard]] bool is_stored_constant(TensorId id) const {
    return graph.tensor(storage.at(static_cast<std::size_t>(id))).is_constant;
  }
};

// Lowers every node for the given instruction sets. The graph must have passed verify().
// Errors: what lowering reports, with file and operator named; an output of the model that is constant or a state's old
// value; states that take each other's values in a circle.
Result<Program> lower_graph(const Graph& graph, const IsaSet& isas);

// The inputs of a known answer, in the order of the graph's.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> known_answer_inputs(const Graph& graph, std::uint32_t seed);

}  // namespace mote
