// Clips one by one, and a stream put together from them.
#include "host/driver/evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/base/file.h"
#include "host/base/hash.h"
#include "host/driver/learn.h"
#include "host/signal/settings.h"
#include "host/train/samples.h"

namespace mote {
namespace {

using Clip = std::vector<std::int16_t>;
using nlohmann::json;

struct Stream {
  Clip samples;
  struct Span {
    std::size_t begin, end;
  };
  std::vector<Span> keywords;
};

double power(const Clip& x) {
  double sum = 0;
  for (const std::int16_t v : x) sum += static_cast<double>(v) * v;
  return x.empty() ? 0 : sum / static_cast<double>(x.size());
}

// Every recording of the split once, in a seeded order, with pauses of 1 to 2 seconds; noise runs through all of it.
Result<Stream> make_stream(const data::Dataset& dataset, data::Split split, double snr_db, std::size_t keyword,
                           std::uint32_t rate_hz) {
  std::vector<std::size_t> order = dataset.indices(split);
  std::mt19937 random(1);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  const auto noise_class = dataset.class_named(data::kNoiseLabel);
  const auto is_noise = [&](const data::Example& e) { return noise_class && e.label == *noise_class; };
  Stream out;
  Clip noise;
  double speech = 0;  // squares
  std::size_t speech_elems = 0;
  out.samples.resize(2 * std::size_t{rate_hz});
  for (const std::size_t i : order) {
    const data::Example& e = dataset.examples()[i];
    MOTE_LET(content, dataset.load(e));
    const Clip& sound = content.sound;
    const std::size_t begin = out.samples.size();
    out.samples.insert(out.samples.end(), sound.begin(), sound.end());
    if (is_noise(e)) {
      noise.insert(noise.end(), sound.begin(), sound.end());
    } else {
      speech += power(sound) * static_cast<double>(sound.size());
      speech_elems += sound.size();
    }
    if (e.label == keyword) out.keywords.push_back({begin, out.samples.size()});
    out.samples.resize(out.samples.size() + rate_hz + random() % rate_hz);
  }
  const double of_noise = power(noise);
  const double of_speech = speech_elems == 0 ? 0 : speech / static_cast<double>(speech_elems);
  if (of_noise <= 0 || of_speech <= 0) return out;
  const double gain = std::sqrt(of_speech / of_noise / std::pow(10, snr_db / 10));
  for (std::size_t i = 0; i < out.samples.size(); ++i) {
    const double sum = out.samples[i] + gain * noise[i % noise.size()];
    out.samples[i] = static_cast<std::int16_t>(std::lround(std::clamp(sum, -32768.0, 32767.0)));
  }
  return out;
}

// A stream, its decisions, and what a detector makes of them.
struct Heard {
  std::vector<Utterance> keywords;
  std::size_t heard = 0;
  std::vector<double> false_accepts;
};

class Listening {
 public:
  Listening(const Listener& listener, const Stream& stream, std::uint32_t rate_hz)
      : listener_(listener), stream_(stream), rate_(rate_hz) {}

  Status decide(const Progress& progress) {
    MOTE_LET(decisions, listen_on_host(listener_, stream_.samples, progress));
    decisions_ = std::move(decisions);
    return {};
  }

  // When the last sample of the frame came that decision d rests on.
  [[nodiscard]] double seconds(const Decision& d) const {
    const auto& frame = listener_.front_end.frame();
    return static_cast<double>((d.rows - 1) * static_cast<std::size_t>(frame.hop_elems) +
                               static_cast<std::size_t>(frame.frame_elems)) /
           rate_;
  }
  // The keywords of the first `seconds`, by the times when something was heard.
  [[nodiscard]] Heard match(const std::vector<double>& times, double seconds) const {
    Heard out;
    for (const auto& k : stream_.keywords) {
      const double end = static_cast<double>(k.end) / rate_;
      if (end > seconds) break;
      out.keywords.push_back({static_cast<double>(k.begin) / rate_, end, {}});
    }
    std::size_t next = 0;  // the first keyword that is not over
    for (const double t : times) {
      while (next < out.keywords.size() && out.keywords[next].end_s + 1 < t) ++next;
      if (next == out.keywords.size() || t < out.keywords[next].begin_s) {
        out.false_accepts.push_back(t);
      } else if (!out.keywords[next].heard_s) {
        out.keywords[next].heard_s = t;
        ++out.heard;
      }
    }
    return out;
  }

