// How good a project's model is: on clips and on a stream, on the host and as firmware on an emulated board.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "host/base/result.h"
#include "host/data/dataset.h"
#include "host/driver/listener.h"
#include "host/project/project.h"

namespace mote {

struct ClassFigures {
  std::size_t examples = 0;
  std::size_t called = 0;
  double precision = 0;  // of what was called this class, the share that is
  double recall = 0;     // of what is this class, the share that was called so
  double f1 = 0;
};

// A threshold on the score of a class, and what it does to clips.
struct RocPoint {
  double threshold = 0;  // share of full certainty
  double false_positive_rate = 0;
  double true_positive_rate = 0;
};

struct WrongAnswer {
  std::size_t example = 0;  // index into Dataset::examples()
  std::size_t is = 0;
  std::size_t called = 0;
  double score = 0;  // of the class it was called
};

struct ClipFigures {
  std::vector<std::string> classes;
  std::vector<std::vector<std::size_t>> confusion;  // [true class][called]
  std::vector<ClassFigures> by_class;
  std::vector<std::vector<RocPoint>> roc;  // by class; empty for a class that all or no clips are of
  std::vector<WrongAnswer> wrong;          // most certain first
  std::size_t clips = 0;
  double accuracy = 0;
  std::optional<double> float_accuracy;  // of the network before quantisation, on the same features
};

// One threshold of the detector over a stream.
struct DetectionPoint {
  std::int32_t threshold = 0;  // as in DetectorParams
  double false_accepts_per_hour = 0;
  double false_rejects = 0;  // share of keywords
};

// Where the keyword is said in a stream, and when it was heard.
struct Utterance {
  double begin_s = 0;
  double end_s = 0;
  std::optional<double> heard_s;
};

struct StreamFigures {
  std::string keyword;
  double seconds = 0;          // of the whole stream
  double seconds_without = 0;  // of it, without keywords
  std::size_t others = 0;      // recordings of other classes in it
  std::vector<Utterance> keywords;
  std::size_t heard = 0;              // of them
  std::vector<double> false_accepts;  // when
  runtime::DetectorParams detector{};
  std::string threshold_from;          // where it was chosen
  double decision_s = 0;               // from one decision to the next
  std::vector<DetectionPoint> points;  // by threshold
  // The detector's mean at every decision of the first minute, as a share of full certainty.
  std::vector<double> scores;
  double first_decision_s = 0;

  [[nodiscard]] double false_accepts_per_hour() const;
  [[nodiscard]] double false_reject_rate() const;
};

struct HardwareFigures {
  std::string name;
  double clock_hz = 0;
  double seconds = 0;  // of a decision
  double microjoules = 0;
  double band_percent = 0;
  std::string rests_on;
};

struct BoardFigures {
  std::string board;
  std::size_t clips = 0;                            // that were decided there
  std::vector<std::vector<std::size_t>> confusion;  // of them
  double accuracy = 0;
  std::size_t decisions = 0;            // that were compared, of clips and stream
  std::size_t differing_decisions = 0;  // in any byte of the outputs
  double stream_seconds = 0;
  std::vector<Utterance> keywords;  // of that part of the stream
  std::vector<double> false_accepts;
  std::size_t differing_detections = 0;
  double emulation_seconds = 0;
  ListenerCost cost;
  std::optional<HardwareFigures> hardware;
};

struct Evaluation {
  data::Split split = data::Split::test;
  std::string model_hash;
  std::string data_hash;
  ClipFigures clips;
  std::optional<StreamFigures> stream;  // none: the split has no keyword
  std::optional<BoardFigures> board;
};

struct EvaluateOptions {
  data::Split split = data::Split::test;
  std::string board;                 // empty: only the host
  double board_stream_seconds = 60;  // of the stream, from its begin, on the board
  std::size_t board_clips = 500;     // at most, spread over all
  double snr_db = 10;                // of the recordings over the noise that runs through the stream
  std::function<void(const std::string& stage, std::size_t done, std::size_t all)> progress;
};

// The stream is made of the split's recordings in a seeded order with pauses between them, over the split's noise that
// runs through all of it, so that a detection counts as right from a keyword's begin to a second after its end.
// The threshold is detector.threshold_percent, or else chosen on the stream of the validation split (on this one, where
// that has no keyword): of all thresholds with at most detector.false_accepts_per_hour, those with the fewest
// keywords missed, and of these the greatest, for a stream shows misses sooner than false accepts.
// Errors: no model; a model of other classes or another size; no examples in the split; what running reports.
Result<Evaluation> evaluate(const Project& project, const EvaluateOptions& options);

// What evaluation.json holds, and `mote report` reads.
[[nodiscard]] nlohmann::json evaluation_json(const Evaluation& evaluation, const data::Dataset& dataset);
[[nodiscard]] std::filesystem::path evaluation_file(const Project& project);

}  // namespace mote
