// The pipeline.
#include "host/driver/compile.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contract/arena.h"
#include "contract/wire/crc32.h"
#include "host/base/file.h"
#include "host/base/identifier.h"
#include "host/base/process.h"
#include "host/codegen/manifest.h"
#include "host/codegen/writer.h"
#include "host/emulate/board.h"
#include "host/emulate/compile.h"
#include "host/import/onnx.h"
#include "host/import/tflite.h"
#include "host/interpret/interpreter.h"
#include "host/ir/text.h"
#include "host/ops/infer.h"
#include "host/plan/plan.h"
#include "host/plan/reduce.h"

namespace mote {
namespace fs = std::filesystem;

namespace {

// Random bytes are honest inputs where every byte is a number; a float may be none, and an index may lead astray.
bool takes_random_bytes(const Graph& graph) {
  return std::ranges::all_of(graph.inputs, [&graph](TensorId id) {
    const DType type = graph.tensor(id).type;
    return type == DType::s8 || type == DType::u8 || type == DType::s16;
  });
}

Result<KnownAnswer> known_answer(const Graph& graph) {
  constexpr std::uint32_t kSeed = 0x6D6F7465;
  if (!takes_random_bytes(graph)) return KnownAnswer{};
  MOTE_LET(interpreter, Interpreter::create(graph));
  MOTE_LET(outputs, interpreter.run(known_answer_inputs(graph, kSeed)));
  KnownAnswer out{kSeed, 0};
  for (const Bytes& b : outputs) out.crc = crc32(b.data(), static_cast<std::uint32_t>(b.size()), out.crc);
  return out;
}

}  // namespace

std::string CompileOptions::compiler_level() const {
  if (!level.empty()) return level;
  return goal == Goal::ram || goal == Goal::flash ? "-Os" : "-O2";
}

namespace {

// What would turn a file of another format into one that mote reads.
Error unreadable(const fs::path& file) {
  const std::string extension = file.extension().string();
  std::string fix = "give a .tflite or .onnx file, or a .mir file written by mote";
  if (extension == ".h5" || extension == ".keras" || extension == ".pb") {
    const std::string load =
        extension == ".pb" ? "TFLiteConverter.from_saved_model('" + file.parent_path().string() + "')"
                           : "TFLiteConverter.from_keras_model(tf.keras.models.load_model('" + file.string() + "'))";
    fix = "convert it in Python: import tensorflow as tf; open('model.tflite', 'wb').write(tf.lite." + load +
          ".convert())";
  } else if (extension == ".pt" || extension == ".pth") {
    fix =
        "export it in Python: torch.onnx.export(model.eval(), example_input, 'model.onnx', opset_version=17); "
        "mote reads .onnx and .tflite";
  }
  return Error{"is not a model mote can read", file.string(), fix};
}

}  // namespace

Result<Graph> load_model(const fs::path& file, const std::string& name, const InputShapes& shapes) {
  const std::string extension = file.extension().string();
  Graph graph;
  if (extension == ".mir") {
    MOTE_LET(text, read_text_file(file));
    auto parsed = parse_graph(text);
    if (!parsed.ok()) return std::move(parsed).error().in(file.string());
    graph = std::move(parsed).value();
    graph.source = file.string();
    MOTE_TRY(verify(graph));
  } else if (extension == ".tflite") {
    MOTE_LET(bytes, read_file(file));
    MOTE_LET(imported, import_tflite(bytes, file.string()));
    graph = std::move(imported);
  } else if (extension == ".onnx") {
    MOTE_LET(bytes, read_file(file));
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    MOTE_LET(imported, import_onnx(bytes, file.string(), {shapes, folder}));
    graph = std::move(imported);
  } else {
    return unreadable(file);
  }
  if (!shapes.empty() && extension != ".onnx") {
    return Error{"states all its shapes", file.string(), "leave out --shape, which is for ONNX files"};
  }
  if (!name.empty()) graph.name = identifier(name);
  return graph;
}

Result<Program> compile_graph(Graph graph, const CompileOptions& options) {
  MOTE_LET(core, load_core(options.core));
  KnownAnswer answer;
  if (options.known_answer) {
    MOTE_LET(known, known_answer(graph));  // of the graph as it was imported: the passes are under test too
    answer = known;
  }
  if (options.optimize_graph) MOTE_TRY(run_passes(graph, options.passes));
  IsaSet isas = core.isas;
  isas.goal = options.goal;
  isas.portable_families = options.portable_families;
  MOTE_LET(program, lower_graph(graph, isas));
  program.answer = answer;
  if (options.canaries) {
    program.guard_bytes = kArenaAlignment;
    MOTE_TRY(plan_memory(program));
  } else {
    MOTE_TRY(plan_memory_for(program, isas, options.may_unfold));
  }
  return program;
}

namespace {

// Which of ports/marks counts cycles on the core.
Result<std::string> cycle_counter_of(const Core& core) {
  if (core.family == "riscv") return std::string("mcycle");
  if (core.family == "cortex-m") return std::string(core.name.starts_with("cortex-m0") ? "systick" : "dwt");
  return Error{fmt::format("core '{}' has no cycle counter for marks", core.name), "", "choose another --target"};
}

}  // namespace

Result<GeneratedCode> write_package(std::span<const Program> programs, const fs::path& folder,
                                    const PackageOptions& options) {
  MOTE_LET(staged, StagedFolder::create(folder, kManifestName));
  MOTE_LET(core, load_core(options.core));
  WriterOptions writer{options.trace, ""};
  if (options.marks) {
    MOTE_LET(counter, cycle_counter_of(core));
    writer.marks = counter;
  }
  MOTE_LET(code, write_code(programs, staged.path(), writer));
  std::optional<CompiledSizes> sizes;
  if (options.measure && find_program(core.compiler, core.package).ok()) {
    MOTE_LET(work, TemporaryFolder::create("mote"));
    MOTE_LET(measured, measure_code(core, code, staged.path(), work.path(), options.level));
    sizes = std::move(measured);
  }
  std::vector<std::string> pictures;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    pictures.push_back(placement_text(programs[i]));
    MOTE_TRY(write_file(staged.path() / (code.models[i].name + "_memory.svg"), placement_svg(programs[i])));
  }
  MOTE_TRY(write_file(staged.path() / "README.md", readme_text(code, pictures, sizes)));
  MOTE_TRY(write_file(staged.path() / kManifestName, manifest_json(code, sizes).dump(2) + "\n"));
  MOTE_TRY(staged.commit());
  return code;
}

}  // namespace mote
