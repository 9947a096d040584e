// Operators that a user brings: kinds beyond the rows of contract/ops/ops.def, known until the program ends. They are
// added before the first model is read; nothing is ever taken away.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/ir/graph.h"

namespace mote {

struct CustomOpName {
  std::string name;         // as in a row of ops.def
  std::string tflite_name;  // of the CUSTOM operator
  int inputs = 0;
  int outputs = 0;
};

OpKind add_custom_op(CustomOpName name);

// Null: the kind is a row of ops.def.
[[nodiscard]] const CustomOpName* custom_op(OpKind kind);
[[nodiscard]] bool is_custom_op(OpKind kind);
// Counts from 0 in the order they were added; the kind is none of ops.def's.
[[nodiscard]] std::size_t custom_op_index(OpKind kind);
[[nodiscard]] std::optional<OpKind> custom_op_from_tflite(std::string_view tflite_name);

}  // namespace mote
