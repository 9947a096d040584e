// The specification of quantisation of float32 to s16.
#include "device/kernels/quantize/quantize.h"
#include "device/kernels/quantize/quantize_loops.h"

namespace mote::kernels {

void quantize_f32_s16_portable(const QuantizeParams& p, const float* x, std::int16_t* y) { quantize_loop(p, x, y); }

}  // namespace mote::kernels
