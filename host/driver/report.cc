// Gathers what there is, section by section.
#include "host/driver/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "host/base/file.h"
#include "host/data/check.h"
#include "host/driver/records.h"
#include "host/driver/run.h"
#include "host/report/html.h"
#include "host/report/table.h"
#include "host/signal/extract.h"
#include "host/signal/settings.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

// The file as JSON; null when it is not there.
Result<json> read_json(const fs::path& file) {
  if (!fs::exists(file)) return json();
  MOTE_LET(text, read_text_file(file));
  json out = json::parse(text, nullptr, false);
  if (!out.is_object()) return Error{"is damaged", file.string(), "make it again"};
  return out;
}

// The folder's name, also where it is given as ".".
std::string title_of(const fs::path& folder) {
  std::error_code code;
  const std::string name = fs::weakly_canonical(folder, code).filename().string();
  return name.empty() ? "mote project" : name;
}

class Writer {
 public:
  Writer(const Project& project, const ProjectReportOptions& options, const data::Dataset& dataset)
      : project_(project),
        options_(options),
        dataset_(dataset),
        page_(title_of(project.folder()), "data, training, evaluation, and cost on the chip") {}

  Status write() {
    MOTE_LET(model, read_json(project_.build_folder() / "model.json"));
    MOTE_LET(evaluation, read_json(project_.build_folder() / "evaluation.json"));
    const fs::path file = project_.build_folder() / "model.tflite";
    std::optional<ModelRun> run;
    if (options_.measure && fs::exists(file)) {
      MOTE_LET(graph, load_model(file));
      RunModelOptions how;
      how.board = project_.text("target.board");
      for (const Goal g : {Goal::latency, Goal::ram, Goal::flash, Goal::balanced}) {
        if (project_.text("target.optimize") == kGoalNames[static_cast<std::size_t>(g)]) how.compile.goal = g;
      }
      MOTE_LET(done, run_model(graph, noise_records(graph, 1, 1), how));
      run = std::move(done);
    }
    overview(model, evaluation, run);
    data_section();
    MOTE_TRY(features());
    if (!model.is_null()) training(model);
    if (!evaluation.is_null()) MOTE_TRY(evaluated(evaluation));
    if (run) chip(*run);
    return {};
  }

  [[nodiscard]] std::string text() const { return page_.text(); }

 private:
  void overview(const json& model, const json& evaluation, const std::optional<ModelRun>& run) {
    std::vector<HtmlTile> tiles;
    tiles.push_back({"examples", grouped(static_cast<std::int64_t>(dataset_.examples().size())),
                     fmt::format("{} classes", dataset_.classes().size())});
    if (evaluation.contains("accuracy")) {
      tiles.push_back({"accuracy", percent(evaluation["accuracy"].get<double>()),
                       evaluation.contains("float_accuracy")
                           ? fmt::format("int8, {} split; float {}", evaluation.value("split", "test"),
                                         percent(evaluation["float_accuracy"].get<double>()))
                           : fmt::format("int8, {} split", evaluation.value("split", "test"))});
    }
    if (model.contains("int8_accuracy")) {
      tiles.push_back({"validation accuracy", percent(model["int8_accuracy"].get<double>()),
                       fmt::format("int8; float {}", percent(model.value("float_accuracy", 0.0)))});
    }
    if (model.contains("parameters")) {
      tiles.push_back({"parameters", grouped(model["parameters"].get<std::int64_t>()),
                       fmt::format("{} multiplications", grouped(model.value("macs", std::int64_t{0})))});
    }
    if (run) {
      tiles.push_back({"flash", fmt::format("{:.1f} KiB", static_cast<double>(run->sizes.flash) / 1024),
                       fmt::format("on {}", run->board.name)});
      tiles.push_back({"arena", fmt::format("{:.1f} KiB", static_cast<double>(run->sizes.arena) / 1024), ""});
    }
    page_.tiles(tiles);
    page_.paragraph(fmt::format("Data set {}.", dataset_.hash()));
    if (model.is_null()) page_.warning("There is no model yet: mote train makes one.");
    if (model.contains("data_hash") && model["data_hash"] != dataset_.hash()) {
      page_.warning("The data has changed since this model was trained: train again, or read its figures with care.");
    }
    if (!model.is_null() && evaluation.is_null())
      page_.warning("The model has not been evaluated yet: mote test does.");
  }

