// Files in, emulator, files out.
#include "host/emulate/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <regex>
#include <set>
#include <span>

#include "host/base/file.h"
#include "host/base/process.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// Exit statuses of the harness; see ports/harness and ports/mcu/bare.
constexpr int kHarnessFailed = 2;
constexpr int kFault = 3;
constexpr std::array kFiles = {"input.bin", "output.bin", "report.bin", "trace.bin", "fault.bin", "counts.bin"};

// Reads numbers and blocks from a file's bytes.
class Cursor {
 public:
  explicit Cursor(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  template <class T>
  bool number(T& out) {
    if (rest_.size() < sizeof out) return false;
    std::memcpy(&out, rest_.data(), sizeof out);
    rest_ = rest_.subspan(sizeof out);
    return true;
  }
  bool block(std::size_t bytes, std::vector<std::uint8_t>& out) {
    if (rest_.size() < bytes) return false;
    out.assign(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(bytes));
    rest_ = rest_.subspan(bytes);
    return true;
  }
  [[nodiscard]] std::string text() const { return {rest_.begin(), rest_.end()}; }

 private:
  std::span<const std::uint8_t> rest_;
};

Error incomplete(const char* file) { return {"the firmware left an incomplete file", file, ""}; }

Result<std::string> input_file(const GeneratedCode& code, const std::vector<RunRecord>& records) {
  std::string out;
  for (std::size_t r = 0; r < records.size(); ++r) {
    const RunRecord& record = records[r];
    const std::string where = fmt::format("record {}", r);
    if (record.model >= code.models.size()) return Error{"names a model that is not there", where, ""};
    const GeneratedModel& model = code.models[record.model];
    if (record.inputs.size() != model.inputs.size()) {
      return Error{fmt::format("{} inputs given, '{}' has {}", record.inputs.size(), model.name, model.inputs.size()),
                   where, ""};
    }
    const auto index = static_cast<std::uint32_t>(record.model);
    out.append(reinterpret_cast<const char*>(&index), sizeof index);
    for (std::size_t i = 0; i < model.inputs.size(); ++i) {
      const PortInfo& port = model.inputs[i];
      if (record.inputs[i].size() != static_cast<std::size_t>(port.size_bytes)) {
        return Error{fmt::format("input {} '{}' has {} bytes, expected {}", i, port.name, record.inputs[i].size(),
                                 port.size_bytes),
                     where, ""};
      }
      out.append(record.inputs[i].begin(), record.inputs[i].end());
    }
  }
  return out;
}

// An instruction address that the counter notes, and what it means.
struct Marker {
  std::uint64_t address = 0;
  std::size_t model = 0;
  std::size_t layer = 0;  // kInvoke: the model's begin
  static constexpr std::size_t kInvoke = SIZE_MAX;
};

struct Markers {
  std::vector<Marker> begins;
  std::uint64_t end = 0;  // where every invoke returns to
};

Result<Markers> find_markers(const Firmware& firmware) {
  Markers out;
  std::set<std::uint64_t> seen;
  const auto add = [&](const std::string& symbol, std::size_t model, std::size_t layer) -> Status {
    const auto address = firmware.elf.address_of(symbol);
    if (!address || !seen.insert(*address).second) {
      return Error{fmt::format("function '{}' is not there as a function of its own", symbol),
                   firmware.program.string(), ""};
    }
    out.begins.push_back({*address, model, layer});
    return {};
  };
  for (std::size_t m = 0; m < firmware.code.models.size(); ++m) {
    const GeneratedModel& model = firmware.code.models[m];
    MOTE_TRY(add(fmt::format("{}_invoke", model.name), m, Marker::kInvoke));
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      MOTE_TRY(add(layer_symbol(model, model.layers[i]), m, i));
    }
  }
  const auto end = firmware.elf.address_of("mote_invoke_return");
  if (!end) return Error{"mote_invoke_return is not there", firmware.program.string(), ""};
  out.end = *end;
  return out;
}

// What the counter wrote: (address, instructions before it), in the order of execution.
struct Snapshot {
  std::uint64_t address;
  std::uint64_t count;
};

