// What the C++ writer made: read by the emulator, the reports and the driver.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contract/arena.h"
#include "host/ir/types.h"

namespace mote {

// An input or output of a generated model, as bytes in its arena.
struct PortInfo {
  std::string name;
  DType type = DType::s8;
  Shape shape;
  Quant quant;
  std::int64_t offset_bytes = 0;  // from the start of the arena
  std::int64_t size_bytes = 0;
};

// One layer of a generated model: a function `void <model>::(anonymous namespace)::<function>(std::uint8_t* arena)`
// that is never inlined or cloned, so that its address marks the layer's begin in an instruction trace.
struct LayerInfo {
  std::string function;  // "layer_03_conv_2d"
  std::string op;        // "conv_2d"; "fused" for a run of nodes in bands of rows
  std::string name;      // the source's name
  std::string kernel;    // "conv_2d_s8_portable"; of a run, its operators
  Shape output_shape;
  std::int64_t macs = 0;
};

// `extern "C" void <name>_invoke(std::uint8_t* arena)` runs it; arena must be aligned to kArenaAlignment.
struct GeneratedModel {
  std::string name;    // an identifier, unique in the folder: the namespace and prefix of everything generated
  std::string source;  // the model file
  std::int64_t arena_bytes = 0;              // all that invoke touches beside the stack
  std::int64_t arena_lower_bound_bytes = 0;  // no plan of these lifetimes needs less
  std::int64_t scratch_bytes = 0;            // of it, the largest kernel scratch
  std::int64_t weight_bytes = 0;             // constant tensors of the model: weights and biases
  std::int64_t derived_bytes = 0;            // constants the compiler derived: multipliers, shifts, tables
  std::vector<PortInfo> inputs;
  std::vector<PortInfo> outputs;
  std::vector<PortInfo> states;  // kept in the arena from run to run; with any, there is `<name>_reset(arena)`
  std::vector<LayerInfo> layers;
};

// A folder that stands alone. Compile every source with -I <folder>; C++17, no exceptions, no RTTI.
struct GeneratedCode {
  std::vector<GeneratedModel> models;
  std::vector<std::string> sources;  // relative paths of the .cc files
};

// Sizes of a generated folder compiled for one core, in bytes, from the compiler's object files.
struct CompiledSizes {
  std::string core;
  std::string compiler;  // its first version line
  std::string flags;
  std::int64_t code_bytes = 0;       // machine code
  std::int64_t constants_bytes = 0;  // all read-only data: weights, derived constants, kernel tables
  std::int64_t ram_bytes = 0;        // static RAM; the arena is the caller's and not in here
};

}  // namespace mote
