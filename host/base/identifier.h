// Names of models as identifiers of C and C++.
#pragma once

#include <string>
#include <string_view>

namespace mote {

// `name` as an identifier that no C or C++ compiler minds and that clashes with nothing in generated code:
// "my-model.v2" -> "my_model_v2", "2nd" -> "model_2nd", "int" -> "int_model", "" -> "model". At most 64 characters and
// never two underscores in a row, which are reserved.
[[nodiscard]] std::string identifier(std::string_view name);

}  // namespace mote