std::vector<Snapshot> read_snapshots(const fs::path& path) {
  std::vector<Snapshot> out;
  auto bytes = read_file(path);
  if (!bytes.ok()) return out;
  Cursor cursor(bytes.value());
  for (Snapshot s{}; cursor.number(s.address) && cursor.number(s.count);) {
    // A function that begins with a loop passes its first instruction again.
    if (out.empty() || out.back().address != s.address) out.push_back(s);
  }
  return out;
}

// Per record, the snapshots must be: invoke, every layer once and in order, the return.
Status assign_counts(const Firmware& firmware, const Markers& markers, const std::vector<Snapshot>& snapshots,
                     const std::vector<RunRecord>& records, RunReport& report) {
  const Error unexpected{"the counted instructions do not follow the order of the layers", "counts.bin", ""};
  std::size_t at = 0;
  const auto next = [&]() -> const Snapshot* { return at < snapshots.size() ? &snapshots[at++] : nullptr; };
  for (std::size_t r = 0; r < records.size(); ++r) {
    const std::size_t layers = firmware.code.models[records[r].model].layers.size();
    RecordReport& record = report.records[r];
    std::uint64_t begin = 0;
    std::uint64_t previous = 0;
    const auto marker =
        std::ranges::find_if(markers.begins, [&](const Marker& m) { return m.model == records[r].model; });
    for (std::size_t i = 0; i <= layers; ++i) {
      const Snapshot* s = next();
      if (s == nullptr || s->address != marker[static_cast<std::ptrdiff_t>(i)].address) return unexpected;
      if (i == 0) begin = s->count;
      if (i > 1) record.layer_instructions.push_back(s->count - previous);
      previous = s->count;
    }
    const Snapshot* end = next();
    if (end == nullptr || end->address != markers.end) return unexpected;
    if (layers > 0) record.layer_instructions.push_back(end->count - previous);
    record.instructions = end->count - begin;
  }
  return at == snapshots.size() ? Status{} : Status{unexpected};
}

Status read_outputs(const Firmware& firmware, const std::vector<RunRecord>& records, RunReport& report) {
  MOTE_LET(outputs, read_file(firmware.work / "output.bin"));
  Cursor cursor(outputs);
  for (const RunRecord& record : records) {
    RecordReport& out = report.records.emplace_back();
    for (const PortInfo& port : firmware.code.models[record.model].outputs) {
      if (!cursor.block(static_cast<std::size_t>(port.size_bytes), out.outputs.emplace_back()))
        return incomplete("output.bin");
    }
  }
  if (!cursor.at_end()) return incomplete("output.bin");
  MOTE_LET(stacks, read_file(firmware.work / "report.bin"));
  Cursor stack(stacks);
  if (!stack.number(report.program_stack_bytes)) return incomplete("report.bin");
  for (std::size_t m = 0; m < firmware.code.models.size(); ++m) {
    if (!stack.number(report.invoke_stack_bytes.emplace_back())) return incomplete("report.bin");
  }
  return {};
}

Status read_trace(const Firmware& firmware, RunReport& report) {
  const fs::path file = firmware.work / "trace.bin";
  if (!fs::exists(file)) return {};  // models without layers trace nothing
  MOTE_LET(bytes, read_file(file));
  Cursor cursor(bytes);
  while (!cursor.at_end()) {
    std::uint32_t record = 0;
    std::uint32_t layer = 0;
    std::uint32_t size = 0;
    TracedTensor traced;
    if (!cursor.number(record) || !cursor.number(layer) || !cursor.number(size) || !cursor.block(size, traced.bytes) ||
        record >= report.records.size()) {
      return incomplete("trace.bin");
    }
    traced.layer = layer;
    report.records[record].trace.push_back(std::move(traced));
  }
  return {};
}

// "layer 3 conv_2d 'name' of 'kws', record 7", as far as the counter saw; "" when nothing ran.
std::string progress_text(const Firmware& firmware, const Markers& markers, const std::vector<Snapshot>& snapshots) {
  if (snapshots.empty()) return "";
  const auto done = std::ranges::count(snapshots, markers.end, &Snapshot::address);
  const auto marker = std::ranges::find(markers.begins, snapshots.back().address, &Marker::address);
  if (marker == markers.begins.end()) return fmt::format(" after record {}", done - 1);
  const GeneratedModel& model = firmware.code.models[marker->model];
  if (marker->layer == Marker::kInvoke) return fmt::format(" in '{}', record {}", model.name, done);
  const LayerInfo& layer = model.layers[marker->layer];
  return fmt::format(" in layer {} {} '{}' of '{}', record {}", marker->layer, layer.op, layer.name, model.name, done);
}

