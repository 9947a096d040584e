// A front end as C++: its tables and parameters, for the firmware that runs it.
#pragma once

#include <string>
#include <string_view>

#include "host/signal/front_end.h"

namespace mote::signal {

// A header that declares, in a namespace of that name, the tables and `kParams`, and when there are deltas `kDeltas`.
// Everything is constexpr: it stays in flash. `name` is an identifier.
[[nodiscard]] std::string front_end_source(const FrontEnd& front_end, std::string_view name);

}  // namespace mote::signal
