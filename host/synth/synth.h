// Makes examples of a phrase, of what sounds like it, of other words, and noises.
#pragma once

#include <string>
#include <vector>

#include "host/base/parallel.h"
#include "host/data/import.h"

namespace mote::synth {

struct SynthOptions {
  std::string phrase;             // its label, with _ for spaces
  std::vector<std::string> says;  // what voices are given to read, where that is not the phrase: "tiny M L"
  std::size_t count = 1000;       // of the phrase
  std::size_t others = 1000;      // half of them near misses, half other words; label _unknown_
  std::size_t noise = 0;          // clips of noise; label _noise_
  std::uint32_t seed = 1;
  std::optional<data::Split> split;  // of all voices; else test and validation have voices of their own
};

struct SynthReport {
  std::size_t made = 0;
  std::size_t kept = 0;        // were there from an earlier run
  std::size_t duplicates = 0;  // voices that said exactly what another had said
  std::map<std::string, std::size_t> labels;
  std::map<std::string, std::size_t> engines;
  std::vector<std::string> near_misses;
  std::vector<data::Problem> failed;
};

// What is made follows from the options, the project's splits and the voices installed: a run that was interrupted is
// taken up by the next with the same options, and ends at the same data set.
// Errors: a phrase without a phoneme; no synthesizer; disk full; interrupted.
Result<SynthReport> synthesise(const Project& project, const SynthOptions& options, const Progress& progress = {});

// Phrases that share phonemes with `say` but are not it, nearest first.
Result<std::vector<std::string>> near_misses(const std::vector<std::string>& says, std::size_t count);

// One of the noises: white, pink, brown or hum, of this many samples; a pure function of its arguments.
[[nodiscard]] std::vector<float> noise(std::string_view kind, std::size_t elems, double rate_hz, std::uint64_t seed);

}  // namespace mote::synth