  [[nodiscard]] Heard with(const runtime::DetectorParams& detector) const {
    std::vector<double> times;
    runtime::DetectorState state{};
    for (const Decision& d : decisions_) {
      if (runtime::detector_push(detector, state, d.outputs[listener_.keyword])) times.push_back(seconds(d));
    }
    return match(times, length());
  }

  [[nodiscard]] double length() const { return static_cast<double>(stream_.samples.size()) / rate_; }
  [[nodiscard]] double length_without() const {
    double out = length();
    for (const auto& k : stream_.keywords) out -= static_cast<double>(k.end - k.begin) / rate_;
    return out;
  }
  [[nodiscard]] const std::vector<Decision>& decisions() const { return decisions_; }

  // A percent of full certainty apart.
  [[nodiscard]] std::vector<DetectionPoint> points() const {
    constexpr std::int32_t kPoints = 100;
    const std::int32_t most = 255 * listener_.detector.smoothing;
    std::vector<DetectionPoint> out;
    for (std::int32_t p = 1; p <= kPoints; ++p) {
      runtime::DetectorParams detector = listener_.detector;
      detector.threshold = (most * p + kPoints - 1) / kPoints;
      const Heard heard = with(detector);
      const auto keywords = static_cast<double>(std::max<std::size_t>(1, stream_.keywords.size()));
      out.push_back({detector.threshold, static_cast<double>(heard.false_accepts.size()) * 3600 / length_without(),
                     1 - static_cast<double>(heard.heard) / keywords});
    }
    return out;
  }

