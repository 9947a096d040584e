// From a model file to a folder of C++: the pipeline, step by step.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "host/base/result.h"
#include "host/codegen/generated.h"
#include "host/ir/graph.h"
#include "host/passes/pass.h"
#include "host/program/program.h"

namespace mote {

struct CompileOptions {
  std::string core = "cortex-m4";  // a folder of ports/mcu: decides which kernels may be chosen
  Goal goal = Goal::balanced;
  std::vector<std::string> portable_families;  // kernel families that shall be portable whatever the goal
  bool may_unfold = true;                      // kernels that unfold weights, for balanced
  std::string level;                           // of the C++ compiler, "-O2"; empty: what suits the goal
  bool optimize_graph = true;                  // false: the operators exactly as in the file
  bool canaries = false;                       // guard bytes between buffers, checked after every layer
  bool known_answer = false;                   // with an inference that the host ran too, where inputs are integers
  PassOptions passes;

  // -Os for ram and flash, else -O2.
  [[nodiscard]] std::string compiler_level() const;
};

// Shapes of inputs by name, for files that leave dimensions open.
using InputShapes = std::map<std::string, Shape>;

// Reads a model; the format follows from the file's extension (.tflite, .onnx, or .mir for mote's text form).
// `name` replaces the name made from the file's name, unless empty.
// Errors: unreadable or unsupported; see import_tflite and import_onnx. Formats that others read are named with what
// converts them.
Result<Graph> load_model(const std::filesystem::path& file, const std::string& name = "",
                         const InputShapes& shapes = {});

// Passes, lowering, memory plan, proof of the plan.
// Errors: an unknown core (lists the known); what each step reports.
Result<Program> compile_graph(Graph graph, const CompileOptions& options);

struct PackageOptions {
  std::string core = "cortex-m4";
  std::string level = "-O2";  // of the C++ compiler, for measuring
  bool trace = false;
  bool marks = false;   // measure layers on the chip: ports/marks
  bool measure = true;  // compile the folder for the core and state code size in its README, when the compiler is there
};

// Writes the whole folder or nothing: sources, headers, kernels, CMakeLists.txt, README.md, mote.json, memory pictures.
// Errors: the folder exists and is not one of ours; the disk.
Result<GeneratedCode> write_package(std::span<const Program> programs, const std::filesystem::path& folder,
                                    const PackageOptions& options);

}  // namespace mote
