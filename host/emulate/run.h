// Runs a firmware on its board and reads back what it did.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/cycles/trace.h"
#include "host/emulate/firmware.h"

namespace mote {

// One run of one model.
struct RunRecord {
  std::size_t model = 0;  // index into GeneratedCode::models
  std::vector<std::vector<std::uint8_t>> inputs;
};

struct TracedTensor {
  std::size_t layer = 0;
  std::vector<std::uint8_t> bytes;
};

struct RunOptions {
  bool count_instructions = true;  // ignored on the host, and in trace builds, which would count the tracing
  std::chrono::milliseconds timeout = std::chrono::minutes(10);  // for all records together
  bool trace_blocks = false;  // where instructions are counted, also how often which block ran after which
};

struct RecordReport {
  std::vector<std::vector<std::uint8_t>> outputs;
  // Executed instructions, from the first of invoke to its return; every layer with its call. Zero and empty when not
  // counted. invoke's own few instructions are in no layer.
  std::uint64_t instructions = 0;
  std::vector<std::uint64_t> layer_instructions;
  std::vector<TracedTensor> trace;  // every layer's outputs, in trace builds
};

struct RunReport {
  std::vector<RecordReport> records;
  std::vector<std::uint32_t> invoke_stack_bytes;  // per model: the most that invoke used
  std::uint32_t program_stack_bytes = 0;          // the most that the whole program used; 0: unknown (host)
  bool counted = false;
  std::optional<Trace> blocks;  // all records together, from the first of invoke to its return
  double seconds = 0;           // on the clock of this computer
};

// Errors: inputs of the wrong number or size; a missing emulator (its Debian package is named) or instruction counter;
// a fault or a time-out, with the function it happened in; an emulator that fails.
Result<RunReport> run_firmware(const Firmware& firmware, const std::vector<RunRecord>& records,
                               const RunOptions& options = {});

// The name of a layer's function in the firmware.
[[nodiscard]] std::string layer_symbol(const GeneratedModel& model, const LayerInfo& layer);

// The plugin's option that traces blocks from one address to the other (none: where the function returns to) into the
// file `trace.txt` of the folder `work`, in so many windows (0: all until the program ends). Writes the list of
// functions that it needs there.
Result<std::string> trace_option(const Elf& elf, const std::filesystem::path& work, std::uint64_t from,
                                 std::optional<std::uint64_t> to, std::uint64_t windows);
inline constexpr const char* kTraceFile = "trace.txt";

// The QEMU plugin: $MOTE_COUNT_PLUGIN, or libmote_count.so beside the running program or in ../lib/mote.
Result<std::filesystem::path> find_count_plugin();

}  // namespace mote