std::string place_text(const Elf& elf, std::uint64_t pc) {
  const std::string function = elf.function_at(pc);
  return function.empty() ? fmt::format("at pc {:#x}", pc) : fmt::format("in function '{}' (pc {:#x})", function, pc);
}

struct FaultReport {
  std::uint64_t pc = 0;
  std::uint64_t return_address = 0;
  std::uint64_t data_address = 0;
  std::string text;
};

// fault.bin: three addresses as wide as the machine's, then text. All ones: not known.
std::optional<FaultReport> read_fault(const Firmware& firmware) {
  auto bytes = read_file(firmware.work / "fault.bin");
  if (!bytes.ok()) return std::nullopt;
  Cursor cursor(bytes.value());
  FaultReport out;
  for (std::uint64_t* value : {&out.pc, &out.return_address, &out.data_address}) {
    if (firmware.elf.is_64_bit) {
      if (!cursor.number(*value)) return std::nullopt;
      continue;
    }
    std::uint32_t narrow = 0;
    if (!cursor.number(narrow)) return std::nullopt;
    *value = narrow == UINT32_MAX ? UINT64_MAX : narrow;
  }
  out.text = cursor.text();
  return out;
}

std::string fault_text(const Firmware& firmware, const FaultReport& fault) {
  std::string out = fault.text;
  if (fault.pc != UINT64_MAX) out += " " + place_text(firmware.elf, fault.pc);
  if (fault.data_address != UINT64_MAX) out += fmt::format(", data address {:#x}", fault.data_address);
  if (fault.return_address != UINT64_MAX) {
    const std::string caller = firmware.elf.function_at(fault.return_address & ~std::uint64_t{1});
    if (!caller.empty()) out += fmt::format(", return address in '{}'", caller);
  }
  return out;
}

// Where a program that ran out of time was: the emulator's monitor prints registers, the host's harness writes a fault.
std::string hang_text(const Firmware& firmware, const ProcessResult& result) {
  if (const auto fault = read_fault(firmware)) return place_text(firmware.elf, fault->pc);
  static const std::regex kPattern("(?:R15=|\\bpc\\s+)([0-9a-fA-F]{8,16})");
  std::smatch match;
  if (!std::regex_search(result.out, match, kPattern)) return "at an unknown place";
  return place_text(firmware.elf, std::stoull(match[1].str(), nullptr, 16));
}

Error failure(const Firmware& firmware, const ProcessResult& result, const RunOptions& options,
              const std::string& progress) {
  const std::string where = fmt::format("board {}", firmware.board.name);
  if (result.timed_out) {
    return {fmt::format("not done after {:.1f} s: it was {}{}", std::chrono::duration<double>(options.timeout).count(),
                        hang_text(firmware, result), progress),
            where, "allow more time, or look for a loop that does not end"};
  }
  if (result.status == kFault) {
    if (const auto fault = read_fault(firmware)) {
      return {fmt::format("the firmware stopped with a fault: {}{}", fault_text(firmware, *fault), progress), where,
              fault->text == "stack overflow" ? "raise stack_bytes of the board" : ""};
    }
  }
  std::string said = result.err;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  if (result.status == kHarnessFailed && said.starts_with("harness: ")) return {said, where, ""};
  const std::string end = result.signal != 0 ? fmt::format("by signal {} ({})", result.signal, strsignal(result.signal))
                                             : fmt::format("with status {}", result.status);
  return {fmt::format("{} ended {}: {}", firmware.board.emulator ? firmware.board.emulator->program : "the program",
                      end, said.empty() ? "it said nothing" : said),
          where, ""};
}

// A value for QEMU's comma-separated options.
std::string escape_commas(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == ',' ? ",," : std::string(1, c);
  return out;
}

// Asks QEMU's monitor where the processor is; stop first, for the program counter is only true between blocks.
constexpr const char* kWhereAreYou = "stop\ninfo registers\nquit\n";

}  // namespace

