// A profile as people and other programs want to read it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "host/base/result.h"
#include "host/cycles/places.h"
#include "host/cycles/profile.h"
#include "host/report/html.h"

namespace mote {

// An operator of a model, and where its code begins.
struct ProfiledLayer {
  std::string op;
  std::string kernel;
  std::string name;
  std::uint64_t entry = 0;
};

struct ProfileRow {
  std::string name;
  Cost cost;
};

// A tensor or scratch in the arena, from when to when, counted in cycles since the inference began.
struct ProfiledBuffer {
  std::string name;
  std::int64_t offset_bytes = 0;
  std::int64_t size_bytes = 0;
  double begin_cycles = 0;
  double end_cycles = 0;
};

struct ProfileCall {
  std::string function;
  std::uint64_t id = 0;
  std::uint64_t parent = 0;
  std::uint64_t count = 0;  // how often it was called
  Cost self;
  Cost total;
  std::uint64_t stack_bytes = 0;  // the most that it and all below had on the stack, from where the window began
};

// Every list of rows adds up to `total`, over all windows.
struct ProfileReport {
  std::string title;
  std::string timing;  // the table's name
  std::string rests_on;
  double band_percent = 0;  // 0: not known
  std::uint64_t windows = 1;
  double fetch_stalls = 0;
  Cost total;
  std::vector<WindowCost> each;    // window; of more than are kept apart, the last is the rest
  std::uint64_t stack_bytes = 0;   // the most that was on the stack below where a window began; 0: not seen
  std::vector<std::string> notes;  // what else the reader must know
  std::vector<ProfileRow> layers;  // of a model; last, what belongs to none
  std::vector<std::string> layer_kernels;
  std::vector<std::uint64_t> layer_stack_bytes;  // of all layers but what belongs to none
  std::vector<ProfiledBuffer> arena;             // of a model
  std::int64_t arena_bytes = 0;
  std::vector<ProfileRow> functions;  // costliest first
  std::vector<ProfileRow> lines;      // "file:line", costliest first
  std::vector<ProfileRow> classes;    // costliest first
  std::vector<ProfileCall> calls;     // by id
};

// Names of functions by address; "" where none is known.
using FunctionNames = std::function<std::string(std::uint64_t)>;

[[nodiscard]] ProfileReport profile_report(const Profile& profile, const TimingTable& table, const FetchModel& fetch,
                                           const FunctionNames& names, const LineTable& lines,
                                           const std::vector<ProfiledLayer>& layers);

// "1,234 cycles, within 5% (...)".
[[nodiscard]] std::string cycles_text(double cycles, double band_percent, const std::string& rests_on);
// What an estimate may be wrong by: wait states double it.
[[nodiscard]] double band_of(const TimingTable& table, const FetchModel& fetch);

// One page with everything; `more` are further key figures.
[[nodiscard]] std::string profile_html(const ProfileReport& report, const std::vector<HtmlTile>& more);
// Tables; at most `rows` rows of each but the layers.
[[nodiscard]] std::string profile_text(const ProfileReport& report, std::size_t rows);
[[nodiscard]] nlohmann::json profile_json(const ProfileReport& report);
// "main;layer_0;conv 1234" per line: what flame graphs are drawn from. The numbers are cycles.
[[nodiscard]] std::string profile_stacks(const ProfileReport& report);
// For callgrind_annotate and KCachegrind.
[[nodiscard]] std::string profile_callgrind(const ProfileReport& report);
// For Perfetto and chrome://tracing; one cycle is drawn as one microsecond. Calls of one function from one place are
// one slice, in the order of their first call.
[[nodiscard]] std::string profile_trace_events(const ProfileReport& report);

}  // namespace mote
