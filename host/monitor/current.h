// Logs of a current probe, and which part of them belongs to which inference.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/monitor/marks.h"

namespace mote {

struct CurrentLog {
  std::vector<double> seconds;  // rising
  std::vector<double> amperes;
  std::vector<double> marker;  // a logic channel that is high while the chip infers; empty: none was logged
};

// A CSV file whose title line names its columns: time_s, time_ms or time_us; current_a, current_ma, current_ua or
// current_na; perhaps marker. Errors: another title line; a line that is no numbers; times that do not rise.
Result<CurrentLog> read_current_log(const std::filesystem::path& path);

// From when to when the chip inferred, in seconds of the log.
struct Pulse {
  double begin = 0;
  double end = 0;
};

// Where the marker is high, or, without one, where the current is above a quarter of the way from low to high, ends
// between samples by interpolation. Only pulses whose length fits `seconds`, by two samples and a fifth.
[[nodiscard]] std::vector<Pulse> find_pulses(const CurrentLog& log, double seconds);

// Joules between two times of the log, by the trapezoidal rule.
[[nodiscard]] double energy_between(const CurrentLog& log, double begin, double end, double volts);

struct MeasuredEnergy {
  std::size_t pulses = 0;       // inferences found in the log
  std::size_t runs = 0;         // inferences that the chip reported
  double inference_j = 0;       // mean
  double idle_w = 0;            // mean between the pulses
  std::vector<double> layer_j;  // mean, by layer; their sum is inference_j
};

// Pulses and runs in their order, the first with the first; every pulse is divided among the layers as the chip's
// cycles say. Errors: no pulse that is as long as an inference; runs of differing numbers of layers, or none.
Result<MeasuredEnergy> measure_energy(const CurrentLog& log, const std::vector<MarkedRun>& runs, double volts);

}  // namespace mote
