// Recipes first, then sound: the recipes are a list that depends on nothing but the options.
#include "host/synth/synth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <random>
#include <set>

#include "host/base/file.h"
#include "host/base/hash.h"
#include "host/data/read.h"
#include "host/data/resample.h"
#include "host/synth/voices.h"
#include "host/synth/words.h"

namespace mote::synth {
namespace {

namespace fs = std::filesystem;
using data::Split;

// One clip to be made.
struct Recipe {
  std::string source;  // names it in the store: equal recipes make equal clips
  std::string label;
  std::string group;
  std::string origin;
  Split split = Split::train;
  std::vector<Utterance> speech;  // one: speech; several: babble; none: noise
  std::string noise;
  std::uint64_t seed = 0;
};

// Reproducible on every computer, unlike the distributions of the standard library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : bits_(seed) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(bits_() % n); }
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(bits_() >> 11U) / static_cast<double>(1ULL << 53U);
  }

 private:
  std::mt19937_64 bits_;
};

constexpr std::string_view kNoises[] = {"white", "pink", "brown", "hum", "babble"};
constexpr double kNoiseSeconds = 5;
constexpr const char* kEngineNames[] = {"espeak-ng", "flite", "festival"};

Error unsayable(const std::string& text) {
  return {fmt::format("no voice can say '{}'", text), "", "give words of letters, or spell it: --say \"tiny M L\""};
}

// Voices by split; engines are drawn with equal right, so that espeak-ng's hundreds do not drown the others.
class Cast {
 public:
  explicit Cast(const std::vector<Voice>& voices) {
    for (const Voice& v : voices) {
      by_split_[static_cast<std::size_t>(v.split)][static_cast<std::size_t>(v.engine)].push_back(&v);
    }
  }
  [[nodiscard]] bool has(Split split) const {
    return std::ranges::any_of(by_split_[static_cast<std::size_t>(split)], [](const auto& v) { return !v.empty(); });
  }
  const Voice& draw(Split split, Dice& dice) const {
    const auto& engines = by_split_[static_cast<std::size_t>(split)];
    // Half to espeak-ng with its many speakers, the other half to the recorded voices.
    std::vector<std::size_t> choices;
    for (std::size_t e = 0; e < 3; ++e) {
      if (!engines[e].empty()) choices.insert(choices.end(), e == 0 ? 2 : 1, e);
    }
    const auto& voices = engines[choices[dice.below(choices.size())]];
    return *voices[dice.below(voices.size())];
  }

 private:
  std::vector<const Voice*> by_split_[3][3];
};

Utterance draw_utterance(const std::string& text, Split split, const Cast& cast, Dice& dice) {
  Utterance u;
  u.text = text;
  u.voice = cast.draw(split, dice);
  // To the digits that the programs are given, so that a recipe says exactly what is heard. Voices that are put
  // together from recordings keep the pitch they were recorded at.
  const bool recorded = u.voice.engine != Engine::espeak && u.voice.speaker != "kal" && u.voice.speaker != "ked";
  u.speed = std::round(dice.between(0.8, 1.3) * 1000) / 1000;
  u.pitch = std::round(dice.between(0.8, 1.25) * 100) / 100;
  if (recorded) u.pitch = 1;
  return u;
}

std::string spoken_source(const Utterance& u) {
  return fmt::format("synth/{}/{}/s{:.3f}p{:.2f}/{}", kEngineNames[static_cast<std::size_t>(u.voice.engine)],
                     u.voice.name, u.speed, u.pitch, u.text);
}

class Planner {
 public:
  Planner(const Project& project, const SynthOptions& options, const std::vector<Voice>& voices)
      : options_(options), cast_(voices), dice_(options.seed) {
    validation_ = static_cast<double>(project.integer("data.validation_percent")) / 100;
    test_ = static_cast<double>(project.integer("data.test_percent")) / 100;
  }