  void data_section() {
    page_.section("Data");
    const data::Stats stats = data::stats_of(dataset_);
    HtmlTable table;
    table.titles = {"class", "train", "validation", "test", "synthetic", "groups", "minutes", "median s"};
    for (std::size_t i = 0; i < stats.classes.size(); ++i) {
      const data::ClassCount& c = stats.counts[i];
      table.rows.push_back({stats.classes[i], fmt::format("{}", c.count[0]), fmt::format("{}", c.count[1]),
                            fmt::format("{}", c.count[2]), fmt::format("{}", c.synthetic), fmt::format("{}", c.groups),
                            fmt::format("{:.1f}", c.seconds / 60), fmt::format("{:.2f}", c.median_s)});
    }
    page_.table(table);
    page_.paragraph(
        "A group is a speaker, voice or recording; none is in two splits. Synthetic clips were spoken by programs.");
  }

  // What a model hears: of every class the first example that training has not seen, or else the first.
  Status features() {
    if (project_.text("data.kind") != "sound") return {};
    MOTE_LET(front_end, signal::front_end_of(project_));
    page_.section("Features");
    page_.paragraph(fmt::format("Block {}: {} numbers every {} ms, as the chip computes them.",
                                project_.text("signal.block"), front_end.channels(), front_end.config().hop_ms));
    page_.begin_columns();
    for (std::size_t c = 0; c < dataset_.classes().size(); ++c) {
      const data::Example* chosen = nullptr;
      for (const data::Example& e : dataset_.examples()) {
        if (e.label != c) continue;
        if (chosen == nullptr || (chosen->split == data::Split::train && e.split != data::Split::train)) chosen = &e;
      }
      if (chosen == nullptr) continue;
      MOTE_LET(clip, dataset_.clip(*chosen));
      const signal::Features f = signal::extract(front_end, clip);
      HeatMap map;
      map.title = dataset_.classes()[c];
      map.row_title = "channel";
      map.column_title = "frame";
      for (std::size_t k = f.channels; k > 0; --k) {
        std::vector<double>& row = map.values.emplace_back();
        for (std::size_t r = 0; r < f.rows(); ++r) row.push_back(f.row(r)[k - 1]);
      }
      page_.begin_column();
      page_.figure(heat_svg(map));
      sound(clip, chosen->record.source);
      page_.end_column();
    }
    page_.end_columns();
    return {};
  }

  void sound(const std::vector<std::int16_t>& clip, const std::string& caption) {
    data::Content c;
    c.rate_hz = static_cast<double>(project_.integer("data.sample_rate_hz"));
    c.steps = clip.size();
    c.sound = clip;
    const std::string wav = data::encode_content(c);
    page_.audio(caption, {reinterpret_cast<const std::uint8_t*>(wav.data()), wav.size()});
  }

  void training(const json& model) {
    page_.section("Training");
    Series train_loss{"training", {}, {}};
    Series validation_loss{"validation", {}, {}};
    Series train_accuracy = train_loss;
    Series validation_accuracy = validation_loss;
    for (const json& e : model.value("epochs", json::array())) {
      const double number = e.at("epoch").get<double>();
      for (const auto& [series, key] : {std::pair{&train_loss, "train_loss"},
                                        {&validation_loss, "validation_loss"},
                                        {&train_accuracy, "train_accuracy"},
                                        {&validation_accuracy, "validation_accuracy"}}) {
        series->x.push_back(number);
        series->y.push_back(e.at(key).get<double>());
      }
    }
    page_.begin_columns();
    page_.figure(line_svg({"Loss", "epoch", "loss"}, {train_loss, validation_loss}));
    page_.figure(line_svg({"Accuracy", "epoch", "share right"}, {train_accuracy, validation_accuracy}),
                 fmt::format("Epoch {} was kept.", model.value("best_epoch", 0)));
    page_.end_columns();
    const json layers = model.value("layers", json::array());
    if (layers.empty()) return;
    HtmlTable table;
    table.titles = {"layer", "operator", "signal to rounding noise, dB"};
    table.left_columns = 2;
    for (const json& l : layers) {
      table.rows.push_back({l.value("name", ""), l.value("op", ""), fmt::format("{:.1f}", l.value("sqnr_db", 0.0))});
    }
    page_.begin_details("Where int8 hurts, by layer");
    page_.table(table);
    page_.end_details();
  }

  Status evaluated(const json& evaluation) {
    page_.section("Evaluation");
    const std::vector<std::string> classes = evaluation.value("classes", dataset_.classes());
    if (const auto counts = evaluation.value("confusion", std::vector<std::vector<double>>()); !counts.empty()) {
      page_.figure(heat_svg({"Confusion", "is", "taken for", classes, classes, counts}));
      HtmlTable table;
      table.titles = {"class", "examples", "precision", "recall", "F1"};
      for (std::size_t i = 0; i < counts.size() && i < classes.size(); ++i) {
        double is = 0;
        double taken = 0;
        for (const double n : counts[i]) is += n;
        for (const auto& row : counts) taken += i < row.size() ? row[i] : 0;
        const double right = i < counts[i].size() ? counts[i][i] : 0;
        table.rows.push_back({classes[i], fmt::format("{}", is), taken > 0 ? percent(right / taken) : "-",
                              is > 0 ? percent(right / is) : "-",
                              is + taken > 0 ? percent(2 * right / (is + taken)) : "-"});
      }
      page_.table(table);
    }
    std::vector<Series> roc;
    for (const json& curve : evaluation.value("roc", json::array())) roc.push_back(curve_of(curve));
    if (!roc.empty()) page_.figure(line_svg({"ROC", "false positive rate", "true positive rate"}, roc));
    MOTE_TRY(wrong_answers(evaluation.value("errors", json::array())));
    if (evaluation.contains("detection")) detection(evaluation["detection"]);
    if (evaluation.contains("board")) board(evaluation["board"]);
    return {};
  }

