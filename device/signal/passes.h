// The passes of the Fourier transform, as this instruction set does them.
#pragma once

#if defined(__ARM_FEATURE_MVE)
#include "device/signal/passes_mve.h"  // IWYU pragma: export
#else
#include "device/signal/passes_portable.h"  // IWYU pragma: export

namespace mote::signal {
using portable::first_pass;
using portable::pass;
using portable::split;
}  // namespace mote::signal
#endif
