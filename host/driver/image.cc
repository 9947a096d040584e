// Images and the firmware that reads them.
#include "host/driver/image.h"

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/emulate/board.h"
#include "host/emulate/compile.h"
#include "host/image/firmware.h"
#include "host/image/image.h"
#include "host/image/kernels.h"

namespace mote {
namespace {

constexpr const char* kRuntimeMarker = "mote_registry.cc";

}  // namespace

Result<ModelImage> make_image(const Graph& graph, const CompileOptions& options) {
  CompileOptions compile = options;
  compile.known_answer = true;
  ModelImage out;
  MOTE_LET(program, compile_graph(graph, compile));
  // Kernels that unfold weights or decode them would cost every firmware their code, whichever model comes.
  if (compile.goal != Goal::ram && !kernels_beyond_images(program).empty()) {
    compile.goal = Goal::balanced;
    compile.may_unfold = false;
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
  MOTE_LET(bytes, write_image(program));
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