  std::vector<Recipe> plan(const std::vector<std::string>& says, const std::vector<std::string>& near,
                           const std::string& label) {
    for (std::size_t i = 0; i < options_.count; ++i) add(says[i % says.size()], label);
    for (std::size_t i = 0; i < options_.others; ++i) {
      if (i % 2 == 0 && !near.empty()) {
        add(near[dice_.below(near.size())], data::kUnknownLabel);
      } else {
        add(other_words(1 + dice_.below(2)), data::kUnknownLabel);
      }
    }
    for (std::size_t i = 0; i < options_.noise; ++i) add_noise(i);
    return std::move(recipes_);
  }

 private:
  // A share of every label for each split, as evenly as whole numbers allow.
  Split next_split(const std::string& label) {
    std::array<double, 3>& debt = debts_[label];
    const std::array<double, 3> share = {1 - validation_ - test_, validation_, test_};
    std::size_t most = 0;
    for (std::size_t s = 0; s < 3; ++s) {
      debt[s] += cast_.has(static_cast<Split>(s)) ? share[s] : 0;
      if (debt[s] > debt[most]) most = s;
    }
    debt[most] -= 1;
    return static_cast<Split>(most);
  }

  std::string other_words(std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) {
      out += (i == 0 ? "" : " ") + std::string(words()[dice_.below(words().size())]);
    }
    return out;
  }

  void add(const std::string& text, const std::string& label) {
    const Split split = next_split(label);
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
      Recipe r;
      r.speech = {draw_utterance(text, split, cast_, dice_)};
      const Voice& voice = r.speech[0].voice;
      r.source = spoken_source(r.speech[0]);
      r.label = label, r.group = voice.speaker, r.split = options_.split.value_or(split);
      r.origin = fmt::format("synthetic {}", kEngineNames[static_cast<std::size_t>(voice.engine)]);
      if (!seen_.insert(r.source).second) continue;
      recipes_.push_back(std::move(r));
      return;
    }
  }

  void add_noise(std::size_t i) {
    Recipe r;
    const Split split = next_split(data::kNoiseLabel);
    r.noise = kNoises[i % std::size(kNoises)];
    r.seed = (std::uint64_t{options_.seed} << 32U) + i;
    r.source = fmt::format("synth/noise/{}/{}", r.noise, r.seed);
    r.group = r.source;  // made anew each time, of voices of its own split
    r.label = data::kNoiseLabel, r.origin = "synthetic noise", r.split = options_.split.value_or(split);
    if (r.noise == "babble") {
      for (int k = 0; k < 5; ++k) r.speech.push_back(draw_utterance(other_words(12), split, cast_, dice_));
    }
    recipes_.push_back(std::move(r));
  }

  const SynthOptions& options_;
  Cast cast_;
  Dice dice_;
  double validation_ = 0;
  double test_ = 0;
  std::map<std::string, std::array<double, 3>> debts_;
  std::set<std::string> seen_;
  std::vector<Recipe> recipes_;
};

// Without the silence before and after, but for a little.
std::vector<std::int16_t> trimmed(const std::vector<std::int16_t>& sound, double rate_hz) {
  constexpr int kSilence = 100;  // -50 dBFS
  const auto loud = [](std::int16_t v) { return std::abs(v) > kSilence; };
  const auto first = std::find_if(sound.begin(), sound.end(), loud);
  const auto last = std::find_if(sound.rbegin(), sound.rend(), loud).base();
  if (first >= last) return {};
  const auto margin = static_cast<std::ptrdiff_t>(0.03 * rate_hz);
  return {first - std::min(margin, first - sound.begin()), last + std::min(margin, sound.end() - last)};
}

struct Made {
  std::vector<data::Content> contents;  // one per recipe; empty sound: it failed
  std::string problem;
};

// Recipes that are made in one go: festival takes longer to start than to speak.
struct Batch {
  std::vector<std::size_t> recipes;
};

