// Windows, twiddles, mel weights, cosine and gain tables from a configuration.
#include "host/signal/front_end.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "host/base/suggest.h"

namespace mote::signal {
namespace {

constexpr double kPi = std::numbers::pi;

double hz_to_mel(double hz, MelScale scale) {
  if (scale == MelScale::htk) return 2595.0 * std::log10(1.0 + hz / 700.0);
  constexpr double kStep = 200.0 / 3.0;  // Hz a mel below 1 kHz
  constexpr double kKnee = 1000.0;
  return hz < kKnee ? hz / kStep : kKnee / kStep + std::log(hz / kKnee) * 27.0 / std::log(6.4);
}

double mel_to_hz(double mel, MelScale scale) {
  if (scale == MelScale::htk) return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0);
  constexpr double kStep = 200.0 / 3.0;
  constexpr double kKneeMel = 15.0;
  return mel < kKneeMel ? mel * kStep : 1000.0 * std::exp((mel - kKneeMel) * std::log(6.4) / 27.0);
}

std::int16_t q15(double x) {
  return static_cast<std::int16_t>(std::clamp(std::floor(x * 32767.0 + 0.5), -32767.0, 32767.0));
}

Error out_of_range(std::string_view name, double value, std::string_view range, std::string_view fix) {
  return Error{fmt::format("{} is {}, which is not in {}", name, value, range), "signal", std::string(fix)};
}

// Checks that value lies in [low, high]; NaN does not.
Status within(std::string_view name, double value, double low, double high) {
  if (value >= low && value <= high) return {};
  return out_of_range(name, value, fmt::format("[{}, {}]", low, high), fmt::format("set {} within that range", name));
}

struct Bank {
  std::vector<std::int16_t> edges;
  std::vector<std::int16_t> rise;
  std::vector<std::int16_t> fall;
};

Error empty_band(int band, double low_hz, double high_hz, const FrontEndConfig& config, int fft_elems) {
  return Error{fmt::format("band {} ({:.0f} to {:.0f} Hz) holds none of the frequencies of a {}-point FFT at {} Hz",
                           band, low_hz, high_hz, fft_elems, config.sample_rate_hz),
               "signal", "use fewer bands, a higher low_hz, or a larger fft_elems"};
}

// Triangles that are straight in Hz, with corners equally far apart in mel.
Result<Bank> mel_bank(const FrontEndConfig& config, int fft_elems) {
  const double low = hz_to_mel(config.low_hz, config.mel_scale);
  const double high = hz_to_mel(config.high_hz, config.mel_scale);
  const double step_hz = static_cast<double>(config.sample_rate_hz) / fft_elems;
  std::vector<double> corners;
  for (int i = 0; i < config.bands + 2; ++i) {
    corners.push_back(mel_to_hz(low + (high - low) * i / (config.bands + 1), config.mel_scale) / step_hz);
  }
  // A frequency just on the lowest corner weighs nothing, and neither does half the sample rate.
  Bank bank;
  for (const double corner : corners) {
    const int edge = static_cast<int>(std::ceil(corner - 1e-9));
    bank.edges.push_back(static_cast<std::int16_t>(std::clamp(edge, 1, fft_elems / 2)));
  }
  for (std::size_t s = 0; s + 1 < corners.size(); ++s) {
    for (int k = bank.edges[s]; k < bank.edges[s + 1]; ++k) {
      const double weight = std::clamp((k - corners[s]) / (corners[s + 1] - corners[s]), 0.0, 1.0);
      bank.rise.push_back(static_cast<std::int16_t>(std::lround(weight * 4096)));
    }
  }
  for (int b = 0; b < config.bands; ++b) {
    const auto at = static_cast<std::size_t>(b);
    const auto begin = bank.rise.begin() - bank.edges[0];
    const bool rises = std::any_of(begin + bank.edges[at], begin + bank.edges[at + 1], [](int w) { return w > 0; });
    const bool falls =
        std::any_of(begin + bank.edges[at + 1], begin + bank.edges[at + 2], [](int w) { return w < 4096; });
    if (!rises && !falls) return empty_band(b, corners[at] * step_hz, corners[at + 2] * step_hz, config, fft_elems);
  }
  return bank;
}

// The micro front end's mel scale. The library computes in float32, the graph's tables were made in double.
float micro_mel(float hz, MicroTables tables) {
  if (tables == MicroTables::library) return 1127.0F * std::log1p(hz / 700.0F);
  return static_cast<float>(1127.0 * std::log1p(static_cast<double>(hz) / 700.0));
}

// The micro front end's triangles: straight in mel. The library rounds weights, the graph cuts them.
Result<Bank> micro_bank(const FrontEndConfig& config, int fft_elems) {
  const MicroTables tables = config.micro.tables;
  const auto q12 = [&](float x) {
    return static_cast<std::int16_t>(std::floor(x * 4096.0F + (tables == MicroTables::library ? 0.5F : 0.0F)));
  };
  const auto low_hz = static_cast<float>(config.low_hz);
  const float low = micro_mel(low_hz, tables);
  const float high = micro_mel(static_cast<float>(config.high_hz), tables);
  const float spacing = (high - low) / static_cast<float>(config.bands + 1);
  const float step_hz = 0.5F * static_cast<float>(config.sample_rate_hz) / static_cast<float>(fft_elems >> 1);
  const auto mel_of = [&](int k) { return micro_mel(static_cast<float>(k) * step_hz, tables); };
  Bank bank;
  int k = static_cast<int>(1.5F + low_hz / step_hz);
  bank.edges.push_back(static_cast<std::int16_t>(k));
  float corner = low;
  for (int s = 0; s <= config.bands; ++s) {
    const float next = low + spacing * static_cast<float>(s + 1);
    for (; k <= fft_elems / 2 && mel_of(k) <= next; ++k) {
      const float weight = (next - mel_of(k)) / (next - corner);
      bank.fall.push_back(q12(weight));
      bank.rise.push_back(q12(1.0F - weight));
    }
    bank.edges.push_back(static_cast<std::int16_t>(k));
    corner = next;
    if (s > 0 && bank.edges[static_cast<std::size_t>(s) + 1] == bank.edges[static_cast<std::size_t>(s) - 1]) {
      return empty_band(s - 1, config.low_hz, config.high_hz, config, fft_elems);
    }
  }
  return bank;
}

// Hann, half a sample late, in Q12.
std::vector<std::int16_t> micro_window(int elems, MicroTables tables) {
  std::vector<std::int16_t> window;
  for (int n = 0; n < elems; ++n) {
    if (tables == MicroTables::library) {
      const auto arg = static_cast<float>(2 * kPi / static_cast<double>(static_cast<float>(elems)));
      const float x = 0.5F - 0.5F * std::cos(arg * (static_cast<float>(n) + 0.5F));
      window.push_back(static_cast<std::int16_t>(std::floor(x * 4096.0F + 0.5F)));
    } else {
      const double x = 0.5 - 0.5 * std::cos(2 * kPi / elems * (n + 0.5));
      window.push_back(static_cast<std::int16_t>(std::floor(x * 4096 + 0.5)));
    }
  }
  return window;
}

// The gain (noise + offset)^-strength in Q21, for noise in units of 2^-input_bits, as three numbers a power of two.
std::vector<std::int16_t> gain_table(const MicroConfig& config, int input_bits) {
  const auto gain = [&](std::uint32_t noise) {
    const float x = static_cast<float>(noise) / static_cast<float>(1U << input_bits);
    const float y =
        2097152.0F * std::pow(x + static_cast<float>(config.gain_offset), -static_cast<float>(config.gain_strength));
    return y > 32767.0F ? 32767 : static_cast<int>(std::lround(y));  // y > 0: halves go up either way
  };
  std::vector<std::int16_t> table(125);
  table[0] = static_cast<std::int16_t>(gain(0));
  table[1] = static_cast<std::int16_t>(gain(1));
  for (unsigned interval = 2; interval <= 32; ++interval) {
    const std::uint32_t x0 = std::uint32_t{1} << (interval - 1);
    const std::uint32_t x1 = x0 + (x0 >> 1);
    const std::uint32_t x2 = interval == 32 ? x0 + (x0 - 1) : 2 * x0;
    const int y0 = gain(x0);
    const int first = gain(x1) - y0;
    const int second = gain(x2) - y0;
    const int slope = 4 * first - second;
    const std::size_t at = 4 * std::size_t{interval} - 6;
    table[at] = static_cast<std::int16_t>(y0);
    table[at + 1] = static_cast<std::int16_t>(slope);
    table[at + 2] = static_cast<std::int16_t>(second - slope);
  }
  return table;
}

}  // namespace

