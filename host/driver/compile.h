// From a model file to a folder of C++: the pipeline, step by step.
#pragma once

#include <filesystem>
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
  bool optimize_graph = true;  // false: the operators exactly as in the file
  PassOptions passes;
};

// The optimisation level of the C++ compiler that suits a goal.
[[nodiscard]] std::string_view compiler_level(Goal goal);

// Reads a model; the format follows from the file's extension (.tflite, or .mir for mote's text form).
// `name` replaces the name made from the file's name, unless empty.
// Errors: unreadable or unsupported; see import_tflite.
Result<Graph> load_model(const std::filesystem::path& file, const std::string& name = "");

// Passes, lowering, memory plan, proof of the plan.
// Errors: an unknown core (lists the known); what each step reports.
Result<Program> compile_graph(Graph graph, const CompileOptions& options);

struct PackageOptions {
  std::string core = "cortex-m4";
  Goal goal = Goal::balanced;
  bool trace = false;
  bool measure = true;  // compile the folder for the core and state code size in its README, when the compiler is there
};

// Writes the whole folder or nothing: sources, headers, kernels, CMakeLists.txt, README.md, mote.json, memory pictures.
// Errors: the folder exists and is not one of ours; the disk.
Result<GeneratedCode> write_package(std::span<const Program> programs, const std::filesystem::path& folder,
                                    const PackageOptions& options);

}  // namespace mote