std::vector<Batch> batches_of(const std::vector<Recipe>& recipes, const std::vector<bool>& wanted) {
  constexpr std::size_t kPerStart = 24;
  std::vector<Batch> out;
  Batch festival;
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    if (!wanted[i]) continue;
    if (recipes[i].speech.size() == 1 && recipes[i].speech[0].voice.engine == Engine::festival) {
      festival.recipes.push_back(i);
      if (festival.recipes.size() == kPerStart) out.push_back(std::exchange(festival, {}));
    } else {
      out.push_back({{i}});
    }
  }
  if (!festival.recipes.empty()) out.push_back(festival);
  return out;
}

class Studio {
 public:
  Studio(double rate_hz, fs::path scratch) : scratch_(std::move(scratch)) { how_.rate_hz = rate_hz; }

  Made make(const std::vector<Recipe>& recipes, const Batch& batch) const {
    Made out;
    if (batch.recipes.size() == 1 && recipes[batch.recipes[0]].speech.size() != 1) {
      auto sound = make_noise(recipes[batch.recipes[0]], batch.recipes[0]);
      if (!sound.ok()) {
        out.problem = sound.error().text();
        out.contents.emplace_back();
      } else {
        out.contents.push_back(content_of(std::move(sound).value()));
      }
      return out;
    }
    std::vector<Utterance> utterances;
    for (const std::size_t i : batch.recipes) utterances.push_back(recipes[i].speech[0]);
    auto sounds = say(utterances, fmt::format("{}", batch.recipes[0]));
    out.contents.resize(batch.recipes.size());
    if (!sounds.ok()) {
      out.problem = sounds.error().text();
      return out;
    }
    for (std::size_t i = 0; i < out.contents.size(); ++i) {
      out.contents[i] = content_of(trimmed(sounds.value()[i], how_.rate_hz));
    }
    return out;
  }

 private:
  data::Content content_of(std::vector<std::int16_t> sound) const {
    data::Content c;
    c.rate_hz = how_.rate_hz;
    c.steps = sound.size();
    c.sound = std::move(sound);
    return c;
  }

  Result<std::vector<std::vector<std::int16_t>>> say(const std::vector<Utterance>& utterances,
                                                     const std::string& name) const {
    std::vector<fs::path> files;
    for (std::size_t i = 0; i < utterances.size(); ++i) files.push_back(scratch_ / fmt::format("{}_{}.wav", name, i));
    Status spoken;
    if (utterances.size() > 1 && utterances[0].voice.engine != Engine::festival) {
      for (std::size_t i = 0; i < utterances.size() && spoken.ok(); ++i) {
        spoken = speak({utterances[i]}, {files[i]}, scratch_);
      }
    } else {
      spoken = speak(utterances, files, scratch_);
    }
    MOTE_TRY(std::move(spoken));
    std::vector<std::vector<std::int16_t>> out;
    for (const fs::path& file : files) {
      auto recording = data::read_recording(file, data::Kind::sound, how_);
      std::error_code code;
      fs::remove(file, code);
      out.push_back(recording.ok() ? std::move(recording.value().content.sound) : std::vector<std::int16_t>());
    }
    return out;
  }

  Result<std::vector<std::int16_t>> make_noise(const Recipe& r, std::size_t index) const {
    const auto elems = static_cast<std::size_t>(kNoiseSeconds * how_.rate_hz);
    std::vector<float> sum(elems, 0.0F);
    if (r.noise != "babble") sum = noise(r.noise, elems, how_.rate_hz, r.seed);
    for (std::size_t k = 0; k < r.speech.size(); ++k) {
      MOTE_LET(spoken, say({r.speech[k]}, fmt::format("{}_{}", index, k)));
      const std::vector<std::int16_t>& voice = spoken[0];
      // Around and around, so that nobody falls silent.
      for (std::size_t i = 0; i < elems && !voice.empty(); ++i) {
        sum[i] += static_cast<float>(voice[(i + k * elems / 5) % voice.size()]) / 32768.0F / 5;
      }
    }
    std::size_t clipped = 0;
    return data::to_int16(sum, clipped);
  }

  fs::path scratch_;
  data::ReadOptions how_;
};

}  // namespace

