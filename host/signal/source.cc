// Writes initialisers in the order of the members.
#include "host/signal/source.h"

#include <fmt/format.h>

namespace mote::signal {
namespace {

class Writer {
 public:
  explicit Writer(const FrontEnd& front_end) : front_end_(front_end) {}

  [[nodiscard]] std::string table(const std::int16_t* data) const {
    for (const FrontEnd::Table& t : front_end_.tables()) {
      if (t.values.data() == data) return constant(t.name);
    }
    return "nullptr";
  }
  [[nodiscard]] std::string operator()(const FrameParams& p) const {
    return fmt::format("{{{}, {}}}", p.frame_elems, p.hop_elems);
  }
  [[nodiscard]] std::string operator()(const SpectrumParams& p) const {
    return fmt::format("{{{}, {}, {}, {}, {}}}", (*this)(p.frame), p.fft_log2, p.pre_emphasis, table(p.window),
                       table(p.twiddles));
  }
  [[nodiscard]] std::string operator()(const MelParams& p) const {
    return fmt::format("{{{}, {}, {}, {}}}", p.bands, table(p.edges), table(p.rise), table(p.log_gain));
  }
  [[nodiscard]] std::string operator()(const SpectrogramParams& p) const {
    return fmt::format("{{{}, {}}}", (*this)(p.spectrum), p.floor);
  }
  [[nodiscard]] std::string operator()(const MfeParams& p) const {
    return fmt::format("{{{}, {}, {}}}", (*this)(p.spectrum), (*this)(p.mel), p.floor);
  }
  [[nodiscard]] std::string operator()(const MfccParams& p) const {
    return fmt::format("{{{}, {}, {}, {}, {}}}", (*this)(p.mfe), p.coefficients, p.dct_bits, p.shift, table(p.dct));
  }
  [[nodiscard]] std::string operator()(const PcenParams& p) const {
    return fmt::format("{{{}, {}, {}, {}, {}, {}U, {}, {}, {}}}", (*this)(p.spectrum), (*this)(p.mel), p.smoothing,
                       p.gain, p.power, p.epsilon, p.log2_bias, p.bias_power, p.fraction_bits);
  }
  [[nodiscard]] std::string operator()(const MicroFrontEndParams& p) const {
    return fmt::format("{{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}}", (*this)(p.frame),
                       p.fft_log2, table(p.window), table(p.twiddles), p.bands, table(p.edges), table(p.rise),
                       table(p.fall), p.smoothing_bits, p.even_smoothing, p.odd_smoothing, p.min_signal_remaining,
                       p.gain_control, p.gain_shift, table(p.gain_table), p.log_shift, p.output_shift);
  }

  // "mel_edges" -> "kMelEdges"
  [[nodiscard]] static std::string constant(std::string_view name) {
    std::string out = "k";
    bool starts_word = true;
    for (const char c : name) {
      if (c != '_') out += starts_word ? static_cast<char>(c - 'a' + 'A') : c;
      starts_word = c == '_';
    }
    return out;
  }

 private:
  const FrontEnd& front_end_;
};

std::string_view type_of(const BlockParams& params) {
  constexpr std::string_view kNames[] = {"SpectrogramParams", "MfeParams", "MfccParams", "PcenParams",
                                         "MicroFrontEndParams"};
  return kNames[params.index()];
}

}  // namespace

std::string front_end_source(const FrontEnd& front_end, std::string_view name) {
  std::string out = fmt::format(
      "// The front end '{}': {}, {} numbers a row.\n#pragma once\n\n#include <cstdint>\n\n"
      "#include \"contract/signal/channel_params.h\"\n#include \"contract/signal/mfe_params.h\"\n"
      "#include \"contract/signal/micro_front_end_params.h\"\n#include \"contract/signal/spectrum_params.h\"\n\n"
      "namespace {} {{\n\n",
      name, to_string(front_end.config().block), front_end.channels(), name);
  for (const FrontEnd::Table& t : front_end.tables()) {
    out += fmt::format("alignas(4) inline constexpr std::int16_t {}[] = {{", Writer::constant(t.name));
    for (std::size_t i = 0; i < t.values.size(); ++i) {
      out += i % 20 == 0 ? "\n    " : " ";
      out += fmt::format("{},", t.values[i]);
    }
    out += "\n};\n";
  }
  out += fmt::format("\ninline constexpr mote::signal::{} kParams = {};\n", type_of(front_end.params()),
                     std::visit(Writer(front_end), front_end.params()));
  if (const DeltaParams& d = front_end.deltas(); front_end.config().delta_reach != 0) {
    out += fmt::format("inline constexpr mote::signal::DeltaParams kDeltas = {{{}, {}, {}}};\n", d.channels, d.reach,
                       d.multiplier);
  }
  return out + fmt::format("\n}}  // namespace {}\n", name);
}

}  // namespace mote::signal