Result<fs::path> find_count_plugin() {
  constexpr const char* kFile = "libmote_count.so";
  std::vector<fs::path> places;
  if (const char* given = std::getenv("MOTE_COUNT_PLUGIN"); given != nullptr && *given != '\0') {
    places.emplace_back(given);
  } else {
    std::error_code code;
    const fs::path folder = fs::read_symlink("/proc/self/exe", code).parent_path();
    places = {folder / kFile, folder / "../lib/mote" / kFile};
  }
  for (const fs::path& place : places) {
    if (fs::exists(place)) return fs::absolute(place).lexically_normal();
  }
  return Error{"the instruction counter is missing", places.front().string(),
               "build the target mote_count, set MOTE_COUNT_PLUGIN to its file, or run without counting"};
}

std::string layer_symbol(const GeneratedModel& model, const LayerInfo& layer) {
  return fmt::format("{}::(anonymous namespace)::{}(unsigned char*)", model.name, layer.function);
}

Result<std::string> trace_option(const Elf& elf, const fs::path& work, std::uint64_t from,
                                 std::optional<std::uint64_t> to, std::uint64_t windows) {
  constexpr const char* kFunctions = "functions.bin";
  std::string functions;
  std::uint64_t last = UINT64_MAX;
  for (const ElfSymbol& symbol : elf.symbols) {
    if (!symbol.is_function || symbol.address == last) continue;
    last = symbol.address;
    functions.append(reinterpret_cast<const char*>(&last), sizeof last);
  }
  MOTE_TRY(write_file(work / kFunctions, functions));
  std::error_code code;
  fs::remove(work / kTraceFile, code);
  const std::string end = to ? fmt::format("{:#x}", *to) : "return";
  return fmt::format(",profile={},from={:#x},to={},windows={},functions={}", kTraceFile, from, end, windows,
                     kFunctions);
}

Result<RunReport> run_firmware(const Firmware& firmware, const std::vector<RunRecord>& records,
                               const RunOptions& options) {
  MOTE_LET(input, input_file(firmware.code, records));
  const fs::path& work = firmware.work;
  std::error_code code;
  for (const char* file : kFiles) fs::remove(work / file, code);
  MOTE_TRY(write_file(work / "input.bin", input));

  RunReport report;
  Markers markers;
  ProcessOptions process{{}, work, options.timeout, ""};
  if (const auto& emulator = firmware.board.emulator) {
    MOTE_LET(program, find_program(emulator->program, emulator->package));
    process.argv = {program.string()};
    std::ranges::copy(emulator->arguments, std::back_inserter(process.argv));
    process.argv.insert(process.argv.end(),
                        {"-display", "none", "-serial", "none", "-monitor", "stdio", "-semihosting-config",
                         "enable=on,target=native", "-kernel", "firmware.elf"});
    process.last_words = kWhereAreYou;
    report.counted = options.count_instructions && !firmware.options.trace;
    if (report.counted) {
      MOTE_LET(plugin, find_count_plugin());
      MOTE_LET(found, find_markers(firmware));
      markers = std::move(found);
      std::string argument = escape_commas(plugin.string()) + ",out=counts.bin";
      for (const Marker& marker : markers.begins) argument += fmt::format(",at={:#x}", marker.address);
      if (options.trace_blocks) {
        MOTE_LET(more, trace_option(firmware.elf, work, markers.begins.front().address, markers.end, 0));
        argument += more;
      }
      process.argv.insert(process.argv.end(), {"-plugin", argument + fmt::format(",at={:#x}", markers.end)});
    }
  } else {
    process.argv = {fs::absolute(firmware.program).string()};
  }

  const auto begin = std::chrono::steady_clock::now();
  MOTE_LET(result, run_process(process));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::vector<Snapshot> snapshots =
      report.counted ? read_snapshots(work / "counts.bin") : std::vector<Snapshot>{};
  if (!result.succeeded()) return failure(firmware, result, options, progress_text(firmware, markers, snapshots));

  MOTE_TRY(read_outputs(firmware, records, report));
  if (report.counted) MOTE_TRY(assign_counts(firmware, markers, snapshots, records, report));
  if (report.counted && options.trace_blocks) {
    MOTE_LET(trace, read_trace(work / kTraceFile));
    report.blocks = std::move(trace);
  }
  if (firmware.options.trace) MOTE_TRY(read_trace(firmware, report));
  return report;
}

}  // namespace mote
