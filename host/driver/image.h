// From a model file to a model image: the pipeline of compile.h with bytes at its end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/codegen/generated.h"
#include "host/driver/compile.h"

namespace mote {

struct ModelImage {
  Program program;
  std::vector<std::uint8_t> bytes;
  std::vector<std::string> replaced;  // kernels that images cannot call, for which the portable ones are called
};

// Compiles a graph into an image with a known answer, which the host interpreter gives on the graph as it is here.
// Errors: what compile_graph and write_image report.
Result<ModelImage> make_image(const Graph& graph, const CompileOptions& options);

// Writes the runtime for a core with the kernels of these operators (none: of all) into `folder`, whole or not at all,
// and measures its code and tables when the compiler is there. Errors: image_kernels, the disk.
Result<CompiledSizes> write_runtime_package(const std::vector<std::string>& operators, const std::string& core,
                                            const std::string& level, const std::filesystem::path& folder);

}  // namespace mote
