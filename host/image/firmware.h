// Firmware around the runtime: a folder with the reader and the kernels that it carries, and an image built into
// firmware for trying it out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/codegen/generated.h"
#include "host/program/program.h"

namespace mote {

// Writes the runtime with a registry of these kernels into `folder`: sources, CMakeLists.txt, README.md. Returns the
// paths of what is to be compiled. Errors: a kernel that images cannot call; the disk.
Result<std::vector<std::string>> write_runtime(const std::vector<std::string>& kernels,
                                               const std::filesystem::path& folder);

// The same with one image and a function that opens and runs it, as generated code of the model would be called:
// for measuring. `program` is what the image was written from.
Result<GeneratedCode> write_image_code(const Program& program, const std::vector<std::uint8_t>& image,
                                       const std::filesystem::path& folder);

}  // namespace mote
