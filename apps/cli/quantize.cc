// mote quantize: a float model to int8, and what that costs.
#include "apps/cli/quantize.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "host/base/file.h"
#include "host/driver/compile.h"
#include "host/driver/quantize.h"
#include "host/driver/records.h"
#include "host/export/tflite.h"

namespace mote::cli {
namespace {

using nlohmann::json;

struct Options {
  std::string model;
  std::vector<std::string> inputs;
  std::vector<std::string> tests;
  std::string output;
  std::string ranges = "mse";
  std::string pixels = "automatic";
  double percentile = 99.99;
  bool json = false;
  InputShapes shapes;
  QuantizeModelOptions quantize;
};

json json_of(const QuantizedModel& m, const Options& options) {
  json out = {{"model", options.model},
              {"output", options.output},
              {"ranges", options.ranges},
              {"records", m.records},
              {"output_sqnr_db", m.sqnr_db},
              {"worst_error", m.worst_error},
              {"constants_bytes_float", m.bytes_float},
              {"constants_bytes_int8", m.bytes_int8}};
  if (m.same_class >= 0) out["same_class"] = m.same_class;
  for (const LeftInFloat& l : m.left) out["left_in_float"].push_back({{"node", l.node}, {"why", l.why}});
  for (const LayerLoss& l : m.layers) {
    json layer = {{"node", l.node}, {"op", l.op}, {"name", l.name}, {"sqnr_db", l.sqnr_db}};
    if (options.quantize.each_layer) layer["int8_alone_db"] = l.score_only, layer["float_alone_db"] = l.score_but;
    out["layers"].push_back(std::move(layer));
  }
  return out;
}

std::string text_of(const QuantizedModel& m, const Options& options) {
  std::string out;
  for (const LeftInFloat& l : m.left) out += fmt::format("stays in float: {}: {}\n", l.node, l.why);
  out += fmt::format("{:>4}  {:<24} {:>9}", "", "layer", "SQNR dB");
  if (options.quantize.each_layer) out += fmt::format(" {:>12} {:>12}", "int8 alone", "float alone");
  out += "\n";
  for (const LayerLoss& l : m.layers) {
    out += fmt::format("{:>4}  {:<24} {:>9.1f}", l.node, l.op, l.sqnr_db);
    if (options.quantize.each_layer) out += fmt::format(" {:>12.1f} {:>12.1f}", l.score_only, l.score_but);
    out += "\n";
  }
  out += fmt::format("output: SQNR {:.1f} dB, largest error {:.4g}", m.sqnr_db, m.worst_error);
  if (m.same_class >= 0) out += fmt::format(", the same greatest value for {:.1f} %", 100 * m.same_class);
  out += fmt::format(" of {} inputs{}\n", m.records,
                     options.tests.empty() ? ", the ones that gave the ranges: --test takes others" : "");
  out += fmt::format("constants: {} bytes in float, {} in int8\n", m.bytes_float, m.bytes_int8);
  return out + fmt::format("written to {}\n", options.output);
}

Status quantize(const Options& options) {
  if (options.output.empty()) {
    return Error{"no file is named that the model shall be written to", options.model, "give -o FILE.tflite"};
  }
  MOTE_LET(graph, load_model(options.model, "", options.shapes));
  InputOptions how;
  how.pixels = options.pixels == "0..255"  ? PixelRange::zero_to_255
               : options.pixels == "0..1"  ? PixelRange::zero_to_one
               : options.pixels == "-1..1" ? PixelRange::minus_one_to_one
                                           : PixelRange::automatic;
  MOTE_LET(calibration, load_records(graph, options.inputs, how));
  std::vector<std::vector<Bytes>> test = calibration;
  if (!options.tests.empty()) {
    MOTE_LET(others, load_records(graph, options.tests, how));
    test = std::move(others);
  }
  QuantizeModelOptions settings = options.quantize;
  MOTE_LET(method, parse_range_method(options.ranges));
  settings.calibration = {method, options.percentile};
  MOTE_LET(model, quantize_model(std::move(graph), calibration, test, settings));
  MOTE_LET(bytes, export_tflite(model.graph, {"quantised by mote", {}}));
  MOTE_TRY(write_file(options.output, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  fmt::print("{}", options.json ? json_of(model, options).dump(2) + "\n" : text_of(model, options));
  return {};
}

}  // namespace

void add_quantize(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "quantize", "Turn a float model (.onnx, .tflite) into an int8 .tflite, with real inputs for its ranges.");
  command->add_option("model", options->model, "The float model (.onnx, .tflite, .mir)")->required();
  command
      ->add_option("--input", options->inputs, "File of real inputs that give the ranges; once per input of the model")
      ->required();
  command->add_option("--test", options->tests, "Other inputs, to measure the loss with; once per input of the model");
  command->add_option("-o,--output", options->output, "The file to write, NAME.tflite");
  command->add_option("--ranges", options->ranges, "How ranges are found: min_max, percentile or mse")
      ->capture_default_str();
  command->add_option("--percentile", options->percentile, "Percent of the values that --ranges percentile keeps")
      ->check(CLI::Range(50.0, 100.0))
      ->capture_default_str();
  command->add_option("--float", options->quantize.keep_float,
                      "Leave this node in float, by its name or its operator's name; may be repeated");
  command->add_flag("--each-layer", options->quantize.each_layer,
                    "Also measure the output with every layer alone in int8, and alone in float: slow");
  command->add_option("--pixels", options->pixels, "Real numbers that pixels 0..255 stand for")
      ->check(CLI::IsMember({"automatic", "0..255", "0..1", "-1..1"}))
      ->capture_default_str();
  add_shapes(*command, options->shapes);
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return quantize(*options); }; });
}

}  // namespace mote::cli
