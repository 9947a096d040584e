// How good a project's model is: on clips and on streams, on the host and on an emulated board.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/data/dataset.h"
#include "host/project/project.h"

namespace mote {

struct ClassFigures {
  std::size_t examples = 0;
  double precision = 0;  // of what was called this class, the share that is
  double recall = 0;     // of what is this class, the share that was called so
  double f1 = 0;
};

struct ClipFigures {
  std::vector<std::string> classes;
  std::vector<std::vector<std::size_t>> confusion;  // [true class][called]
  std::vector<ClassFigures> by_class;
  std::size_t clips = 0;
  double accuracy = 0;
};

// One threshold of the detector over a stream.
struct DetectionPoint {
  std::int32_t threshold = 0;  // as in DetectorParams
  double false_accepts_per_hour = 0;
  double false_rejects = 0;  // share of keywords
};

struct StreamFigures {
  std::string keyword;
  double seconds = 0;          // of the whole stream
  double seconds_without = 0;  // of it, without keywords
  std::size_t keywords = 0;
  std::size_t heard = 0;  // keywords, at the threshold
  std::size_t false_accepts = 0;
  std::int32_t threshold = 0;
  std::int32_t smoothing = 0;
  std::vector<DetectionPoint> points;  // by threshold
  std::vector<double> detections;      // seconds, at the threshold
};

struct BoardFigures {
  std::string board;
  std::size_t decisions = 0;            // that were compared
  std::size_t differing_decisions = 0;  // in any byte of the outputs
  std::size_t detections = 0;           // in the stream
  std::size_t differing_detections = 0;
  std::uint64_t instructions = 0;  // of the costliest portion of samples: features and inference
  double seconds = 0;              // that the emulator took
};

struct Evaluation {
  ClipFigures clips;
  StreamFigures stream;
  std::vector<BoardFigures> boards;
};

struct EvaluateOptions {
  data::Split split = data::Split::test;
  std::string board;                 // empty: only the host
  double board_stream_seconds = 60;  // of the stream, from its begin, on the board
  std::size_t board_clips = 200;     // spread over all
  std::function<void(std::size_t done, std::size_t all)> progress;
};

// The stream is made of the split's recordings: keywords with noise or other recordings between them, its parts and
// gaps known, so that a detection counts as right from a keyword's begin to a second after its end. The threshold is
// the least with no more false accepts per hour than detector.false_accepts_per_hour.
// Errors: no model; no examples in the split; what running reports.
Result<Evaluation> evaluate(const Project& project, const EvaluateOptions& options);

}  // namespace mote
