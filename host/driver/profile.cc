// Trace, table, report.
#include "host/driver/profile.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/emulate/program.h"

namespace mote {
namespace {

FetchModel fetch_of(const Board& board, const TimingOptions& options) {
  FetchModel out;
  if (board.flash) out = {board.flash->origin, board.flash->bytes, 0, 16, 0, false};
  out.wait_states = options.wait_states;
  out.line_bytes = std::max(1, options.line_bytes);
  out.cached_lines = options.cached_lines;
  out.prefetches = options.prefetches;
  return out;
}

Result<TimingTable> table_of(const Board& board, const TimingOptions& options) {
  return load_timing(options.table.empty() ? board.core.name : options.table);
}

Status check_table(const TimingTable& table, const Board& board) {
  const bool is_riscv = board.core.family == "riscv";
  if ((table.architecture == "riscv") == is_riscv) return {};
  return Error{fmt::format("timing table '{}' is not for a {}", table.name, board.core.name), "",
               "leave --timing out, or choose another --board"};
}

}  // namespace

Result<ProfileReport> profile_program(const std::filesystem::path& program, const ProfileProgramOptions& options) {
  MOTE_LET(board, load_board(options.board));
  if (!board.emulator) {
    return Error{fmt::format("board '{}' is not emulated", board.name), "",
                 "choose another --board; 'mote boards' lists them"};
  }
  MOTE_LET(table, table_of(board, options.timing));
  MOTE_TRY(check_table(table, board));
  MOTE_LET(elf, read_elf(program));
  MOTE_LET(from, find_address(elf, options.from, program.string()));
  std::optional<std::uint64_t> to;
  if (!options.to.empty()) {
    MOTE_LET(found, find_address(elf, options.to, program.string()));
    to = found;
  }
  if (from == to && options.windows == 1) {
    return Error{"the measured part begins and ends at the same instruction", program.string(), "give another --to"};
  }
  MOTE_LET(machine, universal_machine(program, elf, board, options.call ? std::optional(from) : std::nullopt));
  const TraceOptions trace_options{from, to, options.windows, options.timeout};
  auto traced = trace_program(program, elf, machine, trace_options);
  if (!traced.ok() && traced.error().what.find("to add memory with") != std::string::npos && !machine.stub) {
    MOTE_LET(other, find_machine(elf, board, program.string()));
    machine = other;
    traced = trace_program(program, elf, machine, trace_options);
  }
  if (!traced.ok()) return std::move(traced).error();
  const Trace& trace = traced.value();
  FetchModel fetch = fetch_of(board, options.timing);
  // Of a program of somebody else's, all code that is in the file lies in flash.
  if (!elf.segments.empty()) fetch.origin = UINT64_MAX;
  std::uint64_t end = 0;
  for (const ElfSegment& s : elf.segments) {
    if (s.file_bytes == 0 || s.address != s.load_address) continue;
    fetch.origin = std::min(fetch.origin, s.address);
    end = std::max(end, s.address + s.file_bytes);
  }
  fetch.bytes = end > fetch.origin ? end - fetch.origin : 0;
  MOTE_LET(profile, profile_trace(trace, table, fetch));
  MOTE_LET(lines, LineTable::read(program));
  ProfileReport out = profile_report(profile, table, fetch,
                                     [&elf](std::uint64_t address) { return elf.function_at(address); }, lines, {});
  out.title = fmt::format("{} on {} ({}), from {} to {}", program.filename().string(), machine.name, board.core.name,
                          options.from, options.to.empty() ? "its return" : options.to);
  for (const TracedWait& wait : trace.waits) {
    out.notes.push_back(
        fmt::format("the device register {:#x} was waited for: {} reads got made-up values", wait.address, wait.count));
  }
  if (options.windows > 0 && trace.windows.size() < options.windows) {
    out.notes.push_back(fmt::format("{} of {} windows: then the program {}", trace.windows.size(), options.windows,
                                    trace.hang != 0 ? fmt::format("stayed at {:#x}", trace.hang) : "ended"));
  }
  return out;
}

Result<ProfileReport> profile_run(const ModelRun& run, const TimingOptions& options) {
  MOTE_LET(table, table_of(run.board, options));
  MOTE_TRY(check_table(table, run.board));
  if (!run.report.blocks) return Error{"instructions were not counted", run.board.name, "choose an emulated board"};
  const FetchModel fetch = fetch_of(run.board, options);
  MOTE_LET(profile, profile_trace(*run.report.blocks, table, fetch));
  std::vector<ProfiledLayer> layers;
  for (std::size_t i = 0; i < run.model.layers.size(); ++i) {
    const LayerInfo& layer = run.model.layers[i];
    layers.push_back({layer.op, layer.kernel, layer.name, run.layer_entries.at(i)});
  }
  ProfileReport out = profile_report(
      profile, table, fetch, [&run](std::uint64_t address) { return run.elf.function_at(address); }, run.lines, layers);
  out.arena_bytes = run.model.arena_bytes;
  std::vector<double> begins = {0};
  for (std::size_t l = 0; l < run.model.layers.size(); ++l) {
    begins.push_back(begins.back() + out.layers[l].cost.cycles / static_cast<double>(out.windows));
  }
  const auto last_layer = static_cast<std::int64_t>(run.model.layers.size());
  for (const PlacedBuffer& b : run.arena) {
    const auto first = static_cast<std::size_t>(std::clamp<std::int64_t>(b.first, 0, last_layer));
    const auto end = static_cast<std::size_t>(std::clamp<std::int64_t>(b.last + 1, 0, last_layer));
    out.arena.push_back({b.name, b.offset_bytes, b.size_bytes, begins[first], begins[end]});
  }
  out.title = fmt::format("{} on {} ({}), {}", run.model.name, run.board.name, run.board.description, run.level);
  return out;
}

}  // namespace mote
