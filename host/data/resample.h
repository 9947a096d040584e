// Other sample rates, by libsoxr.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/result.h"

namespace mote::data {

// Errors: a rate that is not positive; memory that ran out.
Result<std::vector<float>> resample(const std::vector<float>& sound, double from_hz, double to_hz);

// To 16 bits, rounded; `clipped` counts samples beyond full scale.
[[nodiscard]] std::vector<std::int16_t> to_int16(const std::vector<float>& sound, std::size_t& clipped);

}  // namespace mote::data