 private:
  const Listener& listener_;
  const Stream& stream_;
  double rate_;
  std::vector<Decision> decisions_;
};

std::int32_t choose(const std::vector<DetectionPoint>& points, double allowed_per_hour) {
  double fewest = 2;
  for (const DetectionPoint& p : points) {
    if (p.false_accepts_per_hour <= allowed_per_hour) fewest = std::min(fewest, p.false_rejects);
  }
  std::int32_t out = points.back().threshold;
  for (const DetectionPoint& p : points) {
    if (p.false_accepts_per_hour <= allowed_per_hour && p.false_rejects <= fewest) out = p.threshold;
  }
  return out;
}

std::size_t best(const Bytes& outputs) {
  const auto* p = reinterpret_cast<const std::int8_t*>(outputs.data());
  return static_cast<std::size_t>(std::max_element(p, p + outputs.size()) - p);
}

std::size_t best_float(const Bytes& outputs) {
  std::vector<float> x(outputs.size() / sizeof(float));
  std::memcpy(x.data(), outputs.data(), x.size() * sizeof(float));
  return static_cast<std::size_t>(std::ranges::max_element(x) - x.begin());
}

constexpr double kCertain = 255;  // an output of 127

double score(const Bytes& outputs, std::size_t c) { return (static_cast<std::int8_t>(outputs[c]) + 128) / kCertain; }

using Confusion = std::vector<std::vector<std::size_t>>;

double accuracy_of(const Confusion& confusion) {
  double right = 0;
  double all = 0;
  for (std::size_t t = 0; t < confusion.size(); ++t) {
    for (std::size_t c = 0; c < confusion.size(); ++c) {
      all += static_cast<double>(confusion[t][c]);
      right += t == c ? static_cast<double>(confusion[t][c]) : 0;
    }
  }
  return all == 0 ? 0 : right / all;
}

std::vector<RocPoint> roc_of(const std::vector<std::size_t>& truth, const std::vector<Bytes>& outputs, std::size_t c) {
  std::size_t positive[256] = {};
  std::size_t negative[256] = {};
  std::size_t positives = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto value = static_cast<std::size_t>(static_cast<std::int8_t>(outputs[i][c]) + 128);
    ++(truth[i] == c ? positive : negative)[value];
    positives += truth[i] == c ? 1U : 0U;
  }
  if (positives == 0 || positives == truth.size()) return {};
  const auto all_positive = static_cast<double>(positives);
  const auto all_negative = static_cast<double>(truth.size() - positives);
  std::vector<RocPoint> out = {{1 + 1 / kCertain, 0, 0}};
  double hits = 0;
  double misses = 0;
  for (int v = 255; v >= 0; --v) {
    if (positive[v] + negative[v] == 0) continue;
    hits += static_cast<double>(positive[v]);
    misses += static_cast<double>(negative[v]);
    out.push_back({v / kCertain, misses / all_negative, hits / all_positive});
  }
  return out;
}

ClipFigures clip_figures(const std::vector<std::string>& classes, const std::vector<std::size_t>& examples,
                         const std::vector<std::size_t>& truth, const std::vector<Bytes>& outputs) {
  ClipFigures f;
  f.classes = classes;
  f.clips = truth.size();
  f.confusion.assign(classes.size(), std::vector<std::size_t>(classes.size()));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::size_t called = best(outputs[i]);
    ++f.confusion[truth[i]][called];
    if (called != truth[i]) f.wrong.push_back({examples[i], truth[i], called, score(outputs[i], called)});
  }
  std::ranges::stable_sort(f.wrong, std::greater(), &WrongAnswer::score);
  f.accuracy = accuracy_of(f.confusion);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    ClassFigures k;
    for (std::size_t t = 0; t < classes.size(); ++t) {
      k.examples += f.confusion[c][t];
      k.called += f.confusion[t][c];
    }
    const auto hit = static_cast<double>(f.confusion[c][c]);
    k.precision = k.called == 0 ? 0 : hit / static_cast<double>(k.called);
    k.recall = k.examples == 0 ? 0 : hit / static_cast<double>(k.examples);
    k.f1 = k.precision + k.recall == 0 ? 0 : 2 * k.precision * k.recall / (k.precision + k.recall);
    f.by_class.push_back(k);
    f.roc.push_back(roc_of(truth, outputs, c));
  }
  return f;
}

class Evaluator {
 public:
  Evaluator(const Project& project, const EvaluateOptions& options, const data::Dataset& dataset,
            const Listener& listener)
      : project_(project),
        options_(options),
        dataset_(dataset),
        listener_(listener),
        rate_(static_cast<std::uint32_t>(project.integer("data.sample_rate_hz"))) {}

  Result<Evaluation> run() {
    out_.split = options_.split;
    out_.data_hash = dataset_.hash();
    MOTE_TRY(clips());
    MOTE_TRY(stream());
    if (!options_.board.empty()) MOTE_TRY(board());
    return std::move(out_);
  }

 private:
  [[nodiscard]] Progress progress(const std::string& stage) const {
    if (!options_.progress) return {};
    return [this, stage](std::size_t done, std::size_t all) { options_.progress(stage, done, all); };
  }

