// Names of TFLite's builtin operators, also of those mote does not run.
#pragma once

#include <cstdint>
#include <string>

namespace mote {

// "CONV_2D" for 3; "builtin operator 4711" for a code newer than the table.
[[nodiscard]] std::string tflite_operator_name(std::int64_t code);

}  // namespace mote
