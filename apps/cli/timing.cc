// Options of cycle estimates, alike in every command that makes them.
#include "apps/cli/commands.h"
#include "host/driver/profile.h"

namespace mote::cli {

void add_timing(CLI::App& command, TimingOptions& timing) {
  constexpr int kMostWaitStates = 64;
  command.add_option("--timing", timing.table,
                     "Timing table: a name of ports/timing, or a .toml file (default: the one of the board's core)");
  command.add_option("--wait-states", timing.wait_states, "Wait states of the memory that code runs from")
      ->check(CLI::Range(0, kMostWaitStates))
      ->capture_default_str();
  command.add_option("--line", timing.line_bytes, "Bytes that this memory gives at once")
      ->check(CLI::Range(4, 64))
      ->capture_default_str();
  command.add_option("--cache-lines", timing.cached_lines, "Lines of an instruction cache before it (0: none)")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  command.add_flag("--prefetch", timing.prefetches, "The next line is fetched while one runs");
}

}  // namespace mote::cli