// Makes the tables of one front end.
class FrontEnd::Builder {
 public:
  explicit Builder(const FrontEndConfig& config) { out_.config_ = config; }

  Result<FrontEnd> build() {
    MOTE_TRY(frame());
    MOTE_TRY(block());
    MOTE_TRY(deltas());
    return std::move(out_);
  }

 private:
  FrontEndConfig& config() { return out_.config_; }
  [[nodiscard]] int fft_elems() const { return 1 << fft_log2_; }

  const std::int16_t* keep(std::string_view name, std::vector<std::int16_t> values) {
    out_.tables_.push_back({name, std::move(values)});
    return out_.tables_.back().values.data();  // stays where it is when the outer vector grows
  }

  Status frame() {
    FrontEndConfig& c = config();
    MOTE_TRY(within("sample_rate_hz", c.sample_rate_hz, 100, 192000));
    MOTE_TRY(within("frame_ms", c.frame_ms, 0.01, 40000));
    MOTE_TRY(within("hop_ms", c.hop_ms, 0.01, 40000));
    const double frame_elems = std::round(c.frame_ms * c.sample_rate_hz / 1000);
    const double hop_elems = std::round(c.hop_ms * c.sample_rate_hz / 1000);
    if (frame_elems < 16 || frame_elems > 4096) {
      return out_of_range(fmt::format("frame_ms = {} at {} Hz: a frame", c.frame_ms, c.sample_rate_hz), frame_elems,
                          "[16, 4096] samples", "change frame_ms");
    }
    if (hop_elems < 1 || hop_elems > frame_elems) {
      return out_of_range(fmt::format("hop_ms = {} at {} Hz: a hop", c.hop_ms, c.sample_rate_hz), hop_elems,
                          fmt::format("[1, {}] samples", frame_elems), "set hop_ms to at most frame_ms");
    }
    out_.frame_ = {static_cast<std::int32_t>(frame_elems), static_cast<std::int32_t>(hop_elems)};
    const auto frame_size = static_cast<unsigned>(out_.frame_.frame_elems);
    if (c.fft_elems == 0) c.fft_elems = static_cast<int>(std::max(32U, std::bit_ceil(frame_size)));
    const auto size = static_cast<unsigned>(c.fft_elems);
    if (c.fft_elems < 32 || c.fft_elems > 4096 || !std::has_single_bit(size) || size < frame_size) {
      return out_of_range("fft_elems", c.fft_elems,
                          fmt::format("the powers of two from {} to 4096", std::max(32U, std::bit_ceil(frame_size))),
                          "leave it 0 for the least one that holds a frame");
    }
    fft_log2_ = static_cast<int>(std::bit_width(size)) - 1;
    const double half = c.sample_rate_hz / 2.0;
    if (c.high_hz == 0) c.high_hz = half;
    MOTE_TRY(within("high_hz", c.high_hz, 1, half));
    if (!(c.low_hz >= 0 && c.low_hz < c.high_hz)) {
      return out_of_range("low_hz", c.low_hz, fmt::format("[0, high_hz = {})", c.high_hz), "lower it");
    }
    MOTE_TRY(within("bands", c.bands, 1, 128));
    MOTE_TRY(within("pre_emphasis", c.pre_emphasis, 0, 0.999));
    return within("floor_log2", c.floor_log2, -64, 63);
  }

