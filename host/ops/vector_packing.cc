// Layouts of packed weights for MVE.
#include "host/ops/vector_packing.h"

#include <algorithm>

#include "device/kernels/vector_panels.h"

namespace mote {
namespace {

// What follows a channel's sum of products: (sum + bias) * multiplier * 2^(shift - 31), rounded twice.
struct Finish {
  std::int32_t bias = 0;  // with the input's zero point folded in, modulo 2^32
  std::int32_t multiplier = 0;
  std::int32_t shift = -1;
};

std::optional<Finish> finish_of(const ChannelWeights& w, std::size_t channel) {
  const std::size_t taps = w.weights.size() / w.bias.size();
  const std::size_t scale = w.quant.multiplier.size() == 1 ? 0 : channel;
  Finish out;
  // Every input gives the zero point, whatever the sum.
  if (w.quant.multiplier[scale] == 0) return out;
  out.multiplier = w.quant.multiplier[scale];
  out.shift = w.quant.shift[scale];
  if (out.shift > -1 || out.shift < -31) return std::nullopt;
  std::int64_t bias = w.bias[channel];
  for (std::size_t i = 0; i < taps; ++i) {
    bias += std::int64_t{w.weights[channel * taps + i]} * w.quant.in_offset;
  }
  out.bias = static_cast<std::int32_t>(static_cast<std::uint32_t>(bias));  // the low bits
  return out;
}

// Bytes of a packing as they grow.
class PackedBytes {
 public:
  void byte(std::int8_t v) { bytes_.push_back(static_cast<std::uint8_t>(v)); }
  void word(std::int32_t v) {
    for (int i = 0; i < 4; ++i) bytes_.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(v) >> (8 * i)));
  }
  // As int32 words, zeros after the last byte.
  [[nodiscard]] Constant constant_of(const ChannelWeights& w) && {
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
    const auto weight_bytes = static_cast<std::int64_t>(w.weights.size() + w.bias.size() * sizeof(std::int32_t));
    return {"packed", DType::s32, std::move(bytes_), weight_bytes};
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Biases, multipliers and shifts of four channels at a time; zeros beyond the last.
bool add_finishes(const ChannelWeights& w, std::size_t first, std::size_t count, PackedBytes& out) {
  for (std::size_t c = first; c < first + count; c += 4) {
    Finish four[4];
    for (std::size_t i = 0; i < 4 && c + i < first + count; ++i) {
      const auto finish = finish_of(w, c + i);
      if (!finish) return false;
      four[i] = *finish;
    }
    for (const Finish& f : four) out.word(f.bias);
    for (const Finish& f : four) out.word(f.multiplier);
    for (const Finish& f : four) out.word(f.shift);
  }
  return true;
}

}  // namespace

std::optional<Constant> pack_vector_panels(const ChannelWeights& w, const Conv2dParams& p) {
  const kernels::VectorPanels panels = kernels::vector_panels(p);
  const std::size_t channels = w.bias.size();
  const std::size_t taps = w.weights.size() / channels;
  const auto step_count = static_cast<std::size_t>(panels.steps);
  const auto row_steps = static_cast<std::size_t>(panels.row_steps);
  const auto held = static_cast<std::size_t>(panels.held);
  const std::size_t row_taps = panels.flat ? taps : taps / static_cast<std::size_t>(p.kernel_h);
  PackedBytes out;
  out.word(panels.pixels);
  out.word(panels.steps);
  out.word(panels.row_steps);
  out.word(panels.flat ? 1 : 0);
  for (std::size_t first = 0; first < channels; first += kernels::kVectorPanelBlock) {
    const std::size_t count = std::min<std::size_t>(channels - first, kernels::kVectorPanelBlock);
    for (std::size_t turn = 0; turn < step_count; turn += held) {
      for (std::size_t c = first; c < first + (count + 1) / 2 * 2; ++c) {
        for (std::size_t i = turn * 16; i < (turn + held) * 16; ++i) {
          const std::size_t row = i / (row_steps * 16);
          const std::size_t column = i % (row_steps * 16);
          const std::size_t tap = row * row_taps + column;
          const bool is_tap = c < first + count && column < row_taps && tap < taps;
          out.byte(is_tap ? w.weights[c * taps + tap] : std::int8_t{0});
        }
      }
    }
    if (!add_finishes(w, first, count, out)) return std::nullopt;
  }
  return std::move(out).constant_of(w);
}

std::optional<Constant> pack_vector_tiles(const ChannelWeights& w) {
  PackedBytes out;
  for (std::size_t c = 0; c < w.bias.size(); ++c) {
    out.word(0);
    for (std::size_t column = 0; column < 3; ++column) {
      for (std::size_t row = 0; row < 3; ++row) out.byte(w.weights[c * 9 + row * 3 + column]);
      out.byte(0);
    }
  }
  out.word(0);
  for (std::size_t c = 0; c < w.bias.size(); ++c) {
    const auto finish = finish_of(w, c);
    if (!finish) return std::nullopt;
    out.word(finish->bias);
    out.word(finish->multiplier);
    out.word(finish->shift);
  }
  return std::move(out).constant_of(w);
}

std::optional<Constant> pack_by_4(const ChannelWeights& w) {
  const std::size_t units = w.bias.size();
  const std::size_t depth = w.weights.size() / units;
  PackedBytes out;
  for (std::size_t first = 0; first < units; first += 4) {
    Finish four[4];
    for (std::size_t i = 0; i < 4 && first + i < units; ++i) {
      const auto finish = finish_of(w, first + i);
      if (!finish) return std::nullopt;
      four[i] = *finish;
    }
    for (const Finish& f : four) out.word(f.bias);
    for (std::size_t begin = 0; begin < depth; begin += 16) {
      for (std::size_t u = first; u < first + 4; ++u) {
        for (std::size_t d = begin; d < begin + 16; ++d) {
          out.byte(u < units && d < depth ? w.weights[u * depth + d] : std::int8_t{0});
        }
      }
    }
    for (const Finish& f : four) out.word(f.multiplier);
    for (const Finish& f : four) out.word(f.shift);
  }
  return std::move(out).constant_of(w);
}

}  // namespace mote
