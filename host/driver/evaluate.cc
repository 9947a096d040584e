// Clips one by one, and a stream put together from them.
#include "host/driver/evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include <fmt/format.h>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/driver/learn.h"
#include "host/driver/listener.h"
#include "host/signal/settings.h"
#include "host/train/samples.h"

namespace mote {
namespace {

using Clip = std::vector<std::int16_t>;

struct Stream {
  Clip samples;
  struct Span {
    std::size_t begin, end;
  };
  std::vector<Span> keywords;
};

void append(Clip& to, const Clip& from) { to.insert(to.end(), from.begin(), from.end()); }

// Every recording of the split once, in a seeded order, with a second and a half of noise between them.
Result<Stream> make_stream(const data::Dataset& dataset, const EvaluateOptions& options, std::size_t keyword,
                           std::uint32_t rate_hz) {
  std::vector<std::size_t> order = dataset.indices(options.split);
  std::mt19937 random(1);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  const auto noise_class = dataset.class_named(data::kNoiseLabel);
  Clip noise;
  for (const std::size_t i : order) {
    if (!noise_class || dataset.examples()[i].label != *noise_class) continue;
    MOTE_LET(content, dataset.load(dataset.examples()[i]));
    append(noise, content.sound);
  }
  Stream out;
  std::size_t at = 0;
  const auto gap = [&](std::size_t elems) {
    for (std::size_t i = 0; i < elems; ++i) {
      out.samples.push_back(noise.empty() ? std::int16_t{0}
                                          : static_cast<std::int16_t>(noise[at++ % noise.size()] / 4));
    }
  };
  gap(2 * rate_hz);
  for (const std::size_t i : order) {
    const data::Example& e = dataset.examples()[i];
    MOTE_LET(content, dataset.load(e));
    const std::size_t begin = out.samples.size();
    append(out.samples, content.sound);
    if (e.label == keyword) out.keywords.push_back({begin, out.samples.size()});
    gap(3 * rate_hz / 2);
  }
  return out;
}

struct Counts {
  std::size_t heard = 0;
  std::size_t false_accepts = 0;
  std::vector<double> detections;
};

// The decisions' own outputs, with another threshold.
Counts count_at(const std::vector<Decision>& decisions, const Stream& stream, runtime::DetectorParams detector,
                std::size_t keyword, const signal::FrontEnd& front_end, std::uint32_t rate_hz) {
  Counts out;
  runtime::DetectorState state{};
  std::vector<bool> is_heard(stream.keywords.size());
  std::size_t next = 0;  // the first keyword that is not over
  for (const Decision& d : decisions) {
    if (!runtime::detector_push(detector, state, d.outputs[keyword])) continue;
    const std::size_t sample = (d.rows - 1) * static_cast<std::size_t>(front_end.frame().hop_elems) +
                               static_cast<std::size_t>(front_end.frame().frame_elems);
    out.detections.push_back(static_cast<double>(sample) / rate_hz);
    while (next < stream.keywords.size() && stream.keywords[next].end + rate_hz < sample) ++next;
    if (next < stream.keywords.size() && sample >= stream.keywords[next].begin) {
      if (!is_heard[next]) ++out.heard;
      is_heard[next] = true;
    } else {
      ++out.false_accepts;
    }
  }
  return out;
}

ClipFigures clip_figures(const std::vector<std::string>& classes, const std::vector<std::size_t>& truth,
                         const std::vector<std::size_t>& called) {
  ClipFigures f;
  f.classes = classes;
  f.clips = truth.size();
  f.confusion.assign(classes.size(), std::vector<std::size_t>(classes.size()));
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++f.confusion[truth[i]][called[i]];
    right += truth[i] == called[i] ? 1U : 0U;
  }
  f.accuracy = static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(1, truth.size()));
  for (std::size_t c = 0; c < classes.size(); ++c) {
    ClassFigures k;
    std::size_t all_called = 0;
    for (std::size_t t = 0; t < classes.size(); ++t) {
      k.examples += f.confusion[c][t];
      all_called += f.confusion[t][c];
    }
    const auto hit = static_cast<double>(f.confusion[c][c]);
    k.precision = all_called == 0 ? 0 : hit / static_cast<double>(all_called);
    k.recall = k.examples == 0 ? 0 : hit / static_cast<double>(k.examples);
    k.f1 = k.precision + k.recall == 0 ? 0 : 2 * k.precision * k.recall / (k.precision + k.recall);
    f.by_class.push_back(k);
  }
  return f;
}

std::size_t best(const std::vector<std::int8_t>& outputs) {
  return static_cast<std::size_t>(std::ranges::max_element(outputs) - outputs.begin());
}

}  // namespace

