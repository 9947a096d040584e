// Complex numbers of the Fourier transform, and how this instruction set turns them.
#pragma once

#include <cstdint>

namespace mote::signal {

struct Complex {
  std::int32_t re;
  std::int32_t im;
};

}  // namespace mote::signal

#if defined(__ARM_FEATURE_DSP)
#include "device/signal/rotate_armv7em.h"  // IWYU pragma: export
#else
#include "device/signal/rotate_portable.h"  // IWYU pragma: export
#endif
