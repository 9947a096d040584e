// The one block of memory a model works in.
#pragma once

#include <cstdint>

namespace mote {

// Alignment in bytes of the arena and of every buffer in it: what the widest vector load of any target wants.
inline constexpr std::int64_t kArenaAlignment = 16;

}  // namespace mote
