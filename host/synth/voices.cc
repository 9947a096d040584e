// espeak-ng, flite and festival.
#include "host/synth/voices.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <sstream>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/data/dataset.h"

namespace mote::synth {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kTimeout{10};  // a batch takes seconds; a busy computer makes them many
constexpr const char* kAccents[] = {"en-us",          "en-gb",          "en-gb-scotland", "en-gb-x-rp",
                                    "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"};
// Variants that are effects rather than people.
constexpr std::string_view kNotPeople[] = {"AnxiousAndy", "Demonic", "Storm",     "Tweaky",  "UniRobot", "anikaRobot",
                                           "announcer",   "croak",   "fast",      "whisper", "whisperf", "robosoft",
                                           "RicishayMax", "Mr",      "Half-Life", "grandpa", "Alex",     "Robosoft"};

Result<std::string> output_of(std::vector<std::string> argv) {
  ProcessOptions options;
  options.argv = std::move(argv);
  options.timeout = kTimeout;
  const std::string name = options.argv[0];
  MOTE_LET(done, run_process(options));
  if (!done.succeeded()) {
    return Error{
        done.timed_out ? std::string("took more than ten minutes") : fmt::format("failed: {}", done.err.substr(0, 200)),
        name, ""};
  }
  return std::move(done.out);
}

// The speaker of a recorded voice; several voices of flite and festival are one person.
std::string speaker_of(const std::string& voice) {
  for (const char* person : {"kal", "awb", "rms", "slt", "ked", "clb", "bdl", "jmk"}) {
    if (voice.find(person) != std::string::npos) return person;
  }
  return voice;
}

data::Split split_of_person(const std::string& speaker) {
  if (speaker == "rms") return data::Split::test;
  if (speaker == "awb") return data::Split::validation;
  return data::Split::train;
}

void add_espeak(std::vector<Voice>& out, int validation_percent, int test_percent) {
  auto listed = output_of({"espeak-ng", "--voices=variant"});
  if (!listed.ok()) return;
  std::istringstream lines(listed.value());
  std::string line;
  while (std::getline(lines, line)) {
    const std::size_t at = line.find("!v/");
    if (at == std::string::npos) continue;
    const std::string variant = line.substr(at + 3, line.find_first_of(" \t", at) - at - 3);
    const bool person = std::ranges::none_of(kNotPeople, [&](std::string_view n) { return variant.starts_with(n); });
    if (!person || variant.empty()) continue;
    const std::string speaker = "espeak-ng " + variant;
    const data::Split split = data::split_of(speaker, validation_percent, test_percent);
    for (const char* accent : kAccents)
      out.push_back({Engine::espeak, fmt::format("{}+{}", accent, variant), speaker, split});
  }
}

void add_flite(std::vector<Voice>& out) {
  auto listed = output_of({"flite", "-lv"});
  if (!listed.ok()) return;
  std::istringstream words(listed.value().substr(std::min(listed.value().find(':') + 1, listed.value().size())));
  for (std::string voice; words >> voice;) {
    if (voice == "awb_time") continue;  // can only tell the time
    out.push_back({Engine::flite, voice, speaker_of(voice), split_of_person(speaker_of(voice))});
  }
}

void add_festival(std::vector<Voice>& out) {
  auto listed = output_of({"festival", "-b", "(print (voice.list))"});
  if (!listed.ok()) return;
  std::string text = listed.value();
  std::ranges::replace_if(text, [](char c) { return c == '(' || c == ')'; }, ' ');
  std::istringstream words(text);
  for (std::string voice; words >> voice;) {
    out.push_back({Engine::festival, voice, speaker_of(voice), split_of_person(speaker_of(voice))});
  }
}

std::string scheme_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

Status speak_espeak(const Utterance& u, const fs::path& file) {
  MOTE_LET(out, output_of({"espeak-ng", "-v", u.voice.name, "-s", fmt::format("{:.0f}", 165 * u.speed), "-p",
                           fmt::format("{:.0f}", std::clamp(50 + 100 * (u.pitch - 1), 0.0, 99.0)), "-w", file.string(),
                           "--", u.text}));
  static_cast<void>(out);
  return {};
}

Status speak_flite(const Utterance& u, const fs::path& file) {
  MOTE_LET(out,
           output_of({"flite", "-voice", u.voice.name, "--setf", fmt::format("duration_stretch={:.3f}", 1 / u.speed),
                      "--setf", fmt::format("int_f0_target_mean={:.1f}", (u.voice.name == "slt" ? 170 : 105) * u.pitch),
                      "-t", u.text, "-o", file.string()}));
  static_cast<void>(out);
  return {};
}

Status speak_festival(const std::vector<Utterance>& utterances, const std::vector<fs::path>& files,
                      const fs::path& scratch) {
  std::string script;
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    const Utterance& u = utterances[i];
    script += fmt::format("(voice_{})\n(Parameter.set 'Duration_Stretch {:.3f})\n", u.voice.name, 1 / u.speed);
    if (u.voice.name.find("diphone") != std::string::npos) {
      script += fmt::format(
          "(set! int_lr_params '((target_f0_mean {:.1f}) (target_f0_std 14) (model_f0_mean 170) "
          "(model_f0_std 34)))\n",
          105 * u.pitch);
    }
    script += fmt::format("(utt.save.wave (utt.synth (Utterance Text {})) {} 'riff)\n", scheme_string(u.text),
                          scheme_string(files[i].string()));
  }
  const fs::path file = scratch / (files[0].stem().string() + ".scm");
  MOTE_TRY(write_file(file, script));
  MOTE_LET(out, output_of({"festival", "-b", file.string()}));
  static_cast<void>(out);
  return {};
}

}  // namespace

