// Ways to compile one model, side by side: which of them nothing else beats, and which fits a budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ops/kernel.h"

namespace mote {

// One way to compile, measured.
struct ParetoPoint {
  std::string name;
  std::int64_t instructions = 0;  // per inference
  std::int64_t ram_bytes = 0;     // arena and stack of invoke
  std::int64_t flash_bytes = 0;   // the whole program
  std::int64_t cycles = 0;        // per inference, estimated by the core's timing table
  bool dominated = false;         // another point is no worse in any figure and better in one
};

// What may not be exceeded.
struct Budget {
  std::optional<std::int64_t> instructions;
  std::optional<std::int64_t> ram_bytes;
  std::optional<std::int64_t> flash_bytes;
  std::optional<std::int64_t> cycles;

  [[nodiscard]] bool any() const { return instructions || ram_bytes || flash_bytes || cycles; }
};

void mark_dominated(std::span<ParetoPoint> points);

// The best point for a goal among those within the budget: the least of the goal's figure; for balanced the least
// product of the three figures.
// Errors: none fits; says for each limit by how much the best point misses it, or, where each alone could be kept, how
// near the nearest point comes.
Result<std::size_t> choose(std::span<const ParetoPoint> points, Goal goal, const Budget& budget);

// A row per point, dominated ones marked; '*' at `chosen`.
[[nodiscard]] std::string pareto_table(std::span<const ParetoPoint> points, std::optional<std::size_t> chosen);

// Instructions to the right, RAM up, flash as the size of the dot; text in the dots' tooltips and beside them.
[[nodiscard]] std::string pareto_svg(const std::string& title, std::span<const ParetoPoint> points,
                                     std::optional<std::size_t> chosen);

}  // namespace mote
