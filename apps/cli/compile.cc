// mote compile: model files to a folder of C++.
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "apps/cli/stream.h"
#include "host/base/file.h"
#include "host/codegen/manifest.h"
#include "host/driver/compile.h"
#include "host/driver/explore.h"
#include "host/ir/text.h"
#include "host/report/pareto.h"

namespace mote::cli {
namespace {

struct Options {
  std::int64_t hop_rows = 0;
  std::vector<std::string> models;
  std::string folder;
  std::string name;
  std::string dump_folder;
  bool trace = false;
  bool marks = false;
  bool no_measure = false;
  bool json = false;
  bool no_passes = false;
  InputShapes shapes;
  CompileOptions compile;
  Budget budget;
  std::string explore;
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
  return out + fmt::format("written to {} for {}, optimized for {} at {}; sizes and how to call it: {}/README.md\n",
                           folder, options.core, kGoalNames[static_cast<std::size_t>(options.goal)],
                           options.compiler_level(), folder);
}

// Measures the choices, shows them, and returns the best one within the budget.
Result<CompileOptions> search(const Options& options, const CompileOptions& base) {
  if (options.models.size() > 1) {
    return Error{"--explore and limits are for one model, several were given", "", "compile the models one by one"};
  }
  MOTE_LET(graph, load_stream(options.models[0], options.name, options.hop_rows, options.shapes));
  const bool show = isatty(STDERR_FILENO) == 1;
  auto found = explore(graph, base, [&](std::size_t at, std::size_t of, const std::string& name) {
    if (show) fmt::print(stderr, "\r\033[Kmeasuring {} of {}: {}", at + 1, of, name);
  });
  if (show) fmt::print(stderr, "\r\033[K");
  if (!found.ok()) return std::move(found).error();
  std::vector<ParetoPoint> points;
  for (const Explored& e : found.value()) points.push_back(e.point);
  auto best = choose(points, base.goal, options.budget);
  const std::optional<std::size_t> chosen = best.ok() ? std::optional(best.value()) : std::nullopt;
  if (!options.json) fmt::print("{}\n", pareto_table(points, chosen));
  if (!options.explore.empty()) {
    MOTE_TRY(write_file(options.explore, pareto_svg(fmt::format("{} on {}", graph.name, base.core), points, chosen)));
  }
  if (!best.ok()) return std::move(best).error().in(options.models[0]);
  CompileOptions out = found.value()[best.value()].options;
  out.passes = base.passes;
  return out;
}

Status compile(const Options& options) {
  CompileOptions compile_options = options.compile;
  compile_options.optimize_graph = !options.no_passes;
  PassDumper dumper(options.dump_folder);
  if (!options.dump_folder.empty()) compile_options.passes.on_change = std::ref(dumper);
  if (!options.name.empty() && options.models.size() > 1) {
    return Error{"--name is for one model, several were given", "", "rename the files instead"};
  }
  if (!options.shapes.empty() && options.models.size() > 1) {
    return Error{"--shape is for one model, several were given", "", "state the shapes in the files instead"};
  }
  if (options.budget.any() || !options.explore.empty()) {
    MOTE_LET(best, search(options, compile_options));
    compile_options = std::move(best);
  }
  std::vector<Program> programs;
  for (const std::string& file : options.models) {
    MOTE_LET(graph, load_stream(file, options.name, options.hop_rows, options.shapes));
    MOTE_LET(program, compile_graph(std::move(graph), compile_options));
    programs.push_back(std::move(program));
  }
  MOTE_TRY(dumper.status());
  MOTE_LET(code, write_package(programs, options.folder,
                               {compile_options.core, compile_options.compiler_level(), options.trace, options.marks,
                                !options.no_measure}));
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
  command->add_option("model", options->models, "One or several models (.tflite, .onnx, .mir)")->required();
  add_shapes(*command, options->shapes);
  command->add_option("-o,--output", options->folder, "Folder to write; replaced if mote wrote it before")->required();
  command->add_option("--target", options->compile.core, "Core to choose kernels for; 'mote boards' lists them")
      ->capture_default_str();
  add_stream(*command, options->hop_rows);
  add_goal(*command, options->compile.goal);
  const CLI::AsSizeValue bytes(false);
  command->add_option("--max-ram", options->budget.ram_bytes, "Most RAM for arena and stack; 20k is 20,480 bytes")
      ->transform(bytes);
  command->add_option("--max-flash", options->budget.flash_bytes, "Most flash for the whole program, with start-up")
      ->transform(bytes);
  const CLI::AsNumberWithUnit number(std::map<std::string, std::int64_t>{{"k", 1000}, {"M", 1000000}});
  command
      ->add_option("--max-instructions", options->budget.instructions,
                   "Most instructions per inference, as measured on the emulated chip; 3M is 3,000,000")
      ->transform(number);
  command
      ->add_option("--max-cycles", options->budget.cycles,
                   "Most cycles per inference, as the core's timing table estimates them; 3M is 3,000,000")
      ->transform(number);
  command->add_option("--explore", options->explore,
                      "Measure many choices of kernels, memory and compiler level, and draw them into this .svg file");
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
  command->add_flag("--marks", options->marks,
                    "Add code that measures every layer on the chip and prints it for 'mote monitor'");
  command->add_flag("--canaries", options->compile.canaries,
                    "Put guard bytes behind every buffer and call mote_canary() after a layer that overwrote some; "
                    "buffers then share nothing, so the arena grows");
  command->add_flag("--known-answer", options->compile.known_answer,
                    "Add a self-test that runs an inference which the host ran too");
  command->add_flag("--no-measure", options->no_measure, "Do not compile the folder to state its code size");
  command->add_flag("--json", options->json, "Print the folder's description as JSON");
  command->callback([options, &chosen] { chosen = [options] { return compile(*options); }; });
}

}  // namespace mote::cli
