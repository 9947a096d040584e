// Runs of nodes that are computed together, some rows at a time, so that what flows between them is never whole.
#pragma once

#include <cstdint>
#include <vector>

#include "host/ops/kernel.h"

namespace mote {

// Rows of a tensor that a call touches. In the memory of a tensor that is never whole they begin at row `slot`.
struct RowSpan {
  TensorId tensor = kNoTensor;
  std::int64_t first = 0, count = 0;
  std::int64_t slot = 0;
  std::int64_t first_step = 0, slot_step = 0;  // from turn to turn
};

// A kernel call over some rows; or, with kCarry, rows that move to slot 0 of their tensor, as the next turn needs them.
struct RowCall {
  static constexpr std::size_t kCarry = static_cast<std::size_t>(-1);
  std::size_t node = 0;
  std::size_t call = kCarry;   // index into Fused::calls
  std::vector<RowSpan> spans;  // of every argument that is an activation, in order
};

// Calls that are made `turns` times.
struct Phase {
  std::int64_t turns = 1;
  std::vector<RowCall> calls;
};

// Nodes `first` to `last` as one step of the program.
struct Fused {
  struct Window {
    TensorId tensor;
    std::int64_t rows;  // that its memory holds
  };

  std::size_t first = 0, last = 0;
  std::vector<Window> windows;  // the tensors that are never whole
  std::vector<KernelCall> calls;
  std::vector<Phase> phases;

  [[nodiscard]] bool contains(std::size_t node) const { return first <= node && node <= last; }
};

}  // namespace mote