  Status clips() {
    examples_ = dataset_.indices(options_.split);
    std::vector<Bytes> inputs;
    const std::function<Result<Bytes>(std::size_t)> work = [&](std::size_t i) -> Result<Bytes> {
      MOTE_LET(clip, dataset_.clip(dataset_.examples()[examples_[i]]));
      const auto rows = signal::normalise(listener_.normalisation.params(), signal::extract(listener_.front_end, clip));
      return window_of(listener_, rows, listener_.rows);
    };
    const std::function<Status(std::size_t, Result<Bytes>)> take = [&](std::size_t, Result<Bytes> input) -> Status {
      if (!input.ok()) return std::move(input).error();
      inputs.push_back(std::move(input).value());
      return {};
    };
    MOTE_TRY(parallel_ordered(examples_.size(), work, take));
    const auto input = [&](std::size_t i) { return inputs[i]; };
    MOTE_LET(outputs, run_windows(listener_.graph, inputs.size(), input, progress("clips")));
    outputs_ = std::move(outputs);
    for (const std::size_t i : examples_) truth_.push_back(dataset_.examples()[i].label);
    out_.clips = clip_figures(dataset_.classes(), examples_, truth_, outputs_);

    const auto file = float_model_file(project_);
    if (!std::filesystem::exists(file)) return {};
    MOTE_LET(graph, load_model(file));
    const auto float_input = [&](std::size_t i) {
      std::vector<float> x;
      for (const std::uint8_t v : inputs[i])
        x.push_back(train::kInputScale * static_cast<float>(static_cast<std::int8_t>(v)));
      Bytes bytes(x.size() * sizeof(float));
      std::memcpy(bytes.data(), x.data(), bytes.size());
      return bytes;
    };
    MOTE_LET(floats, run_windows(graph, inputs.size(), float_input, progress("clips in float")));
    std::size_t right = 0;
    for (std::size_t i = 0; i < floats.size(); ++i) right += best_float(floats[i]) == truth_[i] ? 1U : 0U;
    out_.clips.float_accuracy = static_cast<double>(right) / static_cast<double>(floats.size());
    return {};
  }

  Status choose_threshold(StreamFigures& s, const std::vector<DetectionPoint>& here) {
    const double stated = project_.real("detector.threshold_percent");
    const double allowed = project_.real("detector.false_accepts_per_hour");
    if (stated > 0) {
      listener_.detector.threshold =
          static_cast<std::int32_t>(std::lround(stated / 100 * 255 * listener_.detector.smoothing));
      s.threshold_from = "detector.threshold_percent";
      return {};
    }
    if (options_.split == data::Split::test) {
      MOTE_LET(other, make_stream(dataset_, data::Split::validation, options_.snr_db, listener_.keyword, rate_));
      if (!other.keywords.empty()) {
        Listening listening(listener_, other, rate_);
        MOTE_TRY(listening.decide(progress("threshold")));
        listener_.detector.threshold = choose(listening.points(), allowed);
        s.threshold_from = "the validation split";
        return {};
      }
    }
    listener_.detector.threshold = choose(here, allowed);
    s.threshold_from = "this stream itself";
    return {};
  }

  Status stream() {
    MOTE_LET(made, make_stream(dataset_, options_.split, options_.snr_db, listener_.keyword, rate_));
    stream_ = std::move(made);
    if (stream_.keywords.empty()) return {};
    Listening listening(listener_, stream_, rate_);
    MOTE_TRY(listening.decide(progress("stream")));
    StreamFigures& s = out_.stream.emplace();
    s.keyword = dataset_.classes()[listener_.keyword];
    s.seconds = listening.length();
    s.seconds_without = listening.length_without();
    s.points = listening.points();
    MOTE_TRY(choose_threshold(s, s.points));
    s.detector = listener_.detector;
    Heard heard = listening.with(listener_.detector);
    s.keywords = std::move(heard.keywords);
    s.others = examples_.size() - s.keywords.size();
    s.heard = heard.heard;
    s.false_accepts = std::move(heard.false_accepts);
    s.decision_s =
        static_cast<double>(listener_.front_end.frame().hop_elems) * static_cast<double>(listener_.stride_rows) / rate_;
    constexpr double kShown = 60;  // seconds
    runtime::DetectorState state{};
    s.first_decision_s = listening.decisions().empty() ? 0 : listening.seconds(listening.decisions()[0]);
    for (const Decision& d : listening.decisions()) {
      if (listening.seconds(d) > kShown) break;
      (void)runtime::detector_push(listener_.detector, state, d.outputs[listener_.keyword]);
      s.scores.push_back(state.sum / (kCertain * listener_.detector.smoothing));
    }
    return {};
  }

