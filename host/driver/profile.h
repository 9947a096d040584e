// Cycle estimates: of any program, and of a model's run.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "host/base/result.h"
#include "host/cycles/profile.h"
#include "host/driver/run.h"
#include "host/report/profile.h"

namespace mote {

struct TimingOptions {
  std::string table;    // a timing table's name or file; empty: the core's
  int wait_states = 0;  // of the memory that code is fetched from
  int line_bytes = 16;
  int cached_lines = 0;
  bool prefetches = false;
};

struct ProfileProgramOptions {
  std::string board = "mps2-an386";
  std::string from;   // symbols or addresses
  std::string to;     // empty: where the function at `from` returns to
  bool call = false;  // call `from` instead of starting the program
  std::uint64_t windows = 1;
  TimingOptions timing;
  std::chrono::milliseconds timeout = std::chrono::minutes(10);
};

// A part of any bare-metal program. Errors: what finding a machine, running, and timing report.
Result<ProfileReport> profile_program(const std::filesystem::path& program, const ProfileProgramOptions& options);

// What a run with RunModelOptions::trace_blocks costs.
Result<ProfileReport> profile_run(const ModelRun& run, const TimingOptions& options);

}  // namespace mote
