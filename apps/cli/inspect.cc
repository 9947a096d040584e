// mote inspect: a model as a table.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "apps/cli/stream.h"
#include "host/driver/compile.h"
#include "host/ir/text.h"
#include "host/plan/plan.h"
#include "host/report/inspect.h"

namespace mote::cli {
namespace {

struct Options {
  std::string model;
  std::int64_t hop_rows = 0;
  bool json = false;
  bool text = false;
  bool after_passes = false;
  bool memory = false;
  InputShapes shapes;
  CompileOptions compile;
};

Status inspect(const Options& options) {
  MOTE_LET(graph, load_stream(options.model, "", options.hop_rows, options.shapes));
  MOTE_LET(program, compile_graph(graph, options.compile));
  const Graph& shown = options.after_passes ? program.graph : graph;
  if (options.text) {
    fmt::print("{}", print_graph(shown));
  } else if (options.json) {
    fmt::print("{}\n", inspect_json(shown).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", inspect_table(shown));
    if (options.memory) fmt::print("\n{}", placement_text(program));
  }
  return {};
}

}  // namespace

void add_inspect(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("inspect", "Show a model: operators, shapes, scales, work, bytes.");
  command->add_option("model", options->model, "The model (.tflite, .onnx, .mir)")->required();
  add_shapes(*command, options->shapes);
  command->add_option("--target", options->compile.core, "Core to choose kernels for")->capture_default_str();
  command->add_flag("--after-passes", options->after_passes, "Show the graph after the passes, as it will be compiled");
  add_goal(*command, options->compile.goal);
  add_stream(*command, options->hop_rows);
  command->add_flag("--memory", options->memory, "Also draw the arena over time");
  command->add_flag("--text", options->text, "Print the whole graph in mote's text form (.mir) instead");
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return inspect(*options); }; });
}

}  // namespace mote::cli
