// int8 fully connected layer for RV32IMC.
#include "device/isa/rv32imc.h"
#include "device/kernels/fully_connected/fully_connected_s8_fours.h"

namespace mote::kernels {
namespace {

// 58 instructions for the 16 products of four inputs. The compiler would load all factors first and run out of
// registers.
[[gnu::noinline]] void make_sums(fours::Dots& dots) {
#define MOTE_PRODUCTS(AT)    \
  "lb %[f], " AT             \
  "(%[x])\n"                 \
  "lb %[g], " AT             \
  "(%[k0])\n"                \
  "mul %[g], %[g], %[f]\n"   \
  "add %[s0], %[s0], %[g]\n" \
  "lb %[g], " AT             \
  "(%[k1])\n"                \
  "mul %[g], %[g], %[f]\n"   \
  "add %[s1], %[s1], %[g]\n" \
  "lb %[g], " AT             \
  "(%[k2])\n"                \
  "mul %[g], %[g], %[f]\n"   \
  "add %[s2], %[s2], %[g]\n" \
  "lb %[g], " AT             \
  "(%[k3])\n"                \
  "mul %[g], %[g], %[f]\n"   \
  "add %[s3], %[s3], %[g]\n"
  const std::int8_t* x = dots.x;
  const std::int8_t* k0 = dots.k[0];
  const std::int8_t* k1 = dots.k[1];
  const std::int8_t* k2 = dots.k[2];
  const std::int8_t* k3 = dots.k[3];
  std::int32_t s0 = 0;
  std::int32_t s1 = 0;
  std::int32_t s2 = 0;
  std::int32_t s3 = 0;
  for (const std::int8_t* const whole = x + dots.depth / 4 * 4; x != whole;
       x += 4, k0 += 4, k1 += 4, k2 += 4, k3 += 4) {
    std::int32_t f = 0;
    std::int32_t g = 0;
    asm(MOTE_PRODUCTS("0") MOTE_PRODUCTS("1") MOTE_PRODUCTS("2") MOTE_PRODUCTS("3")
        : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [f] "=&r"(f), [g] "=&r"(g)
        : [x] "r"(x), [k0] "r"(k0), [k1] "r"(k1), [k2] "r"(k2), [k3] "r"(k3)
        : "memory");
  }
  for (const std::int8_t* const end = dots.x + dots.depth; x != end; ++x) {
    s0 += *x * *k0++;
    s1 += *x * *k1++;
    s2 += *x * *k2++;
    s3 += *x * *k3++;
  }
  dots.sums[0] = s0;
  dots.sums[1] = s1;
  dots.sums[2] = s2;
  dots.sums[3] = s3;
#undef MOTE_PRODUCTS
}

}  // namespace

void fully_connected_s8_rv32imc(const FullyConnectedParams& p, const std::int8_t* x, const std::int8_t* k,
                                const std::int32_t* records, std::int8_t* y) {
  fours::fully_connected_s8<isa::RoundingDoublingHighMul>(p, x, k, records, y, make_sums);
}

}  // namespace mote::kernels
