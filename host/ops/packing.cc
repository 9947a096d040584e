// Layouts of packed weights.
#include "host/ops/packing.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "device/kernels/fused_lanes.h"

namespace mote {
namespace {

// Low 32 bits.
std::int32_t wrap(std::int64_t v) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(v)); }

// One channel ready for a kernel that requantises with two rounding high
// multiplications. Every accumulator, from its first product to its last, is
// within [lowest, highest].
struct PackedChannel {
  std::vector<std::int64_t> weights;
  std::int32_t bias = 0;  // with the input's zero point folded in
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  std::int32_t multiplier = 0;
  std::int32_t power = 0;
};

bool within(std::int64_t lowest, std::int64_t highest, int bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return lowest >= -limit && highest < limit;
}

// Channels beyond the last are all zeros.
std::optional<PackedChannel> pack_channel(const ChannelWeights& w, std::size_t channel) {
  const std::size_t channels = w.bias.size();
  const std::size_t taps = w.weights.size() / channels;
  PackedChannel out;
  out.weights.resize(taps);
  out.power = 1;
  if (channel >= channels) return out;
  const std::size_t scale = w.quant.multiplier.size() == 1 ? 0 : channel;
  const std::int32_t multiplier = w.quant.multiplier[scale];
  if (multiplier == 0) return out;  // every input gives the zero point: so do weights of zero
  const int right = -w.quant.shift[scale];
  if (right < 2 || right > 31 || multiplier < 1 << 30) return std::nullopt;
  out.multiplier = wrap(2 * static_cast<std::int64_t>(multiplier));
  out.power = 1 << (32 - right);
  std::int64_t bias = w.bias[channel];
  for (std::size_t i = 0; i < taps; ++i) {
    const std::int64_t v = w.weights[channel * taps + i];
    out.weights[i] = v;
    bias += v * w.quant.in_offset;
    out.lowest += std::min(v * -128, v * 127);
    out.highest += std::max(v * -128, v * 127);
  }
  out.lowest += bias;
  out.highest += bias;
  if (!within(out.lowest, out.highest, 32)) return std::nullopt;
  out.bias = wrap(bias);
  return out;
}

// The order in which the taps of a window are taken, in `words` whole words; -1: none.
std::vector<std::int32_t> fused_lanes_order(std::int32_t taps, std::int32_t words) {
  std::vector<std::int32_t> order;
  for (std::int32_t i = 0; i < words * 4; i += 4) order.insert(order.end(), {i, i + 2, i + 1, i + 3});
  std::replace_if(order.begin(), order.end(), [&](std::int32_t tap) { return tap >= taps; }, -1);
  return order;
}

// Two channels in one lane.
struct PackedPair {
  PackedChannel a;
  PackedChannel b;
  std::int32_t fused_bias = 0;
  std::vector<std::int32_t> steps;  // two taps each
};

std::optional<PackedPair> pack_pair(const ChannelWeights& w, std::size_t first, std::size_t second,
                                    const std::vector<std::int32_t>& order) {
  auto a = pack_channel(w, first);
  auto b = pack_channel(w, second);
  if (!a || !b || !within(b->lowest, b->highest, 24)) return std::nullopt;
  PackedPair out{*std::move(a), *std::move(b), 0, {}};
  out.fused_bias = wrap(out.a.bias + 256 * static_cast<std::int64_t>(out.b.bias));
  for (std::size_t i = 0; i < order.size(); i += 2) {
    std::int64_t step = 0;
    for (std::size_t lane = 0; lane < 2; ++lane) {
      if (order[i + lane] < 0) continue;
      const auto tap = static_cast<std::size_t>(order[i + lane]);
      const std::int64_t v = out.a.weights[tap] + 256 * out.b.weights[tap];
      if (!within(v, v, 16)) return std::nullopt;
      step |= (v & 0xFFFF) << (16 * lane);
    }
    out.steps.push_back(wrap(step));
  }
  return out;
}

// How a kernel without SIMD requantises: the words after the segments in device/kernels/pixel_pairs.h.
struct Requantizer {
  std::int32_t multiplier = 0;
  std::int32_t addend = 1;
  std::int32_t right = 1;

  bool operator==(const Requantizer&) const = default;
};

// The same channel for such a kernel; all zeros where every input gives the zero point.
struct PlainChannel {
  std::vector<std::int64_t> weights;
  std::int64_t bias = 0;  // with the input's zero point folded in
  Requantizer requantizer;
};