  const std::int16_t* twiddles() {
    std::vector<std::int16_t> table;
    for (int k = 0; k < 3 * fft_elems() / 4; ++k) {
      const double phase = 2 * kPi * k / fft_elems();
      table.push_back(q15(std::cos(phase)));
      table.push_back(q15(-std::sin(phase)));
    }
    return keep("twiddles", std::move(table));
  }

  SpectrumParams spectrum() {
    std::vector<std::int16_t> window;
    const double mean = config().window == Window::hann ? 0.5 : 0.54;
    for (int n = 0; n < out_.frame_.frame_elems; ++n) {
      const double x = mean - (1 - mean) * std::cos(2 * kPi * n / out_.frame_.frame_elems);
      window.push_back(static_cast<std::int16_t>(std::min(32767L, std::lround(x * 32768))));
    }
    SpectrumParams p{};
    p.frame = out_.frame_;
    p.fft_log2 = fft_log2_;
    p.pre_emphasis = static_cast<std::int32_t>(std::lround(config().pre_emphasis * 32768));
    p.window = keep("window", std::move(window));
    p.twiddles = twiddles();
    return p;
  }

  Result<MelParams> mel() {
    const FrontEndConfig& c = config();
    MOTE_LET(bank, mel_bank(c, fft_elems()));
    std::vector<std::int16_t> gain;
    const double low = hz_to_mel(c.low_hz, c.mel_scale);
    const double high = hz_to_mel(c.high_hz, c.mel_scale);
    const auto corner = [&](int i) { return mel_to_hz(low + (high - low) * i / (c.bands + 1), c.mel_scale); };
    for (int b = 0; b < c.bands; ++b) {
      // Equal area: twice the inverse of the width in Hz.
      const double area = c.mel_scale == MelScale::slaney ? std::log2(2 / (corner(b + 2) - corner(b))) : 0;
      gain.push_back(static_cast<std::int16_t>(std::lround(area * 512)));
    }
    MelParams p{};
    p.bands = c.bands;
    p.edges = keep("mel_edges", std::move(bank.edges));
    p.rise = keep("mel_rise", std::move(bank.rise));
    p.log_gain = keep("mel_log_gain", std::move(gain));
    return p;
  }

