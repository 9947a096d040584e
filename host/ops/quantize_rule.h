// How operators are quantised to int8, beside what their rows say.
#pragma once

#include <cstdint>

#include "host/ir/graph.h"

namespace mote {

struct QuantizeRule {
  // Where the output's scale comes from.
  enum class Output : std::uint8_t {
    range,             // the values it takes
    like_input,        // one scale for all its float inputs and outputs
    zero_to_one,       // 1/256 from -128, which the reference demands
    minus_one_to_one,  // 1/128 around 0
  };
  Output output = Output::range;
  // Inputs 1 and 2 are constant weights, with a scale per channel along this axis, and a bias; -1: they are not.
  int channel_axis = -1;
};

// An operator that this does not name is quantised by the range of its values.
[[nodiscard]] QuantizeRule quantize_rule(OpKind kind);

}  // namespace mote
