// Images and the firmware that reads them.
#include "host/driver/image.h"

#include <algorithm>

#include "contract/wire/crc32.h"
#include "host/base/file.h"
#include "host/base/process.h"
#include "host/emulate/board.h"
#include "host/emulate/compile.h"
#include "host/image/firmware.h"
#include "host/image/image.h"
#include "host/image/kernels.h"
#include "host/interpret/interpreter.h"

namespace mote {
namespace {

// Random bytes are honest inputs where every byte is a number; a float may be none, and an index may lead astray.
bool takes_random_bytes(const Graph& graph) {
  return std::ranges::all_of(graph.inputs, [&graph](TensorId id) {
    const DType type = graph.tensor(id).type;
    return type == DType::s8 || type == DType::u8 || type == DType::s16;
  });
}

Result<ImageAnswer> known_answer(const Graph& graph) {
  constexpr std::uint32_t kSeed = 0x6D6F7465;
  if (!takes_random_bytes(graph)) return ImageAnswer{};
  MOTE_LET(interpreter, Interpreter::create(graph));
  MOTE_LET(outputs, interpreter.run(answer_inputs(graph, kSeed)));
  ImageAnswer out{kSeed, 0};
  for (const Bytes& b : outputs) out.crc = crc32(b.data(), static_cast<std::uint32_t>(b.size()), out.crc);
  return out;
}

constexpr const char* kRuntimeMarker = "mote_registry.cc";

}  // namespace

Result<ModelImage> make_image(const Graph& graph, const CompileOptions& options) {
  CompileOptions compile = options;
  ModelImage out;
  MOTE_LET(program, compile_graph(graph, compile));
  // Kernels that are for latency alone would cost every firmware their flash, whichever model comes.
  if (compile.goal == Goal::latency && !kernels_beyond_images(program).empty()) {
    compile.goal = Goal::balanced;
    MOTE_LET(again, compile_graph(graph, compile));
    program = std::move(again);
  }
  // The portable kernel where the chip's own is not yet known to images.
  for (const KernelRow* row : kernels_beyond_images(program)) {
    if (row->isa == "portable") continue;
    compile.portable_families.emplace_back(row->family);
    out.replaced.emplace_back(row->name);
  }
  if (!out.replaced.empty()) {
    MOTE_LET(again, compile_graph(graph, compile));
    program = std::move(again);
  }
  MOTE_LET(answer, known_answer(graph));
  MOTE_LET(bytes, write_image(program, answer));
  out.program = std::move(program);
  out.bytes = std::move(bytes);
  return out;
}

Result<CompiledSizes> write_runtime_package(const std::vector<std::string>& operators, const std::string& core_name,
                                            const std::string& level, const std::filesystem::path& folder) {
  MOTE_LET(core, load_core(core_name));
  MOTE_LET(kernels, image_kernels(operators, core.isas.names));
  MOTE_LET(staged, StagedFolder::create(folder, kRuntimeMarker));
  GeneratedCode code;
  MOTE_LET(sources, write_runtime(kernels, staged.path()));
  code.sources = std::move(sources);
  CompiledSizes sizes;
  sizes.core = core_name;
  if (find_program(core.compiler, core.package).ok()) {
    MOTE_LET(work, TemporaryFolder::create("mote"));
    MOTE_LET(measured, measure_code(core, code, staged.path(), work.path(), level));
    sizes = std::move(measured);
  }
  MOTE_TRY(staged.commit());
  return sizes;
}

}  // namespace mote