  // Some clips and the stream's begin, each decision against the host's.
  Status board() {
    BoardFigures& b = out_.board.emplace();
    b.board = options_.board;
    BoardListenOptions how;
    how.board = options_.board;
    for (std::size_t g = 0; g < std::size(kGoalNames); ++g) {
      if (project_.text("target.optimize") == kGoalNames[g]) how.goal = static_cast<Goal>(g);
    }
    if (const std::string& name = project_.text("target.hardware"); !name.empty()) {
      MOTE_LET(hardware, load_hardware(name));
      how.hardware = std::move(hardware);
    }
    b.clips = std::min(options_.board_clips, examples_.size());
    std::vector<Clip> streams;
    std::vector<std::size_t> which;
    for (std::size_t k = 0; k < b.clips; ++k) {
      which.push_back(k * examples_.size() / b.clips);
      MOTE_LET(clip, dataset_.clip(dataset_.examples()[examples_[which.back()]]));
      streams.push_back(std::move(clip));
    }
    const auto elems =
        std::min(stream_.samples.size(), static_cast<std::size_t>(options_.board_stream_seconds * rate_));
    streams.emplace_back(stream_.samples.begin(), stream_.samples.begin() + static_cast<std::ptrdiff_t>(elems));
    b.stream_seconds = static_cast<double>(elems) / rate_;
    if (options_.progress) options_.progress(fmt::format("{} on {}", b.clips, b.board), 0, 1);
    MOTE_LET(on_board, listen_on_board(listener_, how, streams));
    b.emulation_seconds = on_board.seconds;
    b.cost = on_board.cost;
    if (how.hardware) {
      const Energy energy = energy_of(*how.hardware, b.cost.hardware_cycles);
      b.hardware = {how.hardware->name,
                    how.hardware->clock_hz,
                    energy.seconds,
                    energy.inference_uj,
                    how.hardware->energy_band_percent + b.cost.hardware_band_percent,
                    how.hardware->rests_on};
    }
    const std::size_t classes = dataset_.classes().size();
    b.confusion.assign(classes, std::vector<std::size_t>(classes));
    for (std::size_t k = 0; k < which.size(); ++k) {
      ++b.decisions;
      const auto& got = on_board.decisions[k];
      if (got.empty()) return Error{"the firmware did not decide on a clip", b.board, "this is a defect of mote"};
      const Bytes bytes(got[0].outputs.begin(), got[0].outputs.end());
      b.differing_decisions += bytes != outputs_[which[k]] ? 1U : 0U;
      ++b.confusion[truth_[which[k]]][best(bytes)];
    }
    b.accuracy = accuracy_of(b.confusion);
    if (!out_.stream) return {};
    MOTE_LET(expected, listen_on_host(listener_, streams.back()));
    const Listening listening(listener_, stream_, rate_);
    std::vector<double> times;
    const auto& got = on_board.decisions.back();
    for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
      ++b.decisions;
      const bool both = i < expected.size() && i < got.size();
      b.differing_decisions += both && got[i].outputs == expected[i].outputs ? 0U : 1U;
      b.differing_detections += both && got[i].heard == expected[i].heard ? 0U : 1U;
      if (i < got.size() && got[i].heard) times.push_back(listening.seconds(got[i]));
    }
    Heard heard = listening.match(times, b.stream_seconds);
    b.keywords = std::move(heard.keywords);
    b.false_accepts = std::move(heard.false_accepts);
    return {};
  }

  const Project& project_;
  const EvaluateOptions& options_;
  const data::Dataset& dataset_;
  Listener listener_;
  std::uint32_t rate_;
  Evaluation out_;
  std::vector<std::size_t> examples_;
  std::vector<std::size_t> truth_;
  std::vector<Bytes> outputs_;
  Stream stream_;
};

json json_of(const std::vector<Utterance>& keywords) {
  json out = json::array();
  for (const Utterance& k : keywords) {
    json row = {{"begin", k.begin_s}, {"end", k.end_s}, {"heard", nullptr}};
    if (k.heard_s) row["heard"] = *k.heard_s;
    out.push_back(std::move(row));
  }
  return out;
}

