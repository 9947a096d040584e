// The vocabulary that kernels for MVE (Helium) share. Bytes may lie anywhere; vectors of bytes may be read from
// anywhere.
#pragma once

#include <cstdint>

namespace mote::isa {

// count >= 0. Five instructions and three per 16 bytes.
inline void copy_bytes_by_16(std::int8_t* to, const std::int8_t* from, std::int32_t count) {
  asm volatile(
      "wlstp.8 lr, %[count], 2f\n"
      "1:\n"
      "vldrb.u8 q0, [%[from]], #16\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [to] "+l"(to), [from] "+l"(from)
      : [count] "r"(count)
      : "q0", "lr", "memory");
}

// value in [-128, 127]; count >= 0.
inline void fill_bytes_by_16(std::int8_t* to, std::int32_t value, std::int32_t count) {
  asm volatile(
      "vdup.8 q0, %[value]\n"
      "wlstp.8 lr, %[count], 2f\n"
      "1:\n"
      "vstrb.8 q0, [%[to]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [to] "+l"(to)
      : [count] "r"(count), [value] "r"(value)
      : "q0", "lr", "memory");
}

// Clamps bytes that are already within [-128, 127] to the narrower [lo, hi].
inline void narrow_clamp_by_16(std::int8_t* y, std::int32_t count, std::int32_t lo, std::int32_t hi) {
  if (lo == -128 && hi == 127) return;
  asm volatile(
      "vdup.8 q1, %[lo]\n"
      "vdup.8 q2, %[hi]\n"
      "wlstp.8 lr, %[count], 2f\n"
      "1:\n"
      "vldrb.u8 q0, [%[y]]\n"
      "vmax.s8 q0, q0, q1\n"
      "vmin.s8 q0, q0, q2\n"
      "vstrb.8 q0, [%[y]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [y] "+l"(y)
      : [count] "r"(count), [lo] "r"(lo), [hi] "r"(hi)
      : "q0", "q1", "q2", "lr", "memory");
}

}  // namespace mote::isa
