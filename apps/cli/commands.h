// The commands of the mote program, one file each. A command declares its options and says what to do when it is
// chosen.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "host/base/result.h"
#include "host/ir/types.h"
#include "host/ops/kernel.h"

namespace mote {
struct TimingOptions;
}

namespace mote::cli {

// Set by the command the user chose. Prints its result; returns what went wrong.
using Action = std::function<Status()>;

// The option --optimize.
void add_goal(CLI::App& command, Goal& goal);
// The option --shape.
void add_shapes(CLI::App& command, std::map<std::string, Shape>& shapes);
// The options --timing, --wait-states and what belongs to them.
void add_timing(CLI::App& command, TimingOptions& timing);

void add_new(CLI::App& app, Action& chosen);
void add_data(CLI::App& app, Action& chosen);
void add_inspect(CLI::App& app, Action& chosen);
void add_compile(CLI::App& app, Action& chosen);
void add_image(CLI::App& app, Action& chosen);
void add_runtime(CLI::App& app, Action& chosen);
void add_run(CLI::App& app, Action& chosen);
void add_profile(CLI::App& app, Action& chosen);
void add_renode(CLI::App& app, Action& chosen);
void add_monitor(CLI::App& app, Action& chosen);
void add_gate(CLI::App& app, Action& chosen);
void add_boards(CLI::App& app, Action& chosen);
void add_train(CLI::App& app, Action& chosen);
void add_test(CLI::App& app, Action& chosen);

}  // namespace mote::cli
