// Data, features, training, quantisation, export.
#include "host/driver/learn.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/base/file.h"
#include "host/base/hash.h"
#include "host/data/dataset.h"
#include "host/export/tflite.h"
#include "host/interpret/interpreter.h"
#include "host/signal/settings.h"

namespace mote {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr const char* kModel = "model.tflite";
constexpr const char* kFloatModel = "float.tflite";
constexpr const char* kDescription = "model.json";
constexpr const char* kCheckpoint = "checkpoint.pt";
constexpr std::size_t kCalibrationExamples = 500;

Result<double> int8_accuracy(const Graph& graph, const train::Samples& samples) {
  MOTE_LET(run, Interpreter::create(graph));
  const auto elems = static_cast<std::size_t>(graph.tensor(graph.inputs[0]).size_bytes());
  std::size_t right = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Bytes input(elems);
    std::memcpy(input.data(), &samples.features[i * elems], elems);
    MOTE_LET(out, run.run({input}));
    const auto* p = reinterpret_cast<const std::int8_t*>(out[0].data());
    right += std::max_element(p, p + out[0].size()) - p == samples.labels[i] ? 1U : 0U;
  }
  return static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(1, samples.size()));
}

// Float inputs of some samples, spread over all of them.
std::vector<std::vector<Bytes>> float_records(const train::Samples& samples, std::size_t elems, std::size_t most,
                                              std::vector<std::int32_t>* labels) {
  std::vector<std::vector<Bytes>> out;
  const std::size_t count = std::min(most, samples.size());
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t i = k * samples.size() / count;
    std::vector<float> x(elems);
    for (std::size_t e = 0; e < elems; ++e)
      x[e] = train::kInputScale * static_cast<float>(samples.features[i * elems + e]);
    Bytes bytes(elems * sizeof(float));
    std::memcpy(bytes.data(), x.data(), bytes.size());
    out.push_back({std::move(bytes)});
    if (labels != nullptr) labels->push_back(samples.labels[i]);
  }
  return out;
}

json json_of(const LearnedModel& m) {
  json out = {{"classes", m.classes},
              {"mean", m.mean},
              {"deviation", m.deviation},
              {"data_hash", m.data_hash},
              {"signal", m.signal},
              {"parameters", m.parameters},
              {"macs", m.macs},
              {"float_accuracy", m.float_accuracy},
              {"int8_accuracy", m.int8_accuracy},
              {"best_epoch", m.best_epoch}};
  for (const train::Epoch& e : m.epochs) {
    out["epochs"].push_back({{"epoch", e.number},
                             {"quantized", e.quantized},
                             {"train_loss", e.train_loss},
                             {"train_accuracy", e.train_accuracy},
                             {"validation_loss", e.validation_loss},
                             {"validation_accuracy", e.validation_accuracy}});
  }
  for (const LayerLoss& l : m.losses) {
    out["layers"].push_back({{"op", l.op},
                             {"name", l.name},
                             {"sqnr_db", l.sqnr_db},
                             {"accuracy_only", l.score_only},
                             {"accuracy_but", l.score_but}});
  }
  return out;
}

}  // namespace

fs::path model_file(const Project& project) { return project.build_folder() / kModel; }
fs::path float_model_file(const Project& project) { return project.build_folder() / kFloatModel; }

Result<LearnedModel> read_learned(const Project& project) {
  const fs::path file = project.build_folder() / kDescription;
  if (!fs::exists(file)) return Error{"there is no model yet", file.string(), "run `mote train` first"};
  MOTE_LET(text, read_text_file(file));
  const json j = json::parse(text, nullptr, false);
  try {
    LearnedModel m;
    m.classes = j.at("classes").get<std::vector<std::string>>();
    m.mean = j.at("mean").get<std::vector<double>>();
    m.deviation = j.at("deviation").get<std::vector<double>>();
    m.data_hash = j.at("data_hash").get<std::string>();
    m.signal = j.at("signal").get<std::string>();
    m.parameters = j.at("parameters").get<std::int64_t>();
    m.macs = j.at("macs").get<std::int64_t>();
    m.float_accuracy = j.at("float_accuracy").get<double>();
    m.int8_accuracy = j.at("int8_accuracy").get<double>();
    m.best_epoch = j.at("best_epoch").get<int>();
    for (const json& e : j.value("epochs", json::array())) {
      m.epochs.push_back({e.at("epoch").get<int>(), e.at("quantized").get<bool>(), e.at("train_loss").get<double>(),
                          e.at("train_accuracy").get<double>(), e.at("validation_loss").get<double>(),
                          e.at("validation_accuracy").get<double>()});
    }
    for (const json& l : j.value("layers", json::array())) {
      m.losses.push_back({0, l.at("op").get<std::string>(), l.at("name").get<std::string>(),
                          l.at("sqnr_db").get<double>(), l.at("accuracy_only").get<double>(),
                          l.at("accuracy_but").get<double>()});
    }
    if (m.signal != project.canonical("signal")) {
      return Error{"the model was made with other [signal] settings than the project has now", file.string(),
                   "train again, or take the settings back"};
    }
    return m;
  } catch (const json::exception&) {
    return Error{"is damaged, or of another version", file.string(), "run `mote train` again"};
  }
}