std::vector<float> noise(std::string_view kind, std::size_t elems, double rate_hz, std::uint64_t seed) {
  Dice dice(seed);
  std::vector<float> out(elems);
  constexpr double kLevel = 0.1;  // -20 dBFS
  // Uniform numbers have a variance of 1/3.
  const auto white = [&] { return dice.between(-1, 1) * std::numbers::sqrt3; };
  if (kind == "hum") {
    const double mains_hz = dice.below(2) == 0 ? 50 : 60;
    const double phase = dice.between(0, 2 * std::numbers::pi);
    for (std::size_t i = 0; i < elems; ++i) {
      const double t = 2 * std::numbers::pi * mains_hz * static_cast<double>(i) / rate_hz + phase;
      double v = 0.02 * white();
      for (const int harmonic : {1, 2, 3, 5, 7, 9}) v += std::sin(harmonic * t) / harmonic;
      out[i] = static_cast<float>(kLevel * v);
    }
    return out;
  }
  // Pink: row k of random numbers changes every 2^k samples (Voss and McCartney). Brown: one low pass at 20 Hz.
  std::array<double, 12> rows{};
  double squares = 0;
  for (std::size_t i = 0; i < elems; ++i) {
    double v = white();
    if (kind == "brown") {
      const double keep = std::exp(-2 * std::numbers::pi * 20 / rate_hz);
      v = rows[0] = keep * rows[0] + (1 - keep) * v;
    } else if (kind == "pink") {
      if (const auto k = static_cast<std::size_t>(std::countr_zero(i + 1)); k < rows.size()) rows[k] = white();
      for (const double row : rows) v += row;
    }
    out[i] = static_cast<float>(v);
    squares += v * v;
  }
  const double gain = kLevel / std::sqrt(squares / static_cast<double>(std::max<std::size_t>(1, elems)) + 1e-30);
  for (float& v : out) v = static_cast<float>(v * gain);
  return out;
}