  Result<MfeParams> mfe() {
    MfeParams p{};
    p.spectrum = spectrum();
    MOTE_LET(bank, mel());
    p.mel = bank;
    p.floor = floor_q9();
    return p;
  }

  [[nodiscard]] std::int32_t floor_q9() { return static_cast<std::int32_t>(std::lround(config().floor_log2 * 512)); }

  // Orthonormal DCT-II, in as many bits as its longest row allows.
  Result<MfccParams> mfcc() {
    const int bands = config().bands;
    MOTE_TRY(within("coefficients", config().coefficients, 1, bands));
    MfccParams p{};
    MOTE_LET(base, mfe());
    p.mfe = base;
    p.coefficients = config().coefficients;
    std::vector<double> dct;
    double longest = 0;
    for (int k = 0; k < p.coefficients; ++k) {
      double length = 0;
      for (int b = 0; b < bands; ++b) {
        dct.push_back(std::sqrt((k == 0 ? 1.0 : 2.0) / bands) * std::cos(kPi * k * (2 * b + 1) / (2.0 * bands)));
        length += std::abs(dct.back());
      }
      longest = std::max(longest, length + bands / 16384.0);  // with what rounding may add
    }
    p.dct_bits = 14;
    while (longest * std::exp2(p.dct_bits) >= 65536) --p.dct_bits;
    // The largest coefficient is the first: sqrt(bands) times a logarithm of 48 at most.
    out_.fraction_bits_ = std::min(9, static_cast<int>(std::floor(std::log2(32767 / (48 * std::sqrt(bands))))));
    p.shift = 9 + p.dct_bits - out_.fraction_bits_;
    std::vector<std::int16_t> table;
    for (const double x : dct) table.push_back(static_cast<std::int16_t>(std::lround(x * std::exp2(p.dct_bits))));
    p.dct = keep("dct", std::move(table));
    return p;
  }

  Result<PcenParams> pcen() {
    const PcenConfig& c = config().pcen;
    MOTE_TRY(within("pcen.smoothing", c.smoothing, 0.0001, 0.9999));
    MOTE_TRY(within("pcen.gain", c.gain, 0, 1));
    MOTE_TRY(within("pcen.bias", c.bias, 0.01, 100));
    MOTE_TRY(within("pcen.power", c.power, 0.01, 1));
    MOTE_TRY(within("pcen.epsilon", c.epsilon, 0.004, 1e9));
    PcenParams p{};
    p.spectrum = spectrum();
    MOTE_LET(bank, mel());
    p.mel = bank;
    p.smoothing = static_cast<std::int32_t>(std::lround(c.smoothing * 65536));
    p.gain = static_cast<std::int32_t>(std::lround(c.gain * 32768));
    p.power = static_cast<std::int32_t>(std::lround(c.power * 32768));
    p.epsilon = static_cast<std::uint64_t>(std::llround(c.epsilon * 256));
    p.log2_bias = static_cast<std::int32_t>(std::lround(std::log2(c.bias) * 65536));
    p.bias_power = static_cast<std::int32_t>(std::lround(std::pow(c.bias, c.power) * 65536));
    // The loudest onset: energy over its smoothed self is 1 / smoothing, and the gain leaves some of the level.
    p.fraction_bits = 10;
    out_.fraction_bits_ = p.fraction_bits;
    return p;
  }

