// The specification of quantisation of float32 to s8.
#include "device/kernels/quantize/quantize.h"
#include "device/kernels/quantize/quantize_loops.h"

namespace mote::kernels {

void quantize_f32_s8_portable(const QuantizeParams& p, const float* x, std::int8_t* y) { quantize_loop(p, x, y); }

}  // namespace mote::kernels