// Channels beyond the last are all zeros.
std::optional<PlainChannel> plain_channel(const ChannelWeights& w, std::size_t channel) {
  constexpr int kMostRight = 20;
  const std::size_t channels = w.bias.size();
  const std::size_t taps = w.weights.size() / channels;
  PlainChannel out;
  out.weights.resize(taps);
  out.requantizer.addend = 1 + 2 * w.quant.out_offset;
  if (channel >= channels) return out;
  const std::size_t scale = w.quant.multiplier.size() == 1 ? 0 : channel;
  const std::int64_t multiplier = w.quant.multiplier[scale];
  const int right = -w.quant.shift[scale];
  std::int64_t bias = w.bias[channel];
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  for (std::size_t i = 0; i < taps; ++i) {
    const std::int64_t v = w.weights[channel * taps + i];
    bias += v * w.quant.in_offset;
    lowest += std::min(v * -128, v * 127);
    highest += std::max(v * -128, v * 127);
  }
  lowest += bias;
  highest += bias;
  if (multiplier == 0) return out;
  if (right < 1) return std::nullopt;
  const std::int64_t most = (std::max(-lowest, highest) * multiplier >> 31) + 1;  // of |h|
  const std::int64_t addend =
      (std::int64_t{1} << (right - 1)) + (static_cast<std::int64_t>(w.quant.out_offset) << right);
  if (right > kMostRight || !within(lowest, highest, 30) || most + std::abs(addend) >= 1 << 30) {
    if (most < std::int64_t{1} << (right - 1)) return out;
    return std::nullopt;
  }
  for (std::size_t i = 0; i < taps; ++i) out.weights[i] = w.weights[channel * taps + i];
  out.bias = bias;
  out.requantizer = {wrap(multiplier), wrap(addend), right};
  return out;
}

Constant packed_constant(const ChannelWeights& w, const std::vector<std::int32_t>& words) {
  Constant out = constant("packed", DType::s32, words);
  out.weight_bytes = static_cast<std::int64_t>(w.weights.size() + w.bias.size() * sizeof(std::int32_t));
  return out;
}

}  // namespace

ChannelWeights channel_weights(const Graph& g, const Node& node, ChannelAxis axis, std::int64_t channels,
                               const ChannelQuant& quant) {
  const Tensor& k = g.tensor(node.inputs[1]);
  const auto count = static_cast<std::size_t>(channels);
  const std::size_t taps = k.data.size() / count;
  ChannelWeights out{std::vector<std::int8_t>(k.data.size()), std::vector<std::int32_t>(count, 0), quant};
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t t = 0; t < taps; ++t) {
      out.weights[c * taps + t] =
          static_cast<std::int8_t>(k.data[axis == ChannelAxis::first ? c * taps + t : t * count + c]);
    }
  }
  if (node.inputs.size() > 2 && node.inputs[2] != kNoTensor) {
    const Tensor& b = g.tensor(node.inputs[2]);
    std::memcpy(out.bias.data(), b.data.data(), out.bias.size() * sizeof(std::int32_t));
  }
  return out;
}

std::optional<Constant> pack_fused_lanes(const ChannelWeights& w, std::int32_t rows, std::int32_t row_bytes) {
  const std::size_t channels = w.bias.size();
  const std::int32_t taps = rows * row_bytes;  // at most 2^28
  std::vector<std::int32_t> order = fused_lanes_order(taps, kernels::fused_lanes_words(taps));
  if (kernels::has_colour_windows(rows, row_bytes)) {
    for (std::int32_t& at : order) {
      if (at >= 0) at = at < 24 ? at / 8 * 9 + at % 8 : (at - 24) * 9 + 8;
    }
  }
  std::vector<std::int32_t> out;
  for (std::size_t c = 0; c < channels; c += 4) {
    const auto ab = pack_pair(w, c, c + 1, order);
    const auto cd = pack_pair(w, c + 2, c + 3, order);
    if (!ab || !cd) return std::nullopt;
    for (std::size_t step = 0; step < order.size() / 2; ++step) {
      out.insert(out.end(), {ab->steps[step], cd->steps[step]});
      if (step == 0) out.insert(out.end(), {ab->fused_bias, ab->a.bias, cd->fused_bias, cd->a.bias});
    }
    for (const auto* pair : {&*ab, &*cd}) out.insert(out.end(), {pair->a.multiplier, pair->b.multiplier});
    for (const auto* pair : {&*ab, &*cd}) out.insert(out.end(), {pair->a.power, pair->b.power});
  }
  return packed_constant(w, out);
}