Result<std::vector<std::string>> near_misses(const std::vector<std::string>& says, std::size_t count) {
  MOTE_LET(scratch, TemporaryFolder::create("phonemes"));
  std::vector<std::string> texts = says;
  std::vector<std::vector<std::string>> phonemes;
  for (const std::string& text : says) {
    MOTE_LET(clauses, phonemes_of({text}, scratch.path()));
    std::vector<std::string>& all = phonemes.emplace_back();
    for (const auto& clause : clauses) all.insert(all.end(), clause.begin(), clause.end());
    if (all.empty()) return unsayable(text);
  }
  MOTE_LET(of_words, phonemes_of(std::vector<std::string>(words().begin(), words().end()), scratch.path()));
  if (of_words.size() != words().size()) {
    return Error{fmt::format("gave phonemes for {} of {} words", of_words.size(), words().size()), "espeak-ng", ""};
  }
  texts.insert(texts.end(), words().begin(), words().end());
  phonemes.insert(phonemes.end(), of_words.begin(), of_words.end());
  using Phonemes = std::vector<std::string>;
  std::map<std::string, double> distance;  // of candidates to the nearest way to say the phrase
  const auto consider = [&](const std::string& text, const Phonemes& sounds) {
    double least = 1;
    for (std::size_t i = 0; i < says.size(); ++i) least = std::min(least, phoneme_distance(sounds, phonemes[i]));
    // What differs in less than a seventh of its sounds could be taken for the phrase by a person too.
    if (least < 0.15 || least > 0.75) return;
    distance.emplace(text, least);
  };
  for (std::size_t i = says.size(); i < texts.size(); ++i) consider(texts[i], phonemes[i]);
  // Two words: the best for the beginning of the phrase with the best for its end, at every place to cut it.
  for (std::size_t s = 0; s < says.size(); ++s) {
    const Phonemes& whole = phonemes[s];
    for (std::size_t at = 1; at < whole.size(); ++at) {
      const Phonemes head(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
      const Phonemes tail(whole.begin() + static_cast<std::ptrdiff_t>(at), whole.end());
      const auto best = [&](const Phonemes& part) {
        std::vector<std::pair<double, std::size_t>> ranked;
        for (std::size_t i = says.size(); i < texts.size(); ++i) {
          ranked.emplace_back(phoneme_distance(phonemes[i], part), i);
        }
        std::ranges::sort(ranked);
        ranked.resize(std::min<std::size_t>(ranked.size(), 5));
        return ranked;
      };
      const auto heads = best(head);
      const auto tails = best(tail);
      for (const auto& [hd, h] : heads) {
        for (const auto& [td, t] : tails) {
          Phonemes both = phonemes[h];
          both.insert(both.end(), phonemes[t].begin(), phonemes[t].end());
          consider(texts[h] + " " + texts[t], both);
        }
      }
    }
  }
  std::vector<std::pair<double, std::string>> ranked;
  for (const auto& [text, d] : distance) ranked.emplace_back(d, text);
  std::ranges::sort(ranked);
  std::vector<std::string> out;
  for (const auto& [d, text] : ranked) {
    if (out.size() < count) out.push_back(text);
  }
  return out;
}

Result<SynthReport> synthesise(const Project& project, const SynthOptions& options, const Progress& progress) {
  if (project.text("data.kind") != "sound") return Error{"only sound can be made", "", "data.kind = \"sound\""};
  const std::vector<std::string> says = options.says.empty() ? std::vector<std::string>{options.phrase} : options.says;
  constexpr std::size_t kLongestText = 200;
  for (const std::string& text : says) {
    if (text.empty() || text.size() > kLongestText || text.find_first_of("\r\n") != std::string::npos) {
      return unsayable(text.substr(0, 40));
    }
  }
  std::string label = options.phrase;
  std::ranges::replace(label, ' ', '_');
  MOTE_LET(voices, installed_voices(static_cast<int>(project.integer("data.validation_percent")),
                                    static_cast<int>(project.integer("data.test_percent"))));
  SynthReport report;
  constexpr std::size_t kNearMisses = 80;
  MOTE_LET(near, near_misses(says, kNearMisses));
  report.near_misses = near;
  const std::vector<Recipe> recipes = Planner(project, options, voices).plan(says, near, label);

  MOTE_LET(store, data::Store::open(project.data_folder(), true));
  std::vector<bool> wanted(recipes.size());
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    MOTE_LET(there, store.has_source(recipes[i].source));
    wanted[i] = !there;
    if (there) ++report.kept;
  }
  const std::vector<Batch> batches = batches_of(recipes, wanted);
  MOTE_LET(scratch, TemporaryFolder::create("synth"));
  const Studio studio(static_cast<double>(project.integer("data.sample_rate_hz")), scratch.path());
  MOTE_TRY(store.begin());
  std::size_t done = report.kept;
  const auto put = [&](std::size_t b, Made made) -> Status {
    for (std::size_t k = 0; k < made.contents.size(); ++k) {
      const Recipe& r = recipes[batches[b].recipes[k]];
      if (progress) progress(++done, recipes.size());
      if (made.contents[k].sound.empty()) {
        report.failed.push_back({r.source, made.problem.empty() ? "came out silent" : made.problem});
        continue;
      }
      data::Record record;
      record.label = r.label, record.group = r.group, record.origin = r.origin, record.source = r.source;
      record.split = r.split;
      MOTE_LET(what, store.put(record, made.contents[k]));
      if (what != data::Put::added) {
        ++report.duplicates;
        continue;
      }
      ++report.made;
      ++report.labels[r.label];
      ++report.engines[r.origin];
    }
    constexpr std::size_t kPerCommit = 64;
    if ((b + 1) % kPerCommit != 0) return {};
    MOTE_TRY(store.commit());
    return store.begin();
  };
  const Status status =
      parallel_ordered<Made>(batches.size(), [&](std::size_t b) { return studio.make(recipes, batches[b]); }, put);
  const Status committed = store.commit();
  if (!status.ok() && status.error().what == "interrupted") {
    return Error{fmt::format("interrupted: {} of {} are made", done, recipes.size()), "",
                 "the same command goes on from there"};
  }
  MOTE_TRY(status);
  MOTE_TRY(committed);
  return report;
}

}  // namespace mote::synth
