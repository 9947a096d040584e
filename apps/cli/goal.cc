// The option that says what to make small.
#include <map>

#include "apps/cli/commands.h"

namespace mote::cli {

void add_goal(CLI::App& command, Goal& goal) {
  std::map<std::string, Goal> goals;
  for (const Goal g : {Goal::latency, Goal::ram, Goal::flash, Goal::balanced}) {
    goals[std::string(kGoalNames[static_cast<std::size_t>(g)])] = g;
  }
  command.add_option("--optimize", goal, "What to make small: latency, ram, flash, or balanced")
      ->transform(CLI::CheckedTransformer(goals).description(""))
      ->type_name("GOAL")
      ->default_str("balanced");
}

}  // namespace mote::cli
