// mote run: a model on a board, with everything measured.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "apps/cli/stream.h"
#include "host/base/file.h"
#include "host/driver/profile.h"
#include "host/driver/records.h"
#include "host/driver/run.h"
#include "host/input/input.h"
#include "host/input/values.h"

namespace mote::cli {
namespace {

using nlohmann::json;

struct Options {
  std::string model;
  std::int64_t hop_rows = 0;
  std::vector<std::string> inputs;
  std::size_t random = 1;
  std::uint32_t seed = 1;
  std::string output;
  std::string labels;
  std::size_t show = 3;
  bool raw = false;
  std::string pixels = "automatic";
  bool no_passes = false;
  bool no_count = false;
  bool no_check = false;
  bool json = false;
  std::string level;
  int timeout_s = 600;
  TimingOptions timing;
  InputShapes shapes;
  RunModelOptions run;
};

// Where the inputs came from, and their bytes: records[r][i] belongs to input i.
struct Inputs {
  std::string origin;
  std::vector<std::vector<Bytes>> records;
};

Result<Inputs> read_inputs(const Graph& graph, const Options& options) {
  InputOptions how;
  how.raw = options.raw;
  how.pixels = options.pixels == "0..255"  ? PixelRange::zero_to_255
               : options.pixels == "0..1"  ? PixelRange::zero_to_one
               : options.pixels == "-1..1" ? PixelRange::minus_one_to_one
                                           : PixelRange::automatic;
  MOTE_LET(records, load_records(graph, options.inputs, how));
  return Inputs{fmt::format("{}", fmt::join(options.inputs, ", ")), std::move(records)};
}

Inputs random_inputs(const Graph& graph, const Options& options) {
  return {fmt::format("{} of synthetic noise, seed {}", options.random, options.seed),
          noise_records(graph, options.random, options.seed)};
}

Result<std::vector<std::string>> read_labels(const std::string& file) {
  std::vector<std::string> labels;
  if (file.empty()) return labels;
  MOTE_LET(text, read_text_file(file));
  std::string line;
  for (const char c : text + "\n") {
    if (c != '\n') {
      if (c != '\r') line += c;
    } else if (!line.empty()) {
      labels.push_back(std::exchange(line, {}));
    }
  }
  return labels;
}

struct Totals {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  double mean = 0;
  std::vector<double> layers;  // mean per layer
};

Totals totals_of(const ModelRun& run) {
  Totals t;
  const auto& records = run.report.records;
  t.layers.assign(run.model.layers.size(), 0);
  for (std::size_t r = 0; r < records.size(); ++r) {
    const std::uint64_t n = records[r].instructions;
    t.least = r == 0 ? n : std::min(t.least, n);
    t.most = std::max(t.most, n);
    t.mean += static_cast<double>(n) / static_cast<double>(records.size());
    for (std::size_t l = 0; l < t.layers.size() && l < records[r].layer_instructions.size(); ++l) {
      t.layers[l] += static_cast<double>(records[r].layer_instructions[l]) / static_cast<double>(records.size());
    }
  }
  return t;
}

json json_of(const ModelRun& run, const Inputs& inputs, const Options& options,
             const std::optional<ProfileReport>& profile) {
  const GeneratedModel& m = run.model;
  json out = {{"model", m.name},
              {"source", m.source},
              {"board", run.board.name},
              {"core", run.board.core.name},
              {"optimize", kGoalNames[static_cast<std::size_t>(options.run.compile.goal)]},
              {"level", run.level},
              {"inputs", inputs.records.size()},
              {"input_origin", inputs.origin},
              {"arena_bytes", m.arena_bytes},
              {"arena_lower_bound_bytes", m.arena_lower_bound_bytes},
              {"scratch_bytes", m.scratch_bytes},
              {"flash_bytes", run.sizes.flash},
              {"code_bytes", run.sizes.code},
              {"weight_bytes", run.sizes.weights},
              {"derived_bytes", m.derived_bytes},
              {"flash_beside_weights_bytes", run.sizes.flash_beside_weights()},
              {"ram_bytes", run.sizes.ram},
              {"stack_bytes", run.report.invoke_stack_bytes.at(0)},
              {"compared_tensors", run.compared_tensors},
              {"mismatches", json::array()},
              {"outputs", json::array()}};
  if (run.report.counted) {
    const Totals t = totals_of(run);
    out["instructions"] = {{"mean", t.mean}, {"min", t.least}, {"max", t.most}};
    for (std::size_t l = 0; l < m.layers.size(); ++l) {
      out["layers"].push_back({{"op", m.layers[l].op},
                               {"name", m.layers[l].name},
                               {"kernel", m.layers[l].kernel},
                               {"macs", m.layers[l].macs},
                               {"instructions", t.layers[l]}});
    }
    if (profile) {
      const auto n = static_cast<double>(profile->windows);
      out["cycles"] = {{"mean", profile->total.cycles / n},
                       {"timing", profile->timing},
                       {"band_percent", profile->band_percent},
                       {"rests_on", profile->rests_on}};
      for (std::size_t l = 0; l < m.layers.size(); ++l) out["layers"][l]["cycles"] = profile->layers[l].cost.cycles / n;
    }
  }
  for (const Mismatch& x : run.mismatches) {
    out["mismatches"].push_back(
        {{"record", x.record}, {"tensor", x.tensor}, {"byte", x.byte}, {"board", x.board}, {"host", x.host}});
  }
  for (const RecordReport& record : run.report.records) {
    json outputs = json::array();
    for (std::size_t i = 0; i < m.outputs.size(); ++i)
      outputs.push_back(decode_values(m.outputs[i].type, record.outputs[i]));
    out["outputs"].push_back(std::move(outputs));
  }
  return out;
}

std::string grouped(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string layer_table(const ModelRun& run) {
  const Totals t = totals_of(run);
  std::string out = fmt::format("\n{:<4} {:<18} {:<30} {:<14} {:>11} {:>13} {:>8} {:>6}\n", "", "operator", "kernel",
                                "output", "MACs", "instructions", "per MAC", "share");
  for (std::size_t l = 0; l < run.model.layers.size(); ++l) {
    const LayerInfo& layer = run.model.layers[l];
    const std::string per_mac =
        layer.macs > 0 ? fmt::format("{:.2f}", t.layers[l] / static_cast<double>(layer.macs)) : "";
    out += fmt::format("{:<4} {:<18} {:<30} {:<14} {:>11} {:>13} {:>8} {:>5.1f}%\n", l, layer.op, layer.kernel,
                       text_of(layer.output_shape), grouped(static_cast<std::uint64_t>(layer.macs)),
                       grouped(static_cast<std::uint64_t>(t.layers[l])), per_mac,
                       100 * t.layers[l] / std::max(1.0, t.mean));
  }
  return out;
}

// One output as text: its best classes where there are labels or few values, else its first values.
std::string output_text(const PortInfo& port, const Bytes& bytes, const std::vector<std::string>& labels) {
  const std::vector<double> values = decode_values(port.type, bytes);
  const auto real = [&](double q) {
    return port.quant.scale.size() == 1 ? static_cast<double>(port.quant.scale[0]) * (q - port.quant.zero_point[0]) : q;
  };
  if (labels.size() != values.size()) {
    std::string out;
    for (std::size_t i = 0; i < std::min<std::size_t>(16, values.size()); ++i)
      out += fmt::format("{}{:.5g}", i == 0 ? "" : " ", values[i]);
    return values.size() > 16 ? out + fmt::format(" ... ({} values)", values.size()) : out;
  }
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, order.size()); ++i) {
    out += fmt::format("{}{} {:.3f}", i == 0 ? "" : ", ", labels[order[i]], real(values[order[i]]));
  }
  return out;
}

std::string text_of_run(const ModelRun& run, const Inputs& inputs, const std::vector<std::string>& labels,
                        const Options& options, const std::optional<ProfileReport>& profile) {
  const GeneratedModel& m = run.model;
  std::string out = fmt::format("{} on {} ({}), optimized for {}, {}\n", m.name, run.board.name, run.board.description,
                                kGoalNames[static_cast<std::size_t>(options.run.compile.goal)], run.level);
  const auto line = [&](std::string_view what, const std::string& text) {
    out += fmt::format("  {:<13} {}\n", what, text);
  };
  line("input", fmt::format("{} from {}", inputs.records.size(), inputs.origin));
  line("arena", fmt::format("{} bytes (lower bound {}, of it kernel scratch {})",
                            grouped(static_cast<std::uint64_t>(m.arena_bytes)),
                            grouped(static_cast<std::uint64_t>(m.arena_lower_bound_bytes)), m.scratch_bytes));
  line("flash",
       fmt::format(
           "{} bytes: {} of weights, {} beside them (code {}, derived constants {}, start-up and harness included)",
           grouped(run.sizes.flash), grouped(run.sizes.weights), grouped(run.sizes.flash_beside_weights()),
           grouped(run.sizes.code), grouped(static_cast<std::uint64_t>(m.derived_bytes))));
  line("stack", fmt::format("{} bytes in invoke", run.report.invoke_stack_bytes.at(0)));
  if (run.report.counted) {
    const Totals t = totals_of(run);
    line("instructions",
         fmt::format("{} per inference{}", grouped(static_cast<std::uint64_t>(t.mean)),
                     t.least == t.most ? "" : fmt::format(" (mean; {} to {})", grouped(t.least), grouped(t.most))));
  }
  if (profile) {
    line("cycles", cycles_text(profile->total.cycles / static_cast<double>(profile->windows), profile->band_percent,
                               profile->rests_on));
  }
  if (options.run.check || options.run.trace) {
    line("host", run.mismatches.empty()
                     ? fmt::format("all {} compared tensors identical to the host interpreter", run.compared_tensors)
                     : fmt::format("{} of {} compared tensors DIFFER", run.mismatches.size(), run.compared_tensors));
  }
  if (run.report.counted) out += layer_table(run);
  out += "\n";
  for (std::size_t r = 0; r < std::min(options.show, run.report.records.size()); ++r) {
    for (std::size_t i = 0; i < m.outputs.size(); ++i) {
      out += fmt::format("input {} -> {}: {}\n", r, m.outputs[i].name,
                         output_text(m.outputs[i], run.report.records[r].outputs[i], labels));
    }
  }
  if (run.report.records.size() > options.show)
    out += fmt::format("({} more; --show N prints more)\n", run.report.records.size() - options.show);
  return out;
}

Status write_outputs(const ModelRun& run, const std::string& path) {
  for (std::size_t i = 0; i < run.model.outputs.size(); ++i) {
    std::filesystem::path file = path;
    if (run.model.outputs.size() > 1) file.replace_filename(fmt::format("{}_{}.npy", file.stem().string(), i));
    const PortInfo& port = run.model.outputs[i];
    Shape shape = port.shape;
    shape.insert(shape.begin(), static_cast<std::int64_t>(run.report.records.size()));
    Bytes all;
    for (const RecordReport& record : run.report.records)
      all.insert(all.end(), record.outputs[i].begin(), record.outputs[i].end());
    MOTE_TRY(write_npy(file, port.type, shape, all));
  }
  return {};
}

Status run(const Options& given) {
  Options options = given;
  if (!options.level.empty()) options.run.compile.level = "-O" + options.level;
  options.run.compile.optimize_graph = !options.no_passes;
  options.run.count_instructions = !options.no_count;
  options.run.check = !options.no_check;
  options.run.timeout = std::chrono::seconds(options.timeout_s);
  MOTE_LET(graph, load_stream(options.model, "", options.hop_rows, options.shapes));
  MOTE_LET(labels, read_labels(options.labels));
  Inputs inputs = random_inputs(graph, options);
  if (!options.inputs.empty()) {
    MOTE_LET(read, read_inputs(graph, options));
    inputs = std::move(read);
  }
  options.run.trace_blocks = true;
  MOTE_LET(run, run_model(graph, inputs.records, options.run));
  std::optional<ProfileReport> profile;
  if (run.report.counted) {
    MOTE_LET(made, profile_run(run, options.timing));
    profile = std::move(made);
  }
  if (!options.output.empty()) MOTE_TRY(write_outputs(run, options.output));
  if (options.json) {
    fmt::print("{}\n", json_of(run, inputs, options, profile).dump(1, ' ', false, json::error_handler_t::replace));
  } else {
    fmt::print("{}", text_of_run(run, inputs, labels, options, profile));
  }
  if (run.mismatches.empty()) return {};
  const Mismatch& first = run.mismatches.front();
  return Error{
      fmt::format(
          "board and host interpreter differ in {} of {} tensors; first at input {}, byte {}: board {}, host {}",
          run.mismatches.size(), run.compared_tensors, first.record, first.byte, first.board, first.host),
      fmt::format("{}: tensor '{}'", options.model, first.tensor),
      "this is a defect of mote; run again with --trace to find the layer, and report it"};
}

}  // namespace