Result<LearnedModel> learn(const Project& project, const LearnOptions& options) {
  MOTE_LET(dataset, data::Dataset::open(project));
  MOTE_LET(front_end, signal::front_end_of(project));
  const auto progress = [&](std::size_t done, std::size_t all) {
    if (options.prepare_progress) options.prepare_progress("features", done, all);
  };
  MOTE_LET(data, train::prepare(project, dataset, front_end, progress));
  MOTE_LET(network,
           train::make_network(project, static_cast<std::int64_t>(data.rows), static_cast<std::int64_t>(data.channels),
                               static_cast<std::int64_t>(dataset.classes().size())));
  train::TrainOptions how;
  how.checkpoint = project.build_folder() / kCheckpoint;
  const std::string decides = network.fingerprint() + dataset.hash() + project.canonical("signal") +
                              project.canonical("augmentation") + project.canonical("model") +
                              project.canonical("training");
  how.fingerprint = sha256_hex(decides);
  how.progress = options.train_progress;
  if (options.restart) {
    std::error_code ignored;
    fs::remove(how.checkpoint, ignored);
  }
  MOTE_LET(trained, options.train(network, data, project, how));

  train::BuiltGraph built = train::build_graph(network, trained.weights);
  const auto elems = data.rows * data.channels;
  Ranges ranges;
  QuantizeOptions quantize;
  const TensorId input = built.graph.inputs[0];
  quantize.given[input] = {{train::kInputScale}, {0}, 0};
  if (trained.has_ranges) {
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      if (!network.layers[i].has_weights()) continue;
      ranges[built.tensor_of_layer[i]] = {trained.weights[i].out_min, trained.weights[i].out_max};
    }
  } else {
    MOTE_LET(method, parse_range_method(project.text("training.ranges")));
    MOTE_LET(found, calibrate(built.graph, float_records(data.variants[0], elems, kCalibrationExamples, nullptr),
                              {.method = method}));
    ranges = std::move(found);
  }
  MOTE_LET(int8, quantize_graph(built.graph, ranges, quantize));

  LearnedModel m;
  m.classes = dataset.classes();
  m.mean = data.scaling.mean;
  m.deviation = data.scaling.deviation;
  m.data_hash = dataset.hash();
  m.signal = project.canonical("signal");
  m.parameters = network.parameters();
  m.macs = network.macs();
  m.best_epoch = trained.best_epoch;
  m.epochs = trained.epochs;
  std::vector<std::int32_t> labels;
  const auto records = float_records(data.validation, elems, data.validation.size(), &labels);
  const auto accuracy = [&](const std::vector<std::vector<float>>& outputs) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      right += std::ranges::max_element(outputs[i]) - outputs[i].begin() == labels[i] ? 1U : 0U;
    }
    return static_cast<double>(right) / static_cast<double>(outputs.size());
  };
  MOTE_LET(loss, measure_loss(built.graph, ranges, quantize, records, accuracy, options.each_layer));
  m.losses = loss.layers;
  m.float_accuracy = loss.score_float;
  MOTE_LET(exact, int8_accuracy(int8, data.validation));
  m.int8_accuracy = exact;

  MOTE_LET(float_bytes, export_tflite(built.graph, {"made by mote, before quantisation", {}}));
  MOTE_TRY(
      write_file(float_model_file(project), {reinterpret_cast<const char*>(float_bytes.data()), float_bytes.size()}));
  int8.source = model_file(project).string();
  MOTE_LET(bytes, export_tflite(int8, {"made by mote", {{"mote_data", m.data_hash}, {"mote_signal", m.signal}}}));
  MOTE_TRY(write_file(model_file(project), {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  MOTE_TRY(write_file(project.build_folder() / kDescription, json_of(m).dump(1) + "\n"));
  return m;
}

}  // namespace mote