  Result<MicroFrontEndParams> micro() {
    const FrontEndConfig& c = config();
    if (fft_log2_ % 2 == 0 || fft_log2_ > 11) {
      return Error{fmt::format("block micro cannot use an FFT of {} points", fft_elems()), "signal",
                   "choose a frame that fits 32, 128, 512 or 2048 samples, or set fft_elems to one of these"};
    }
    MOTE_TRY(within("micro.even_smoothing", c.micro.even_smoothing, 0, 1));
    MOTE_TRY(within("micro.odd_smoothing", c.micro.odd_smoothing, 0, 1));
    MOTE_TRY(within("micro.min_signal_remaining", c.micro.min_signal_remaining, 0, 1));
    MOTE_TRY(within("micro.gain_strength", c.micro.gain_strength, 0, 2));
    MOTE_TRY(within("micro.gain_offset", c.micro.gain_offset, 1e-3, 1e6));
    MicroFrontEndParams p{};
    p.frame = out_.frame_;
    p.fft_log2 = fft_log2_;
    p.window = keep("window", micro_window(p.frame.frame_elems, c.micro.tables));
    p.twiddles = twiddles();
    MOTE_LET(bank, micro_bank(c, fft_elems()));
    p.bands = c.bands;
    p.edges = keep("mel_edges", std::move(bank.edges));
    p.rise = keep("mel_rise", std::move(bank.rise));
    p.fall = keep("mel_fall", std::move(bank.fall));
    p.smoothing_bits = 10;
    const auto q14 = [](double x) { return static_cast<std::int32_t>(static_cast<float>(x) * 16384.0F); };
    p.even_smoothing = q14(c.micro.even_smoothing);
    p.odd_smoothing = q14(c.micro.odd_smoothing);
    p.min_signal_remaining = q14(c.micro.min_signal_remaining);
    // Magnitudes are 2^correction too small, from the scales of the FFT and of the root of Q12 weights.
    const int correction = fft_log2_ - 6;
    p.gain_control = true;
    p.gain_shift = 21 - correction - 12;
    p.gain_table = keep("gain", gain_table(c.micro, p.smoothing_bits - correction));
    p.log_shift = correction;
    p.output_shift = 6;
    out_.fraction_bits_ = 6;
    return p;
  }

  Status block() {
    switch (config().block) {
      case Block::spectrogram: {
        out_.params_ = SpectrogramParams{spectrum(), floor_q9()};
        out_.block_channels_ = fft_elems() / 2 + 1;
        return {};
      }
      case Block::mfe: {
        MOTE_LET(p, mfe());
        out_.params_ = p;
        break;
      }
      case Block::mfcc: {
        MOTE_LET(p, mfcc());
        out_.params_ = p;
        out_.block_channels_ = p.coefficients;
        return {};
      }
      case Block::pcen: {
        MOTE_LET(p, pcen());
        out_.params_ = p;
        break;
      }
      case Block::micro: {
        MOTE_LET(p, micro());
        out_.params_ = p;
        break;
      }
    }
    out_.block_channels_ = config().bands;
    return {};
  }

  Status deltas() {
    const FrontEndConfig& c = config();
    MOTE_TRY(within("delta_reach", c.delta_reach, 0, 8));
    MOTE_TRY(within("delta_orders", c.delta_orders, 1, 2));
    if (c.delta_reach == 0) return {};
    const int reach = c.delta_reach;
    const int squares = reach * (reach + 1) * (2 * reach + 1) / 6;
    out_.deltas_ = {out_.block_channels_, reach, static_cast<std::int32_t>(std::lround(32768.0 / squares))};
    return {};
  }

  FrontEnd out_;
  int fft_log2_ = 0;
};

Result<FrontEnd> FrontEnd::create(const FrontEndConfig& config) { return Builder(config).build(); }

FrontEndConfig micro_front_end_config(double hop_ms) {
  FrontEndConfig config;
  config.block = Block::micro;
  config.frame_ms = 30;
  config.hop_ms = hop_ms;
  config.low_hz = 125;
  config.high_hz = 7500;
  return config;
}

int FrontEnd::channels() const {
  return config_.delta_reach == 0 ? block_channels_ : block_channels_ * (1 + config_.delta_orders);
}