std::optional<Constant> pack_fused_lanes_by_8(const ChannelWeights& w) {
  const std::size_t channels = w.bias.size();
  const auto row_bytes = static_cast<std::int32_t>(w.weights.size() / channels);  // at most 2^28
  const auto order = fused_lanes_order(row_bytes, kernels::fused_lanes_by_8_steps(row_bytes) / 2);
  std::vector<std::int32_t> out;
  for (std::size_t c = 0; c < channels; c += 8) {
    std::vector<PackedPair> pairs;
    for (std::size_t i = 0; i < 4; ++i) {
      auto pair = pack_pair(w, c + 2 * i, c + 2 * i + 1, order);
      if (!pair) return std::nullopt;
      pairs.push_back(*std::move(pair));
    }
    for (std::size_t i = 0; i < 4; i += 2) {
      out.insert(out.end(), {pairs[i].fused_bias, pairs[i + 1].fused_bias, pairs[i].a.bias, pairs[i + 1].a.bias});
    }
    for (std::size_t step = 0; step < order.size() / 2; ++step) {
      for (const PackedPair& pair : pairs) out.push_back(pair.steps[step]);
    }
    for (const PackedPair& pair : pairs) out.push_back(pair.a.multiplier);
    for (const PackedPair& pair : pairs) out.push_back(pair.b.multiplier);
    for (const PackedPair& pair : pairs) out.push_back(pair.a.power);
    for (const PackedPair& pair : pairs) out.push_back(pair.b.power);
  }
  return packed_constant(w, out);
}

std::optional<Constant> pack_winograd(const ChannelWeights& w, std::int32_t in_channels) {
  constexpr std::int64_t kG[4][3] = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};
  const auto depth = static_cast<std::size_t>(in_channels);
  std::vector<std::int32_t> out;
  for (std::size_t c = 0; c < w.bias.size(); c += 2) {
    const std::optional<PackedChannel> pair[2] = {pack_channel(w, c), pack_channel(w, c + 1)};
    for (const auto& channel : pair) {
      if (!channel || !within(channel->lowest, channel->highest, 30)) return std::nullopt;
    }
    // Element (i, j) of G k G^T, |it| <= 9 * 128.
    const auto element = [&](const PackedChannel& channel, std::size_t i, std::size_t j, std::size_t d) {
      std::int64_t sum = 0;
      for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t s = 0; s < 3; ++s) sum += kG[i][r] * kG[j][s] * channel.weights[(r * 3 + s) * depth + d];
      }
      return sum & 0xFFFF;
    };
    for (std::size_t plane = 0; plane < 16; ++plane) {
      for (std::size_t d = 0; d < depth; d += 2) {
        const std::size_t first = d / 4 * 4 + d % 4 / 2;
        for (const auto& channel : pair) {
          out.push_back(wrap(element(*channel, plane / 4, plane % 4, first) |
                             element(*channel, plane / 4, plane % 4, first + 2) << 16));
        }
      }
    }
    for (const auto& channel : pair) {
      out.insert(out.end(), {wrap(4 * std::int64_t{channel->bias}), channel->multiplier, channel->power});
    }
  }
  return packed_constant(w, out);
}

std::optional<Constant> pack_column_pairs(const ChannelWeights& w) {
  std::vector<std::int32_t> out;
  for (std::size_t c = 0; c < w.bias.size(); ++c) {
    const auto channel = pack_channel(w, c);
    if (!channel) return std::nullopt;
    for (std::size_t column = 0; column < 3; ++column) {
      const std::int64_t upper = channel->weights[column] & 0xFF;
      const std::int64_t middle = channel->weights[3 + column] & 0xFF;
      const std::int64_t lower = channel->weights[6 + column] & 0xFF;
      out.push_back(wrap(upper | middle << 8 | middle << 16 | lower << 24));
    }
    out.insert(out.end(), {channel->multiplier, channel->power, channel->bias});
  }
  return packed_constant(w, out);
}

std::optional<Constant> pack_pixel_pairs(const ChannelWeights& w, const kernels::PixelPairs& form) {
  const std::size_t channels = w.bias.size();
  const std::size_t taps = w.weights.size() / channels;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(
      4 * kernels::pixel_pairs_weight_words(static_cast<std::int32_t>(channels), static_cast<std::int32_t>(taps))));
  const auto add_word = [&](std::int64_t word) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
  };
  const auto group = static_cast<std::size_t>(form.group);
  for (std::size_t c = 0; c < channels; c += group) {
    std::vector<PlainChannel> parts;
    for (std::size_t i = c; i < c + group; ++i) {
      auto part = plain_channel(w, i);
      if (!part) return std::nullopt;
      for (std::size_t t = 0; i < channels && t < taps; ++t) {
        bytes[(i / 8 * taps + t) * 8 + i % 8] = static_cast<std::uint8_t>(part->weights[t]);
      }
      parts.push_back(*std::move(part));
    }
    // The longest segments that keep every channel's sums within int16.
    std::vector<std::uint8_t> segments;
    for (std::size_t first = 0; first < taps;) {
      std::vector<std::array<std::int64_t, 2>> reach(group);
      std::size_t end = first;
      for (; end < taps && end - first < static_cast<std::size_t>(form.longest); ++end) {
        bool fits = true;
        for (std::size_t i = 0; i < group; ++i) {
          const std::int64_t v = parts[i].weights[end];
          reach[i][0] += std::min(v * -128, v * 127);
          reach[i][1] += std::max(v * -128, v * 127);
          fits = fits && within(reach[i][0], reach[i][1], 16);
        }
        if (!fits) break;
      }
      segments.push_back(form.code(static_cast<std::int32_t>(end - first)));
      first = end;
    }
    const auto halves = static_cast<std::int64_t>(segments.size() << 15);
    for (const PlainChannel& part : parts) {
      add_word(part.bias + (part.bias << 16) - halves);
      add_word(part.bias);
    }
    segments.resize(segments.size() / 4 * 4 + 4, static_cast<std::uint8_t>(form.end));
    bytes.insert(bytes.end(), segments.begin(), segments.end());
    for (const PlainChannel& part : parts) {
      add_word(part.requantizer.multiplier);
      add_word(part.requantizer.addend);
      add_word(part.requantizer.right);
    }
  }
  std::vector<std::int32_t> words(bytes.size() / 4);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return packed_constant(w, words);
}