  // The keyword in a stream: when it was said, how sure the model was, what the detector made of it.
  void detection(const json& d) {
    page_.section("Listening");
    const std::string keyword = d.value("class", "");
    const double hours = d.value("hours", 0.0);
    page_.tiles({{"missed", percent(d.value("false_reject_rate", 0.0)),
                  fmt::format("{} of {} heard", d.value("heard", 0), d.value("keywords", 0))},
                 {"false accepts", fmt::format("{:.2f} an hour", d.value("false_accepts_per_hour", 0.0)),
                  fmt::format("{} among {} other recordings, in {:.1f} minutes", d.value("false_accepts", 0),
                              d.value("others", 0), 60 * hours)},
                 {"threshold", percent(d.value("threshold", 0.0)),
                  fmt::format("from {}", d.value("threshold_from", std::string("the evaluation")))}});
    if (const auto scores = d.value("scores", std::vector<double>{}); !scores.empty()) {
      const double step = d.value("decision_seconds", 1.0);
      Series score{fmt::format("score of '{}'", keyword), {}, scores};
      for (std::size_t i = 0; i < scores.size(); ++i) {
        score.x.push_back(d.value("first_decision_seconds", 0.0) + step * static_cast<double>(i));
      }
      const double end = score.x.back();
      Series said{"said", {0}, {0}};
      for (const json& u : d.value("utterances", json::array())) {
        const double begin = u.at("begin").get<double>();
        const double over = u.at("end").get<double>();
        if (over > end) break;
        for (const auto& [x, y] : {std::pair{begin, 0.0}, {begin, 1.0}, {over, 1.0}, {over, 0.0}}) {
          said.x.push_back(x), said.y.push_back(y);
        }
      }
      said.x.push_back(end), said.y.push_back(0);
      const double threshold = d.value("threshold", 0.0);
      page_.figure(line_svg({"The begin of the stream", "seconds", "share of full certainty"},
                            {said, score, {"threshold", {0, end}, {threshold, threshold}}}));
    }
    // Thresholds so low that no keyword is missed say nothing but how many false accepts there can be.
    Series curve = curve_of(d);
    std::size_t first = 0;
    while (first + 1 < curve.y.size() && curve.y[first + 1] <= curve.y[0]) ++first;
    curve.x.erase(curve.x.begin(), curve.x.begin() + static_cast<std::ptrdiff_t>(first));
    curve.y.erase(curve.y.begin(), curve.y.begin() + static_cast<std::ptrdiff_t>(first));
    page_.figure(
        line_svg({"Misses against false accepts", "false accepts per hour", "share of keywords missed"}, {curve}),
        fmt::format("One point for each threshold. One false accept in this stream is {:.1f} an hour.",
                    hours > 0 ? 1 / hours : 0.0));
  }