std::size_t FrontEnd::rows(std::size_t samples) const {
  const auto frame = static_cast<std::size_t>(frame_.frame_elems);
  return samples < frame ? 0 : (samples - frame) / static_cast<std::size_t>(frame_.hop_elems) + 1;
}

std::size_t FrontEnd::state_bytes() const {
  auto elems = static_cast<std::size_t>(frame_history_elems(frame_));
  if (config_.delta_reach != 0) {
    elems += static_cast<std::size_t>(config_.delta_orders * delta_history_elems(deltas_));
  }
  std::size_t bytes = 2 * elems;
  if (const auto* p = std::get_if<PcenParams>(&params_)) bytes += 8 * static_cast<std::size_t>(p->mel.bands);
  if (const auto* p = std::get_if<MicroFrontEndParams>(&params_)) {
    bytes += 4 * static_cast<std::size_t>(micro_front_end_noise_elems(*p));
  }
  return bytes;
}

std::size_t FrontEnd::scratch_bytes() const {
  struct Elems {
    std::int32_t operator()(const SpectrogramParams& p) const { return 4 * spectrum_scratch_elems(p.spectrum); }
    std::int32_t operator()(const MfeParams& p) const { return 4 * mfe_scratch_elems(p); }
    std::int32_t operator()(const MfccParams& p) const { return 4 * mfcc_scratch_elems(p); }
    std::int32_t operator()(const PcenParams& p) const { return 4 * pcen_scratch_elems(p); }
    std::int32_t operator()(const MicroFrontEndParams& p) const { return 2 * micro_front_end_scratch_elems(p); }
  };
  return static_cast<std::size_t>(std::visit(Elems{}, params_));
}

std::size_t FrontEnd::table_bytes() const {
  std::size_t bytes = 0;
  for (const Table& table : tables_) bytes += 2 * table.values.size();
  return bytes;
}

Result<Normalisation> make_normalisation(std::span<const double> scale, std::span<const double> offset) {
  if (scale.empty() || scale.size() != offset.size()) {
    return Error{fmt::format("{} scales and {} offsets", scale.size(), offset.size()), "normalisation",
                 "give one of each for every channel"};
  }
  double largest = 0;
  for (std::size_t c = 0; c < scale.size(); ++c) {
    const double magnitude = std::abs(scale[c]);
    if (!(magnitude < 16384) || !(std::abs(offset[c]) <= 1 << 20)) {  // NaN fails too
      return Error{fmt::format("channel {}: scale {} and offset {} cannot be computed in 16 and 21 bits", c, scale[c],
                               offset[c]),
                   "normalisation", "a channel that never changes has no deviation: drop it or give it a scale of 1"};
    }
    largest = std::max(largest, magnitude);
  }
  Normalisation out;
  out.shift = 1;
  while (out.shift < 30 && std::lround(largest * std::exp2(out.shift + 1)) <= 32767) ++out.shift;
  for (std::size_t c = 0; c < scale.size(); ++c) {
    out.multiplier.push_back(static_cast<std::int16_t>(std::lround(scale[c] * std::exp2(out.shift))));
    out.offset.push_back(static_cast<std::int32_t>(std::lround(offset[c])));
  }
  return out;
}

Normalisation micro_normalisation(int channels) {
  const auto n = static_cast<std::size_t>(channels);
  return {std::vector<std::int16_t>(n, 25191), std::vector<std::int32_t>(n, -128), 16};
}

std::string_view to_string(Block block) {
  switch (block) {
    case Block::spectrogram: return "spectrogram";
    case Block::mfe: return "mfe";
    case Block::mfcc: return "mfcc";
    case Block::pcen: return "pcen";
    case Block::micro: return "micro";
  }
  return "";
}

Result<Block> parse_block(std::string_view name) {
  std::vector<std::string> known;
  for (const Block block : {Block::spectrogram, Block::mfe, Block::mfcc, Block::pcen, Block::micro}) {
    if (name == to_string(block)) return block;
    known.emplace_back(to_string(block));
  }
  const std::string near = nearest(name, known);
  return Error{fmt::format("'{}' is no signal block", name), "signal",
               near.empty() ? "use spectrogram, mfe, mfcc, pcen or micro" : fmt::format("did you mean '{}'?", near)};
}

}  // namespace mote::signal
