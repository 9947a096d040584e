// Runs a model as firmware on a board and holds it against the host interpreter.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/cycles/places.h"
#include "host/driver/compile.h"
#include "host/emulate/run.h"
#include "host/interpret/interpreter.h"
#include "host/plan/plan.h"

namespace mote {

struct RunModelOptions {
  std::string board = "mps2-an386";
  CompileOptions compile;  // its core is replaced by the board's
  bool count_instructions = true;
  bool trace = false;         // compare every layer's output, not only the model's
  bool check = true;          // compare with the host interpreter
  bool runtime = false;       // as a model image that the runtime opens, instead of generated code
  bool trace_blocks = false;  // for profile_run
  bool debug = false;         // build with line numbers
  std::chrono::milliseconds timeout = std::chrono::minutes(10);
  std::filesystem::path overlay;  // files that replace generated ones of the same path, to try out a kernel
  std::filesystem::path keep;     // folder to leave the firmware's sources and program in; empty: nothing is kept
};

// The first difference between board and host.
struct Mismatch {
  std::size_t record = 0;
  std::string tensor;
  std::size_t byte = 0;
  int board = 0;
  int host = 0;
};

struct ModelRun {
  Board board;
  std::string level;  // of the C++ compiler
  GeneratedModel model;
  FirmwareSizes sizes;
  RunReport report;
  std::size_t compared_tensors = 0;  // outputs, and with trace every layer's, over all records
  std::vector<Mismatch> mismatches;  // at most one per record and tensor
  Elf elf;
  std::vector<std::uint64_t> layer_entries;  // where each layer's code begins; with trace_blocks
  LineTable lines;                           // with debug
  std::vector<PlacedBuffer> arena;           // steps are layers here: -1 before the first, N after the last
};

// inputs[r][i]: bytes of graph.inputs[i] for record r. `graph` is the model as it was imported: the host interprets it
// without any pass, so that the comparison covers passes, planner, writer and compiler.
// Errors: what building and running report. Differing outputs are no error here; see `mismatches`.
Result<ModelRun> run_model(const Graph& graph, const std::vector<std::vector<Bytes>>& inputs,
                           const RunModelOptions& options);

}  // namespace mote
