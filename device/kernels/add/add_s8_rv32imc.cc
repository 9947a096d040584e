// The int8 sum for RV32IMC.
#include "device/isa/rv32imc.h"
#include "device/kernels/add/add_s8_one_to_one.h"

namespace mote::kernels {

void add_s8_rv32imc(const ScaledBinaryParams& p, const std::int8_t* a, const std::int8_t* b, std::int8_t* y) {
  one_to_one::add_s8<isa::RoundingDoublingHighMul>(p, a, b, y);
}

}  // namespace mote::kernels
