// Holds what models cost against a committed file of what they cost before.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/driver/run.h"

namespace mote {

// What one layer of a model costs.
struct GateLayer {
  std::string op;
  std::string kernel;
  double instructions = 0;
  double cycles = 0;
};

// Figures by name: flash_bytes, ram_bytes, arena_bytes, stack_bytes, instructions, cycles, energy_uj, accuracy_percent.
// Greater is worse, but for accuracy.
using GateFigures = std::map<std::string, double>;

// A model on a board; how it is run, and what it cost.
struct GateEntry {
  std::string model;  // a path, from the baseline's folder
  std::string board;
  std::string optimize = "balanced";
  std::string hardware;               // a real board, for its energy; may be empty
  std::vector<std::string> inputs;    // files; none: noise
  std::vector<std::size_t> expected;  // the class of every input; none: accuracy is not measured
  GateFigures figures;
  std::vector<GateLayer> layers;

  [[nodiscard]] std::string name() const { return model + " on " + board + ", " + optimize; }
};

struct GateBaseline {
  double tolerance_percent = 1;
  std::vector<GateEntry> entries;
};

// Errors: unreadable; not JSON; a field that is missing or of the wrong type, by name.
Result<GateBaseline> read_gate(const std::filesystem::path& file);
Status write_gate(const std::filesystem::path& file, const GateBaseline& baseline);

// Measures an entry anew. `overlay` as in RunModelOptions. Errors: what loading and running the model report; wrong
// outputs.
Result<GateEntry> measure_gate(const GateEntry& entry, const std::filesystem::path& folder,
                               const std::filesystem::path& overlay = {});

// One figure before and after.
struct GateDelta {
  std::string figure;
  double before = 0;
  double after = 0;
  bool is_worse = false;  // by more than the tolerance

  [[nodiscard]] double percent() const;
};

struct GateResult {
  std::string name;
  std::vector<GateDelta> deltas;
  std::vector<std::string> failures;  // sentences; they name the layer and the kernel that got slower
  double seconds = 0;
};

[[nodiscard]] GateResult compare_gate(const GateEntry& before, const GateEntry& after, double tolerance_percent);

[[nodiscard]] std::string gate_text(const std::vector<GateResult>& results);
// For continuous integration: one test case per entry.
[[nodiscard]] std::string gate_junit(const std::vector<GateResult>& results);

}  // namespace mote
