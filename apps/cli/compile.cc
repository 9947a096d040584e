// mote compile: model files to a folder of C++.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "host/base/file.h"
#include "host/codegen/manifest.h"
#include "host/driver/compile.h"
#include "host/ir/text.h"

namespace mote::cli {
namespace {

struct Options {
  std::vector<std::string> models;
  std::string folder;
  std::string name;
  std::string dump_folder;
  bool trace = false;
  bool no_measure = false;
  bool json = false;
  bool no_passes = false;
  CompileOptions compile;
};

// Writes <folder>/<NN>_<pass>_{before,after}.mir around every pass that changes a graph.
class PassDumper {
 public:
  explicit PassDumper(std::string folder) : folder_(std::move(folder)) {}

  void operator()(const Pass& pass, const Graph& before, const Graph& after) {
    for (const auto& [when, graph] : {std::pair{"before", &before}, std::pair{"after", &after}}) {
      const auto file = fmt::format("{}/{}_{:02}_{}_{}.mir", folder_, graph->name, count_, pass.name, when);
      if (auto written = write_file(file, print_graph(*graph)); !written.ok() && status_.ok()) status_ = written;
    }
    ++count_;
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  std::string folder_;
  int count_ = 0;
  Status status_;
};

std::string summary(const GeneratedCode& code, const std::string& folder, const CompileOptions& options) {
  std::string out;
  for (const GeneratedModel& m : code.models) {
    out +=
        fmt::format("{}: {} layers, arena {} bytes (lower bound {}), weights {} bytes, derived constants {} bytes\n",
                    m.name, m.layers.size(), m.arena_bytes, m.arena_lower_bound_bytes, m.weight_bytes, m.derived_bytes);
  }
  return out + fmt::format("written to {} for {}, optimized for {}; sizes and how to call it: {}/README.md\n", folder,
                           options.core, kGoalNames[static_cast<std::size_t>(options.goal)], folder);
}

Status compile(const Options& options) {
  CompileOptions compile_options = options.compile;
  compile_options.optimize_graph = !options.no_passes;
  PassDumper dumper(options.dump_folder);
  if (!options.dump_folder.empty()) compile_options.passes.on_change = std::ref(dumper);
  if (!options.name.empty() && options.models.size() > 1) {
    return Error{"--name is for one model, several were given", "", "rename the files instead"};
  }
  std::vector<Program> programs;
  for (const std::string& file : options.models) {
    MOTE_LET(graph, load_model(file, options.name));
    MOTE_LET(program, compile_graph(std::move(graph), compile_options));
    programs.push_back(std::move(program));
  }
  MOTE_TRY(dumper.status());
  MOTE_LET(code, write_package(programs, options.folder,
                               {compile_options.core, compile_options.goal, options.trace, !options.no_measure}));
  if (options.json) {
    fmt::print("{}\n", manifest_json(code, std::nullopt).dump(2));
  } else {
    fmt::print("{}", summary(code, options.folder, compile_options));
  }
  return {};
}

}  // namespace

void add_compile(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("compile", "Turn models into a folder of C++ that stands alone.");
  command->add_option("model", options->models, "One or several models (.tflite, .mir)")->required();
  command->add_option("-o,--output", options->folder, "Folder to write; replaced if mote wrote it before")->required();
  command->add_option("--target", options->compile.core, "Core to choose kernels for; 'mote boards' lists them")
      ->capture_default_str();
  add_goal(*command, options->compile.goal);
  command->add_option("--name", options->name,
                      "Name of the model in the generated code (default: from the file's name)");
  std::string passes;
  for (const Pass& pass : all_passes()) passes += fmt::format("\n  {:<18} {}", pass.name, pass.summary);
  command->add_option("--pass", options->compile.passes.only,
                      "Run only these graph passes, in this order; may be given several times:" + passes);
  command->add_flag("--no-passes", options->no_passes, "Run no graph pass: operators exactly as in the file");
  command->add_option("--dump-passes", options->dump_folder,
                      "Write the graph before and after every pass that changes it into this folder");
  command->add_flag("--trace", options->trace, "Call mote_trace() after every layer (for comparing layer by layer)");
  command->add_flag("--no-measure", options->no_measure, "Do not compile the folder to state its code size");
  command->add_flag("--json", options->json, "Print the folder's description as JSON");
  command->callback([options, &chosen] { chosen = [options] { return compile(*options); }; });
}

}  // namespace mote::cli