json json_of(const StreamFigures& s) {
  const double certain = kCertain * s.detector.smoothing;
  json points = json::array();
  for (const DetectionPoint& p : s.points) {
    points.push_back({p.threshold / certain, p.false_accepts_per_hour, p.false_rejects});
  }
  return {
      {"class", s.keyword},
      {"threshold", s.detector.threshold / certain},
      {"threshold_from", s.threshold_from},
      {"detector",
       {{"threshold", s.detector.threshold}, {"smoothing", s.detector.smoothing}, {"cooldown", s.detector.cooldown}}},
      {"seconds", s.seconds},
      {"hours", s.seconds_without / 3600},
      {"keywords", s.keywords.size()},
      {"heard", s.heard},
      {"false_accepts", s.false_accepts.size()},
      {"false_accepts_per_hour", s.false_accepts_per_hour()},
      {"false_reject_rate", s.false_reject_rate()},
      {"decision_seconds", s.decision_s},
      {"points", std::move(points)},
      {"utterances", json_of(s.keywords)},
      {"false_accept_seconds", s.false_accepts},
      {"first_decision_seconds", s.first_decision_s},
      {"scores", s.scores}};
}

json json_of(const BoardFigures& b) {
  json out = {{"name", b.board},
              {"clips", b.clips},
              {"accuracy", b.accuracy},
              {"confusion", b.confusion},
              {"decisions", b.decisions},
              {"differing_decisions", b.differing_decisions},
              {"stream_seconds", b.stream_seconds},
              {"utterances", json_of(b.keywords)},
              {"false_accept_seconds", b.false_accepts},
              {"differing_detections", b.differing_detections},
              {"emulation_seconds", b.emulation_seconds},
              {"flash_bytes", b.cost.sizes.flash},
              {"weight_bytes", b.cost.sizes.weights},
              {"ram_bytes", b.cost.sizes.ram - b.cost.sizes.stack},
              {"stack_bytes", b.cost.stack_bytes},
              {"instructions", b.cost.instructions},
              {"feature_instructions", b.cost.feature_instructions},
              {"cycles", b.cost.cycles},
              {"cycles_band_percent", b.cost.band_percent},
              {"cycles_rest_on", b.cost.rests_on}};
  if (b.hardware) {
    out["hardware"] = {{"name", b.hardware->name},
                       {"clock_hz", b.hardware->clock_hz},
                       {"seconds", b.hardware->seconds},
                       {"microjoules", b.hardware->microjoules},
                       {"band_percent", b.hardware->band_percent},
                       {"cycles_band_percent", b.cost.hardware_band_percent},
                       {"rests_on", b.hardware->rests_on}};
  }
  return out;
}

}  // namespace

double StreamFigures::false_accepts_per_hour() const {
  return static_cast<double>(false_accepts.size()) * 3600 / seconds_without;
}

double StreamFigures::false_reject_rate() const {
  return 1 - static_cast<double>(heard) / static_cast<double>(std::max<std::size_t>(1, keywords.size()));
}

std::filesystem::path evaluation_file(const Project& project) { return project.build_folder() / "evaluation.json"; }

json evaluation_json(const Evaluation& e, const data::Dataset& dataset) {
  json out = {{"split", data::kSplitNames[static_cast<std::size_t>(e.split)]},
              {"model", e.model_hash},
              {"data_hash", e.data_hash},
              {"examples", e.clips.clips},
              {"accuracy", e.clips.accuracy},
              {"classes", e.clips.classes},
              {"confusion", e.clips.confusion}};
  if (e.clips.float_accuracy) out["float_accuracy"] = *e.clips.float_accuracy;
  for (std::size_t c = 0; c < e.clips.classes.size(); ++c) {
    const ClassFigures& k = e.clips.by_class[c];
    out["by_class"].push_back({{"class", e.clips.classes[c]},
                               {"examples", k.examples},
                               {"precision", k.precision},
                               {"recall", k.recall},
                               {"f1", k.f1}});
    if (e.clips.roc[c].empty()) continue;
    json points = json::array();
    for (const RocPoint& p : e.clips.roc[c]) {
      points.push_back({p.threshold, p.false_positive_rate, p.true_positive_rate});
    }
    out["roc"].push_back({{"class", e.clips.classes[c]}, {"points", std::move(points)}});
  }
  for (const WrongAnswer& w : e.clips.wrong) {
    out["errors"].push_back({{"hash", dataset.examples()[w.example].record.hash},
                             {"label", e.clips.classes[w.is]},
                             {"predicted", e.clips.classes[w.called]},
                             {"score", w.score}});
  }
  if (e.stream) out["detection"] = json_of(*e.stream);
  if (e.board) out["board"] = json_of(*e.board);
  return out;
}

