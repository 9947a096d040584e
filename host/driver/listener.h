// Firmware that listens: front end, model and detector over a stream of samples, for an emulated board.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/runtime/detector.h"
#include "host/base/parallel.h"
#include "host/base/result.h"
#include "host/cycles/hardware.h"
#include "host/driver/compile.h"
#include "host/emulate/firmware.h"
#include "host/interpret/interpreter.h"
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

// Outputs of an int8 or float model for `count` inputs, on all cores. input(i) is called from several threads.
// Errors: what the interpreter reports; "interrupted".
Result<std::vector<Bytes>> run_windows(const Graph& graph, std::size_t count,
                                       const std::function<Bytes(std::size_t)>& input, const Progress& progress = {});

// The window that ends after so many rows of features, as the model's input.
[[nodiscard]] Bytes window_of(const Listener& listener, const std::vector<std::int8_t>& rows, std::size_t end);

// On the host: with the same device code, and the interpreter.
Result<std::vector<Decision>> listen_on_host(const Listener& listener, std::span<const std::int16_t> samples,
                                             const Progress& progress = {});

// What it costs to listen, on the board.
struct ListenerCost {
  FirmwareSizes sizes;
  std::uint32_t stack_bytes = 0;
  // A decision: features of its new rows, inference, detector; means.
  double instructions = 0;
  double feature_instructions = 0;  // of it
  double cycles = 0;                // without wait states; 0: no emulated board
  double band_percent = 0;
  std::string rests_on;
  double hardware_cycles = 0;  // with the hardware's memory; 0: none was given
  double hardware_band_percent = 0;
};

struct BoardListening {
  std::vector<std::vector<Decision>> decisions;  // by stream
  ListenerCost cost;
  double seconds = 0;  // that the emulator took
};

struct BoardListenOptions {
  std::string board;
  Goal goal = Goal::balanced;
  std::optional<Hardware> hardware;
};

// The same as firmware, each stream from the beginning. Errors: what compiling and running report; a front end with
// deltas; hardware with another core than the board's.
Result<BoardListening> listen_on_board(const Listener& listener, const BoardListenOptions& options,
                                       std::span<const std::vector<std::int16_t>> streams);

}  // namespace mote
