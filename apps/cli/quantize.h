// The command that makes an int8 model of a float one.
#pragma once

#include "apps/cli/commands.h"

namespace mote::cli {

void add_quantize(CLI::App& app, Action& chosen);

}  // namespace mote::cli
