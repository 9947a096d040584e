// Firmware that listens: front end, model and detector over a stream of samples, for an emulated board.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "device/runtime/detector.h"
#include "host/base/result.h"
#include "host/driver/compile.h"
#include "host/signal/front_end.h"

namespace mote {

struct Listener {
  const Graph& graph;
  const signal::FrontEnd& front_end;
  const signal::Normalisation& normalisation;
  std::size_t rows = 0;         // of the model's window
  std::size_t stride_rows = 1;  // between decisions
  std::size_t keyword = 0;      // class
  runtime::DetectorParams detector{};
};

// What was decided at one point of a stream.
struct Decision {
  std::size_t rows = 0;  // that had come
  bool heard = false;
  std::vector<std::int8_t> outputs;
  bool operator==(const Decision&) const = default;
};

// On the host: with the same device code, and the interpreter.
Result<std::vector<Decision>> listen_on_host(const Listener& listener, std::span<const std::int16_t> samples);

struct BoardListening {
  std::vector<std::vector<Decision>> decisions;  // by stream
  std::uint64_t most_instructions = 0;           // of a portion of samples
  double seconds = 0;
};

// The same as firmware, each stream from the beginning. Errors: what compiling and running report; a front end with
// deltas.
Result<BoardListening> listen_on_board(const Listener& listener, const std::string& board, Goal goal,
                                       std::span<const std::vector<std::int16_t>> streams);

}  // namespace mote