Result<std::vector<Voice>> installed_voices(int validation_percent, int test_percent) {
  std::vector<Voice> out;
  add_espeak(out, validation_percent, test_percent);
  add_flite(out);
  add_festival(out);
  if (interrupted()) return Error{"interrupted", "", ""};
  if (out.empty()) {
    return Error{"there is no speech synthesizer", "", "apt-get install espeak-ng flite festival festvox-kallpc16k"};
  }
  return out;
}

Status speak(const std::vector<Utterance>& utterances, const std::vector<fs::path>& files, const fs::path& scratch) {
  if (utterances.empty()) return {};
  if (utterances[0].voice.engine == Engine::festival) return speak_festival(utterances, files, scratch);
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    MOTE_TRY(utterances[i].voice.engine == Engine::espeak ? speak_espeak(utterances[i], files[i])
                                                          : speak_flite(utterances[i], files[i]));
  }
  return {};
}

Result<std::vector<std::vector<std::string>>> phonemes_of(const std::vector<std::string>& texts,
                                                          const fs::path& scratch) {
  std::string all;
  for (const std::string& t : texts) all += t + ".\n\n";  // a line of phonemes each
  const fs::path file = scratch / "phonemes.txt";
  MOTE_TRY(write_file(file, all));
  MOTE_LET(program, find_program("espeak-ng", "espeak-ng"));
  MOTE_LET(out, output_of({program.string(), "-v", "en-us", "-q", "-x", "--sep=_", "-f", file.string()}));
  std::vector<std::vector<std::string>> lists;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string>& list = lists.emplace_back();
    std::string phoneme;
    const auto finish = [&] {
      if (!phoneme.empty()) list.push_back(phoneme);
      phoneme.clear();
    };
    for (const char c : line) {
      if (c == '_' || c == ' ') {
        finish();
      } else if (c != '\'' && c != ',' && c != '%' && c != '=' && c != '|') {
        phoneme += c;
      }
    }
    finish();
  }
  return lists;
}

double phoneme_distance(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty() && b.empty()) return 0;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return static_cast<double>(row.back()) / static_cast<double>(std::max(a.size(), b.size()));
}

}  // namespace mote::synth
