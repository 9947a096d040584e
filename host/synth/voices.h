// Speech synthesizers as programs: which voices they have, what a text sounds like in phonemes, and a text spoken.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/data/store.h"

namespace mote::synth {

enum class Engine : std::uint8_t { espeak, flite, festival };

struct Voice {
  Engine engine = Engine::espeak;
  std::string name;     // as the engine knows it
  std::string speaker;  // who it sounds like: voices of one speaker are never in two splits, whatever the engine
  data::Split split = data::Split::train;
};

// The voices that are installed. The split follows the speaker: rms is kept for testing, awb for validation, the other
// recorded voices are learned from, and espeak-ng's many are dealt out by the hash of their names.
// Errors: there is none, with what to install.
Result<std::vector<Voice>> installed_voices(int validation_percent, int test_percent);

// How a text is spoken.
struct Utterance {
  std::string text;
  Voice voice;
  double speed = 1;  // 1: as the voice speaks
  double pitch = 1;
};

// Speaks them into `files`, one WAV each. Festival takes a second to start, so its utterances should come together.
// Errors: the program fails; interrupted.
Status speak(const std::vector<Utterance>& utterances, const std::vector<std::filesystem::path>& files,
             const std::filesystem::path& scratch);

// One list of phonemes per line or clause, by espeak-ng's rules for English; stress is left out. Errors: espeak-ng is
// missing.
Result<std::vector<std::vector<std::string>>> phonemes_of(const std::vector<std::string>& texts,
                                                          const std::filesystem::path& scratch);

// How many phonemes of the longer one are out of place, from 0 (the same) to 1.
[[nodiscard]] double phoneme_distance(const std::vector<std::string>& a, const std::vector<std::string>& b);

}  // namespace mote::synth
