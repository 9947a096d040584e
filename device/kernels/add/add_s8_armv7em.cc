// The int8 sum for Armv7E-M: four elements to a word. The operand with the
// larger scale is only shifted.
#include "device/isa/armv7em.h"
#include "device/kernels/add/add.h"

namespace mote::kernels {
namespace {

// A sum with 20 more bits: `base`, the other operand, and the one with the smaller scale, brought to the other's.
struct Smaller {
  std::int32_t offset;  // times 2^20
  isa::Requantize requantize;

  [[nodiscard, gnu::always_inline]] std::int32_t operator()(std::int32_t base, std::int32_t v) const {
    return requantize(v * (1 << 20) + offset, base);  // |v + zero point| <= 2^8
  }
};

// The same for a right shift of one, whose power of two int32 does not hold.
struct Half {
  std::int32_t offset;
  std::int32_t multiplier;

  [[nodiscard, gnu::always_inline]] std::int32_t operator()(std::int32_t base, std::int32_t v) const {
    const std::int32_t x = v * (1 << 20) + offset;
    const std::int32_t high = isa::add_rounded_high_product(x, x, multiplier);
    return base + ((high + (high >> 31) + 1) >> 1);
  }
};

// Of equal scales: shifted like the other.
struct Equal {
  [[nodiscard, gnu::always_inline]] std::int32_t operator()(std::int32_t base, std::int32_t v) const {
    return base + v * (1 << 19);
  }
};

template <class Other>
void sum(const ScaledBinaryParams& p, const std::int8_t* larger, const std::int8_t* smaller, std::int32_t offset,
         const Other& other, std::int8_t* y) {
  const isa::Requantize requantize = isa::Requantize::of(p.out_multiplier, p.out_shift);
  const std::int32_t out_offset = p.out_offset;
  const auto element = [=](std::int32_t a, std::int32_t b) __attribute__((always_inline)) {
    return isa::saturate_s8(requantize(other(a * (1 << 19) + offset, b), out_offset));
  };
  std::int32_t i = 0;
  for (; i + 4 <= p.count; i += 4) {
    const std::uint32_t a = isa::load_word(larger + i);
    const std::uint32_t b = isa::load_word(smaller + i);
    auto out = static_cast<std::uint32_t>(element(isa::byte_of(a, 0), isa::byte_of(b, 0)));
    out = isa::with_byte<1>(out, element(isa::byte_of(a, 1), isa::byte_of(b, 1)));
    out = isa::with_byte<2>(out, element(isa::byte_of(a, 2), isa::byte_of(b, 2)));
    out = isa::with_byte<3>(out, element(isa::byte_of(a, 3), isa::byte_of(b, 3)));
    isa::store_word(y + i, out);
  }
  for (; i < p.count; ++i) y[i] = static_cast<std::int8_t>(element(larger[i], smaller[i]));  // saturated
}

}  // namespace

void add_s8_armv7em(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y) {
  const bool a_is_larger = is_half(p.a_multiplier, p.a_shift);
  const std::int8_t* const larger = a_is_larger ? a : b;
  const std::int8_t* const smaller = a_is_larger ? b : a;
  const std::int32_t multiplier = a_is_larger ? p.b_multiplier : p.a_multiplier;
  const std::int32_t shift = a_is_larger ? p.b_shift : p.a_shift;
  const std::int32_t larger_offset = a_is_larger ? p.a_offset : p.b_offset;
  const std::int32_t smaller_offset = a_is_larger ? p.b_offset : p.a_offset;
  if (shift == 0) {
    sum(p, larger, smaller, (larger_offset + smaller_offset) * (1 << 19), Equal{}, y);
    return isa::narrow_clamp(y, p.count, p.clamp_min, p.clamp_max);
  }
  const isa::Requantize requantize = isa::Requantize::of(multiplier, shift < -1 ? shift : -2);
  const std::int32_t offset = smaller_offset * (1 << 20);
  if (shift < -1) {
    sum(p, larger, smaller, larger_offset * (1 << 19), Smaller{offset, requantize}, y);
  } else {
    sum(p, larger, smaller, larger_offset * (1 << 19), Half{offset, requantize.multiplier}, y);
  }
  isa::narrow_clamp(y, p.count, p.clamp_min, p.clamp_max);
}

}  // namespace mote::kernels