std::optional<Constant> pack_planes(const ChannelWeights& w) {
  std::vector<std::int32_t> words;
  for (std::size_t c = 0; c < w.bias.size(); ++c) {
    const auto channel = plain_channel(w, c);
    if (!channel) return std::nullopt;
    std::int64_t bias = channel->bias;
    for (const std::int64_t v : channel->weights) bias -= 128 * v;
    words.push_back(wrap(bias));
    words.insert(words.end(),
                 {channel->requantizer.multiplier, channel->requantizer.addend, channel->requantizer.right});
    for (std::size_t t = 0; t < channel->weights.size(); ++t) {
      if (t % 4 == 0) words.push_back(0);
      words.back() = wrap(words.back() | (channel->weights[t] & 0xFF) << (8 * (t % 4)));
    }
  }
  return packed_constant(w, words);
}

std::optional<Constant> pack_records(const ChannelWeights& w) {
  std::vector<std::int32_t> biases;
  std::vector<Requantizer> requantizers;
  for (std::size_t c = 0; c < w.bias.size(); ++c) {
    const auto channel = plain_channel(w, c);
    if (!channel) return std::nullopt;
    biases.push_back(wrap(channel->bias));
    requantizers.push_back(channel->requantizer);
  }
  if (w.quant.multiplier.size() == 1) {
    if (std::count(requantizers.begin(), requantizers.end(), requantizers[0]) != std::ssize(requantizers)) {
      return std::nullopt;
    }
    requantizers.resize(1);
  }
  std::vector<std::int32_t> words = std::move(biases);
  for (const Requantizer& r : requantizers) words.insert(words.end(), {r.multiplier, r.addend, r.right});
  Constant out = constant("records", DType::s32, words);
  out.weight_bytes = static_cast<std::int64_t>(w.bias.size() * sizeof(std::int32_t));
  return out;
}

std::optional<Constant> pack_rice(const std::vector<std::int8_t>& weights) {
  constexpr std::size_t kMinSaved = 1024;  // what decoding may take of code
  const auto fold = [](std::int32_t v) {
    return static_cast<std::uint32_t>(v < 0 ? -2 * v - 1 : 2 * v);
  };  // in [0, 255]
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  std::uint32_t low_bits = 0;
  for (std::uint32_t k = 0; k < 8; ++k) {
    std::size_t bits = 0;
    for (const std::int8_t v : weights) bits += (fold(v) >> k) + 1 + k;
    if (bits < fewest) {
      fewest = bits;
      low_bits = k;
    }
  }
  const std::size_t bytes = 4 + (fewest + 31) / 32 * 4;
  if (bytes + std::max(weights.size() / 10, kMinSaved) > weights.size()) return std::nullopt;
  std::vector<std::uint32_t> words((fewest + 31) / 32);
  std::size_t at = 0;
  const auto add = [&](std::uint32_t bit) {
    words[at / 32] |= bit << (31 - at % 32);
    ++at;
  };
  for (const std::int8_t v : weights) {
    const std::uint32_t z = fold(v);
    for (std::uint32_t i = 0; i < z >> low_bits; ++i) add(1);
    add(0);
    for (std::uint32_t i = low_bits; i > 0; --i) add(z >> (i - 1) & 1);
  }
  words.insert(words.begin(), low_bits);
  Constant out = constant("codes", DType::s32, words);
  out.weight_bytes = static_cast<std::int64_t>(bytes);
  return out;
}

bool add_packed_args(const Node& node, std::optional<Constant> packed, KernelCall& call) {
  if (!packed) return false;
  call.add_tensor(node.inputs[0]);
  call.add_constant(*std::move(packed));
  call.add_scratch();
  call.add_tensor(node.outputs[0]);
  return true;
}

}  // namespace mote
