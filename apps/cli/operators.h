// The command `mote operators`.
#pragma once

#include "apps/cli/commands.h"

namespace mote::cli {

void add_operators(CLI::App& app, Action& chosen);

}  // namespace mote::cli