  // What the firmware decided, and what it costs.
  void board(const json& b) {
    page_.section("The firmware that listens");
    const auto whole = [&](const char* key) { return grouped(std::llround(b.value(key, 0.0))); };
    const int differing = b.value("differing_decisions", 0) + b.value("differing_detections", 0);
    const std::string equality = fmt::format(
        "Front end, model and detector as one program on {}: {} of {} decisions over {} clips and {:.0f} "
        "seconds of the stream are byte for byte the host's.",
        b.value("name", ""), b.value("decisions", 0) - b.value("differing_decisions", 0), b.value("decisions", 0),
        b.value("clips", 0), b.value("stream_seconds", 0.0));
    differing == 0 ? page_.paragraph(equality) : page_.warning(equality);
    HtmlTable cost;
    cost.titles = {"", "", "how it is known"};
    cost.left_columns = 3;
    std::string rests;
    cost.rows = {{"flash, bytes", whole("flash_bytes"), "linked program"},
                 {"of it weights", whole("weight_bytes"), ""},
                 {"RAM, bytes", whole("ram_bytes"), "linked program, without stack"},
                 {"stack, bytes", whole("stack_bytes"), "deepest seen"},
                 {"instructions a decision", whole("instructions"), "counted; mean"},
                 {"of them features", whole("feature_instructions"), "counted; mean"}};
    if (b.value("cycles", 0.0) > 0) {
      cost.rows.push_back({"cycles a decision", whole("cycles"),
                           fmt::format("estimated, give or take {:.0f} %", b.value("cycles_band_percent", 0.0))});
      rests = fmt::format("Cycles rest on {}.", b.value("cycles_rest_on", ""));
    }
    if (const json h = b.value("hardware", json()); h.is_object()) {
      const std::string name = h.value("name", "");
      cost.rows.push_back({fmt::format("milliseconds a decision on {}", name),
                           fmt::format("{:.1f}", 1000 * h.value("seconds", 0.0)),
                           fmt::format("at {:.0f} MHz, give or take {:.0f} %", h.value("clock_hz", 0.0) / 1e6,
                                       h.value("cycles_band_percent", 0.0))});
      cost.rows.push_back({fmt::format("microjoules a decision on {}", name),
                           fmt::format("{:.0f}", h.value("microjoules", 0.0)),
                           fmt::format("give or take {:.0f} %", h.value("band_percent", 0.0))});
      rests += fmt::format(" Energy rests on {}.", h.value("rests_on", ""));
    }
    page_.table(cost);
    if (!rests.empty()) page_.paragraph(rests);
  }

  // Points are [threshold, x, y].
  static Series curve_of(const json& curve) {
    Series out{curve.value("class", ""), {}, {}};
    for (const json& p : curve.value("points", json::array())) {
      out.x.push_back(p.at(1).get<double>());
      out.y.push_back(p.at(2).get<double>());
    }
    return out;
  }

  Status wrong_answers(const json& errors) {
    if (errors.empty()) return {};
    page_.begin_details(fmt::format("Wrong answers: {}", errors.size()));
    page_.begin_columns();
    std::size_t shown = 0;
    for (const json& e : errors) {
      const std::string hash = e.value("hash", "");
      const auto found =
          std::ranges::find_if(dataset_.examples(), [&](const data::Example& x) { return x.record.hash == hash; });
      if (found == dataset_.examples().end() || found->record.shape.kind != data::Kind::sound) continue;
      if (shown++ == options_.most_errors) break;
      MOTE_LET(clip, dataset_.clip(*found));
      sound(clip,
            fmt::format("{} taken for {}: {}", e.value("label", ""), e.value("predicted", ""), found->record.source));
    }
    page_.end_columns();
    page_.end_details();
    return {};
  }

  void chip(const ModelRun& run) {
    page_.section("On the chip");
    const auto kib = [](std::uint64_t bytes) { return fmt::format("{:.1f}", static_cast<double>(bytes) / 1024); };
    HtmlTable sizes;
    sizes.titles = {fmt::format("{}, {}", run.board.name, run.board.core.name), "KiB"};
    sizes.rows = {{"weights", kib(run.sizes.weights)},
                  {"code and tables", kib(run.sizes.flash_beside_weights())},
                  {"flash", kib(run.sizes.flash)},
                  {"arena", kib(run.sizes.arena)}};
    page_.table(sizes);
    HtmlTable layers;
    layers.titles = {"layer", "operator", "kernel"};
    layers.left_columns = 3;
    for (std::size_t i = 0; i < run.model.layers.size(); ++i) {
      const LayerInfo& layer = run.model.layers[i];
      layers.rows.push_back({fmt::format("{}", i), layer.op, layer.kernel});
    }
    page_.table(layers);
    std::vector<Box> boxes;
    for (const PlacedBuffer& b : run.arena) {
      boxes.push_back({b.name, fmt::format("{} bytes at {}", b.size_bytes, b.offset_bytes),
                       static_cast<double>(b.first) + 1, static_cast<double>(b.last - b.first) + 1,
                       static_cast<double>(b.offset_bytes), static_cast<double>(b.size_bytes)});
    }
    page_.figure(box_svg({"Arena", "layer", "bytes from the arena's begin"}, boxes));
    page_.paragraph(
        fmt::format("Outputs are {} those of the host interpreter.", run.mismatches.empty() ? "byte for byte" : "NOT"));
  }

  const Project& project_;
  const ProjectReportOptions& options_;
  const data::Dataset& dataset_;
  HtmlPage page_;
};

}  // namespace

Result<std::string> project_report(const Project& project, const ProjectReportOptions& options) {
  MOTE_LET(dataset, data::Dataset::open(project));
  Writer writer(project, options, dataset);
  try {
    MOTE_TRY(writer.write());
  } catch (const json::exception&) {
    return Error{"model.json or evaluation.json is damaged, or of another version", project.build_folder().string(),
                 "train and test again"};
  }
  return writer.text();
}

}  // namespace mote
