// Everyday English words, chosen for many different sounds: what a wake word must not be confused with.
#pragma once

#include <span>
#include <string_view>

namespace mote::synth {

[[nodiscard]] std::span<const std::string_view> words();

}  // namespace mote::synth
