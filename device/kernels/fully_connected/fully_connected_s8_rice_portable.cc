// The int8 fully connected layer from weights in Rice codes, which are decoded as they are needed.
#include "contract/quant/requantize.h"
#include "device/kernels/fully_connected/fully_connected.h"

namespace mote::kernels {
namespace {

// Reads codes from the highest bit of every word to the lowest.
class Codes {
 public:
  explicit Codes(const std::int32_t* from) : low_bits_(*from), next_(from + 1) {}

  // The next weight, in [-128, 127].
  std::int32_t next() {
    std::int32_t value = 0;
    while (bit() != 0) ++value;
    for (std::int32_t i = 0; i < low_bits_; ++i) value = 2 * value + bit();
    return (value >> 1) ^ -(value & 1);
  }

 private:
  std::int32_t bit() {
    if (left_ == 0) {
      word_ = static_cast<std::uint32_t>(*next_++);
      left_ = 32;
    }
    --left_;
    const std::uint32_t out = word_ >> 31;
    word_ <<= 1;
    return static_cast<std::int32_t>(out);  // 0 or 1
  }

  std::int32_t low_bits_;
  const std::int32_t* next_;
  std::uint32_t word_ = 0;
  std::int32_t left_ = 0;  // bits of word_
};

}  // namespace

void fully_connected_s8_rice_portable(const FullyConnectedParams& p, const std::int8_t* x, const std::int32_t* codes,
                                      const std::int32_t* b, const std::int32_t* multiplier, const std::int8_t* shift,
                                      std::int8_t* y) {
  for (std::int32_t r = 0; r < p.rows; ++r, x += p.depth) {
    Codes weights(codes);
    for (std::int32_t u = 0; u < p.units; ++u) {
      std::int32_t acc = b[u];
      for (std::int32_t d = 0; d < p.depth; ++d) acc += (x[d] + p.in_offset) * weights.next();
      const std::int32_t scale = u * p.scale_step;
      const std::int32_t q = p.out_offset + quant::requantize_double_rounding(acc, multiplier[scale], shift[scale]);
      *y++ = static_cast<std::int8_t>(quant::clamp(q, p.clamp_min, p.clamp_max));  // in [-128, 127]
    }
  }
}

}  // namespace mote::kernels
