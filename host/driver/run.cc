// Compile, build, run, compare.
#include "host/driver/run.h"

#include <algorithm>

#include "host/base/file.h"
#include "host/codegen/manifest.h"
#include "host/codegen/writer.h"
#include "host/driver/image.h"
#include "host/emulate/firmware.h"
#include "host/image/firmware.h"

namespace mote {
namespace fs = std::filesystem;
namespace {

// Appends the first differing byte, if there is one.
void compare(std::size_t record, const std::string& tensor, const Bytes& board, const Bytes& host, ModelRun& run) {
  ++run.compared_tensors;
  const auto [b, h] = std::mismatch(board.begin(), board.end(), host.begin(), host.end());
  if (b == board.end() && h == host.end()) return;
  run.mismatches.push_back({record, tensor, static_cast<std::size_t>(b - board.begin()), b == board.end() ? -1 : *b,
                            h == host.end() ? -1 : *h});
}

Status compare_outputs(const Graph& graph, const std::vector<std::vector<Bytes>>& inputs, ModelRun& run) {
  MOTE_LET(interpreter, Interpreter::create(graph));
  for (std::size_t r = 0; r < inputs.size(); ++r) {
    MOTE_LET(outputs, interpreter.run(inputs[r]));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      compare(r, graph.tensor(graph.outputs[i]).name, run.report.records[r].outputs[i], outputs[i], run);
    }
  }
  return {};
}

// Layers of the firmware against the interpreter on the graph that was compiled.
Status compare_layers(const Program& program, const std::vector<std::vector<Bytes>>& inputs, ModelRun& run) {
  MOTE_LET(interpreter, Interpreter::create(program.graph));
  for (std::size_t r = 0; r < inputs.size(); ++r) {
    MOTE_LET(outputs, interpreter.run(inputs[r]));
    std::size_t next = 0;
    const auto& trace = run.report.records[r].trace;
    for (std::size_t n = 0; n < program.nodes.size(); ++n) {
      if (program.nodes[n].is_alias()) continue;
      if (const Fused* fused = program.fused_at(n); fused != nullptr && n != fused->last) continue;  // never whole
      for (const TensorId id : program.graph.nodes[n].outputs) {
        const Bytes none;
        compare(r, program.graph.tensor(id).name, next < trace.size() ? trace[next].bytes : none,
                interpreter.tensor(id), run);
        ++next;
      }
    }
  }
  return {};
}

// The arena's buffers, in steps of layers: an alias is no layer, and a fused run is one.
std::vector<PlacedBuffer> arena_of(const Program& program) {
  std::vector<std::int64_t> layer_of;  // by node
  std::int64_t layers = 0;
  for (std::size_t n = 0; n < program.nodes.size(); ++n) {
    layer_of.push_back(layers);
    const Fused* fused = program.fused_at(n);
    if (!program.nodes[n].is_alias() && (fused == nullptr || n == fused->last)) ++layers;
  }
  std::vector<PlacedBuffer> out = placed_buffers(program);
  const auto layer = [&](std::int64_t step) {
    if (step < 0) return step;
    return step < static_cast<std::int64_t>(layer_of.size()) ? layer_of[static_cast<std::size_t>(step)] : layers;
  };
  for (PlacedBuffer& b : out) {
    b.first = layer(b.first);
    b.last = layer(b.last);
  }
  return out;
}

}  // namespace

Result<ModelRun> run_model(const Graph& graph, const std::vector<std::vector<Bytes>>& inputs,
                           const RunModelOptions& options) {
  MOTE_LET(board, load_board(options.board));
  CompileOptions compile = options.compile;
  compile.core = board.core.name;
  if (options.runtime && (options.trace || compile.canaries || !options.overlay.empty())) {
    return Error{"layers of a model image cannot be traced, guarded or replaced", graph.source,
                 "run it as generated code"};
  }
  Program program;
  GeneratedCode code;
  const std::string level = compile.compiler_level();
  MOTE_LET(work, TemporaryFolder::create("mote"));
  const fs::path folder = work.path() / "model";
  if (options.runtime) {
    MOTE_LET(image, make_image(graph, compile));
    MOTE_LET(written, write_image_code(image.program, image.bytes, folder));
    program = std::move(image.program);
    code = std::move(written);
  } else {
    MOTE_LET(compiled, compile_graph(graph, compile));
    program = std::move(compiled);
    MOTE_LET(written, write_code({&program, 1}, folder, {options.trace, ""}));
    code = std::move(written);
  }
  if (!options.overlay.empty()) {
    std::error_code failure;
    fs::copy(options.overlay, folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing, failure);
    if (failure) return Error{"cannot be copied: " + failure.message(), options.overlay.string(), ""};
  }
  MOTE_LET(firmware, build_firmware(board, code, folder, work.path() / "firmware",
                                    {level, options.trace, options.debug, compile.canaries}));

  std::vector<RunRecord> records;
  for (const std::vector<Bytes>& input : inputs) records.push_back({0, input});
  MOTE_LET(report,
           run_firmware(firmware, records, {options.count_instructions, options.timeout, options.trace_blocks}));
  ModelRun run{board, level, code.models[0],   firmware.sizes, std::move(report), 0, {}, firmware.elf,
               {},    {},    arena_of(program)};
  if (options.trace_blocks && run.report.counted) {
    for (const LayerInfo& layer : run.model.layers) {
      run.layer_entries.push_back(firmware.elf.address_of(layer_symbol(run.model, layer)).value_or(0));
    }
  }
  if (options.debug) {
    MOTE_LET(lines, LineTable::read(firmware.program));
    run.lines = std::move(lines);
  }
  if (options.check) MOTE_TRY(compare_outputs(graph, inputs, run));
  if (options.trace) MOTE_TRY(compare_layers(program, inputs, run));
  if (!options.keep.empty()) {
    MOTE_LET(kept, StagedFolder::create(options.keep, "firmware"));
    std::error_code failure;
    fs::copy(work.path(), kept.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing, failure);
    if (failure) return Error{"cannot be copied to: " + failure.message(), options.keep.string(), ""};
    MOTE_TRY(kept.commit());
  }
  return run;
}

}  // namespace mote