void add_run(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "run",
      "Build a model's firmware, run it on an emulated board, measure it, and compare it with the host interpreter.");
  command->add_option("model", options->model, "The model (.tflite, .onnx, .mir)")->required();
  add_shapes(*command, options->shapes);
  command
      ->add_option("--board", options->run.board,
                   "Board name, or the folder of a board of your own; 'mote boards' lists them")
      ->capture_default_str();
  command->add_option(
      "--input", options->inputs,
      "Inputs: .npy, .bin, .csv, .wav, .png/.jpg/.bmp/.ppm; a file may hold several. Once per input of the model. Real "
      "numbers are quantised with the input's scale. Without it: synthetic noise");
  command->add_option("--random", options->random, "How many inputs of synthetic noise to run without --input")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Seed of the noise")->capture_default_str();
  command->add_flag("--raw", options->raw, "Numbers in a .csv are quantised values already");
  command->add_option("--pixels", options->pixels, "Real numbers that pixels 0..255 stand for")
      ->check(CLI::IsMember({"automatic", "0..255", "0..1", "-1..1"}))
      ->capture_default_str();
  command->add_option("--output", options->output, "Write all outputs to this .npy file, [inputs, shape...]");
  command->add_option("--labels", options->labels, "Text file with a class name per line, for printing");
  command->add_option("--show", options->show, "How many results to print")->capture_default_str();
  add_goal(*command, options->run.compile.goal);
  add_stream(*command, options->hop_rows);
  add_timing(*command, options->timing);
  command
      ->add_option("-O,--level", options->level,
                   "Optimisation level of the C++ compiler: s, 1, 2 or 3 (default: s for ram and flash, else 2)")
      ->check(CLI::IsMember({"s", "1", "2", "3"}));
  command->add_flag("--no-passes", options->no_passes, "Run no graph pass: operators exactly as in the file");
  command->add_flag("--no-count", options->no_count, "Do not count instructions (faster)");
  command->add_flag("--no-check", options->no_check, "Do not compare with the host interpreter");
  command->add_flag("--canaries", options->run.compile.canaries,
                    "Put guard bytes behind every buffer and stop where a layer overwrites some");
  command->add_flag("--runtime", options->run.runtime,
                    "Run it as a model image that the runtime opens, instead of generated code");
  command->add_flag("--trace", options->run.trace, "Compare every layer's output, not only the model's");
  command->add_option("--timeout", options->timeout_s, "Seconds all inputs together may take on the board")
      ->capture_default_str();
  command->add_option("--keep", options->run.keep, "Leave the firmware's sources and program in this folder");
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace mote::cli
