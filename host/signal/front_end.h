// Front ends described as people describe them, and the tables that the device code needs for them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "contract/signal/channel_params.h"
#include "contract/signal/mfe_params.h"
#include "contract/signal/micro_front_end_params.h"
#include "contract/signal/spectrum_params.h"
#include "host/base/result.h"

namespace mote::signal {

enum class Block : std::uint8_t { spectrogram, mfe, mfcc, pcen, micro };
enum class Window : std::uint8_t { hann, hamming };
// htk: 2595 log10(1 + f / 700). slaney: straight below 1 kHz, logarithmic above; bands of equal area.
enum class MelScale : std::uint8_t { htk, slaney };

struct PcenConfig {
  double smoothing = 0.025;
  double gain = 0.98;
  double bias = 2;
  double power = 0.5;
  double epsilon = 1;  // in squared steps of a sample
};

// The micro front end exists twice, with tables that differ in a few last bits: as a C library (in pymicro-features and
// on devices that run microWakeWord), and as a graph of TFLM's signal operators (micro_speech).
enum class MicroTables : std::uint8_t { library, graph };

// For block micro: what TFLM's front end calls by these names.
struct MicroConfig {
  MicroTables tables = MicroTables::library;
  double even_smoothing = 0.025;
  double odd_smoothing = 0.06;
  double min_signal_remaining = 0.05;
  double gain_strength = 0.95;
  double gain_offset = 80;
};

struct FrontEndConfig {
  Block block = Block::mfe;
  int sample_rate_hz = 16000;
  double frame_ms = 32;
  double hop_ms = 16;
  int fft_elems = 0;  // 0: the least power of two that holds a frame
  Window window = Window::hann;
  double pre_emphasis = 0;
  int bands = 40;
  double low_hz = 20;
  double high_hz = 0;  // 0: half the sample rate
  MelScale mel_scale = MelScale::htk;
  double floor_log2 = 0;  // least log2 of an energy, in squared steps of a sample
  int coefficients = 13;
  PcenConfig pcen;
  MicroConfig micro;
  int delta_reach = 0;   // 0: no deltas
  int delta_orders = 1;  // 2: deltas of deltas too
};

// The configuration that pymicro-features, microWakeWord and micro_speech use: 30 ms, 40 bands from 125 to 7500 Hz.
// Their hops are 10 ms, 10 or 20 ms, and 20 ms.
[[nodiscard]] FrontEndConfig micro_front_end_config(double hop_ms);

using BlockParams = std::variant<SpectrogramParams, MfeParams, MfccParams, PcenParams, MicroFrontEndParams>;

// A configuration with its tables. The parameters point into it: it can move, and lives as long as they are used.
class FrontEnd {
 public:
  // Errors: a value out of its range, a band that no frequency falls into; each names the value and how to mend it.
  static Result<FrontEnd> create(const FrontEndConfig& config);

  FrontEnd(FrontEnd&&) = default;
  FrontEnd& operator=(FrontEnd&&) = default;
  FrontEnd(const FrontEnd&) = delete;
  FrontEnd& operator=(const FrontEnd&) = delete;
  ~FrontEnd() = default;

  [[nodiscard]] const FrontEndConfig& config() const { return config_; }
  [[nodiscard]] const BlockParams& params() const { return params_; }
  [[nodiscard]] const FrameParams& frame() const { return frame_; }
  [[nodiscard]] const DeltaParams& deltas() const { return deltas_; }  // of one order; its channels are the block's

  // Numbers in a row that comes out: the block's own, then their deltas, then the deltas of those.
  [[nodiscard]] int block_channels() const { return block_channels_; }
  [[nodiscard]] int channels() const;
  // Fraction bits of the block's numbers: 9 for logarithms (of base 2), fewer for MFCC.
  [[nodiscard]] int fraction_bits() const { return fraction_bits_; }
  // Rows that so many samples give.
  [[nodiscard]] std::size_t rows(std::size_t samples) const;

  // RAM on the device: what a stream keeps, and what only a frame in work needs.
  [[nodiscard]] std::size_t state_bytes() const;
  [[nodiscard]] std::size_t scratch_bytes() const;
  // Flash on the device: the tables.
  [[nodiscard]] std::size_t table_bytes() const;

  // The tables in the order they were made, for writing them into generated code.
  struct Table {
    std::string_view name;
    std::vector<std::int16_t> values;
  };
  [[nodiscard]] const std::vector<Table>& tables() const { return tables_; }

 private:
  class Builder;
  FrontEnd() = default;
  FrontEndConfig config_;
  FrameParams frame_{};
  DeltaParams deltas_{};
  int block_channels_ = 0;
  int fraction_bits_ = 9;
  BlockParams params_;
  std::vector<Table> tables_;
};

// An affine map from features to int8, as the device computes it.
struct Normalisation {
  std::vector<std::int16_t> multiplier;
  std::vector<std::int32_t> offset;
  std::int32_t shift = 0;
  [[nodiscard]] NormaliseParams params() const {
    return {static_cast<std::int32_t>(multiplier.size()), shift, multiplier.data(), offset.data()};
  }
};

// y[c] = round(scale[c] * x[c] + offset[c]), with the scale in 16 bits.
// Errors: sizes that differ or are 0, a number that is not finite, a scale of 2^14 or more, an offset beyond 2^20.
Result<Normalisation> make_normalisation(std::span<const double> scale, std::span<const double> offset);

// The one of micro_speech and microWakeWord models: round(256 / 666 * x) - 128.
[[nodiscard]] Normalisation micro_normalisation(int channels);

[[nodiscard]] std::string_view to_string(Block block);
// Errors: unknown, with the nearest name.
Result<Block> parse_block(std::string_view name);

}  // namespace mote::signal