Result<Evaluation> evaluate(const Project& project, const EvaluateOptions& options) {
  MOTE_LET(learned, read_learned(project));
  MOTE_LET(dataset, data::Dataset::open(project));
  MOTE_LET(front_end, signal::front_end_of(project));
  MOTE_LET(graph, load_model(model_file(project)));
  MOTE_LET(scaling, train::make_scaling(learned.mean, learned.deviation));
  if (learned.classes != dataset.classes()) {
    return Error{"the model knows other classes than the data has now", model_file(project).string(), "train again"};
  }
  const std::vector<std::size_t> indices = dataset.indices(options.split);
  if (indices.empty()) {
    return Error{fmt::format("the {} split is empty", data::kSplitNames[static_cast<std::size_t>(options.split)]),
                 std::string(kProjectFile), "import examples for it, or give --split validation"};
  }
  const auto rate = static_cast<std::uint32_t>(project.integer("data.sample_rate_hz"));
  std::size_t keyword = 0;
  if (const std::string& name = project.text("detector.keyword"); !name.empty()) {
    const auto found = dataset.class_named(name);
    if (!found)
      return Error{fmt::format("detector.keyword names '{}', which is no class", name), std::string(kProjectFile),
                   "name one of data.classes"};
    keyword = *found;
  }
  Listener listener{graph,
                    front_end,
                    scaling.normalisation,
                    front_end.rows(dataset.clip_elems()),
                    static_cast<std::size_t>(project.integer("detector.stride_rows")),
                    keyword,
                    {}};
  const double decision_ms = 1000.0 * front_end.frame().hop_elems * static_cast<double>(listener.stride_rows) / rate;
  const auto smoothing = static_cast<std::int32_t>(project.integer("detector.smoothing"));
  listener.detector = {smoothing, 255 * smoothing,
                       static_cast<std::int32_t>(
                           std::lround(static_cast<double>(project.integer("detector.cooldown_ms")) / decision_ms))};

  Evaluation out;
  // Clips: the first decision of each.
  std::vector<std::size_t> truth;
  std::vector<std::size_t> called;
  std::vector<Clip> clips;
  std::vector<Decision> first;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (interrupted()) return Error{"interrupted", "", ""};
    const data::Example& e = dataset.examples()[indices[i]];
    MOTE_LET(clip, dataset.clip(e));
    MOTE_LET(decisions, listen_on_host(listener, clip));
    truth.push_back(e.label);
    called.push_back(best(decisions.at(0).outputs));
    first.push_back(decisions[0]);
    clips.push_back(std::move(clip));
    if (options.progress) options.progress(i + 1, indices.size());
  }
  out.clips = clip_figures(dataset.classes(), truth, called);

  // The stream.
  MOTE_LET(stream, make_stream(dataset, options, keyword, rate));
  MOTE_LET(decisions, listen_on_host(listener, stream.samples));
  StreamFigures& s = out.stream;
  s.keyword = dataset.classes()[keyword];
  s.seconds = static_cast<double>(stream.samples.size()) / rate;
  s.seconds_without = s.seconds;
  for (const auto& k : stream.keywords) s.seconds_without -= static_cast<double>(k.end - k.begin) / rate;
  s.keywords = stream.keywords.size();
  s.smoothing = smoothing;
  const double hours = s.seconds_without / 3600;
  const double allowed = project.real("detector.false_accepts_per_hour");
  const double stated = project.real("detector.threshold_percent");
  const std::int32_t most = 255 * smoothing;
  s.threshold = stated > 0 ? static_cast<std::int32_t>(std::lround(stated / 100 * most)) : 0;
  constexpr std::int32_t kPoints = 100;
  for (std::int32_t p = 1; p <= kPoints; ++p) {
    DetectionPoint point;
    point.threshold = (most * p + kPoints - 1) / kPoints;
    runtime::DetectorParams detector = listener.detector;
    detector.threshold = point.threshold;
    const Counts counts = count_at(decisions, stream, detector, keyword, front_end, rate);
    point.false_accepts_per_hour = static_cast<double>(counts.false_accepts) / hours;
    point.false_rejects = s.keywords == 0 ? 0 : 1 - static_cast<double>(counts.heard) / static_cast<double>(s.keywords);
    if (s.threshold == 0 && point.false_accepts_per_hour <= allowed) s.threshold = point.threshold;
    s.points.push_back(point);
  }
  if (s.threshold == 0) s.threshold = most;
  listener.detector.threshold = s.threshold;
  const Counts counts = count_at(decisions, stream, listener.detector, keyword, front_end, rate);
  s.heard = counts.heard;
  s.false_accepts = counts.false_accepts;
  s.detections = counts.detections;
  if (options.board.empty()) return out;

  // The same on the board: some clips, and the begin of the stream.
  const std::size_t some = std::min(options.board_clips, clips.size());
  std::vector<Clip> streams;
  std::vector<std::size_t> which;
  for (std::size_t k = 0; k < some; ++k) {
    which.push_back(k * clips.size() / some);
    streams.push_back(clips[which.back()]);
  }
  const auto begin = std::min(stream.samples.size(), static_cast<std::size_t>(options.board_stream_seconds * rate));
  streams.emplace_back(stream.samples.begin(), stream.samples.begin() + static_cast<std::ptrdiff_t>(begin));
  MOTE_LET(on_board, listen_on_board(listener, options.board, Goal::balanced, streams));
  BoardFigures b;
  b.board = options.board;
  b.instructions = on_board.most_instructions;
  b.seconds = on_board.seconds;
  for (std::size_t k = 0; k < which.size(); ++k) {
    ++b.decisions;
    const auto& got = on_board.decisions[k];
    b.differing_decisions += got.empty() || got[0].outputs != first[which[k]].outputs ? 1U : 0U;
  }
  MOTE_LET(expected, listen_on_host(listener, streams.back()));
  const auto& got = on_board.decisions.back();
  for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
    ++b.decisions;
    const bool both = i < expected.size() && i < got.size();
    b.differing_decisions += both && got[i].outputs == expected[i].outputs ? 0U : 1U;
    b.differing_detections += both && got[i].heard == expected[i].heard ? 0U : 1U;
    b.detections += i < got.size() && got[i].heard ? 1U : 0U;
  }
  out.boards.push_back(b);
  return out;
}

}  // namespace mote