Result<Evaluation> evaluate(const Project& project, const EvaluateOptions& options) {
  if (project.text("data.kind") != "sound") {
    return Error{fmt::format("examples are of kind '{}'; sound is what can be tested", project.text("data.kind")),
                 "data.kind", "run build/model.tflite with `mote run` on your inputs"};
  }
  MOTE_LET(learned, read_learned(project));
  MOTE_LET(dataset, data::Dataset::open(project));
  MOTE_LET(front_end, signal::front_end_of(project));
  MOTE_LET(graph, load_model(model_file(project)));
  MOTE_LET(scaling, train::make_scaling(learned.mean, learned.deviation));
  if (learned.classes != dataset.classes()) {
    return Error{fmt::format("the model tells apart {}, the data has {}", fmt::join(learned.classes, ", "),
                             fmt::join(dataset.classes(), ", ")),
                 model_file(project).string(), "run `mote train` again, or set data.classes"};
  }
  const std::size_t rows = front_end.rows(dataset.clip_elems());
  const auto elems = static_cast<std::int64_t>(rows) * front_end.channels();
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1 || graph.tensor(graph.inputs[0]).size_bytes() != elems ||
      graph.tensor(graph.outputs[0]).size_bytes() != static_cast<std::int64_t>(learned.classes.size())) {
    return Error{fmt::format("is no model of {} x {} int8 features and {} classes", rows, front_end.channels(),
                             learned.classes.size()),
                 model_file(project).string(), "run `mote train` again; data.clip_ms may have changed"};
  }
  if (dataset.indices(options.split).empty()) {
    return Error{fmt::format("the {} split is empty", data::kSplitNames[static_cast<std::size_t>(options.split)]),
                 std::string(kProjectFile), "import examples for it, or give --split validation"};
  }
  std::size_t keyword = 0;
  if (const std::string& name = project.text("detector.keyword"); !name.empty()) {
    const auto found = dataset.class_named(name);
    if (!found) {
      return Error{fmt::format("detector.keyword names '{}', which is no class", name), std::string(kProjectFile),
                   fmt::format("name one of {}", fmt::join(dataset.classes(), ", "))};
    }
    keyword = *found;
  }
  const auto stride = project.integer("detector.stride_rows");
  const double decision_ms = 1000.0 * front_end.frame().hop_elems * static_cast<double>(stride) /
                             static_cast<double>(project.integer("data.sample_rate_hz"));
  const auto smoothing = static_cast<std::int32_t>(project.integer("detector.smoothing"));
  const double cooldown = static_cast<double>(project.integer("detector.cooldown_ms")) / decision_ms;
  const Listener listener{graph,
                          front_end,
                          scaling.normalisation,
                          rows,
                          static_cast<std::size_t>(stride),
                          keyword,
                          {smoothing, 255 * smoothing, static_cast<std::int32_t>(std::lround(cooldown))}};
  MOTE_LET(out, Evaluator(project, options, dataset, listener).run());
  MOTE_LET(bytes, read_text_file(model_file(project)));
  out.model_hash = sha256_hex(bytes);
  MOTE_TRY(write_file(evaluation_file(project), evaluation_json(out, dataset).dump() + "\n"));
  return out;
}

}  // namespace mote
