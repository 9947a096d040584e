// Machines by memory, programs by build attributes.
#include "host/emulate/program.h"

#include <elf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <map>
#include <regex>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/base/resources.h"
#include "host/base/suggest.h"
#include "host/emulate/run.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// Values of Tag_CPU_arch for the M profile (Arm IHI 0045), poorest first.
struct Architecture {
  unsigned tag;
  int rank;
  std::string_view name;
};
constexpr std::array kArchitectures = {Architecture{11, 1, "Armv6-M"},          Architecture{12, 1, "Armv6S-M"},
                                       Architecture{10, 2, "Armv7-M"},          Architecture{13, 3, "Armv7E-M"},
                                       Architecture{16, 4, "Armv8-M baseline"}, Architecture{17, 4, "Armv8-M mainline"},
                                       Architecture{21, 5, "Armv8.1-M"}};

const Architecture* architecture_of(unsigned tag) {
  const auto at = std::ranges::find(kArchitectures, tag, &Architecture::tag);
  return at == kArchitectures.end() ? nullptr : &*at;
}

int rank_of(std::string_view core) {
  static const std::map<std::string_view, int> kRanks = {{"cortex-m0", 1}, {"cortex-m0plus", 1}, {"cortex-m3", 2},
                                                         {"cortex-m4", 3}, {"cortex-m7", 3},     {"cortex-m33", 4},
                                                         {"cortex-m55", 5}};
  const auto at = kRanks.find(core);
  return at == kRanks.end() ? 0 : at->second;
}

Result<std::vector<Machine>> machines() {
  constexpr std::string_view kFile = "ports/machines.toml";
  std::vector<Machine> out;
  const toml::table table = toml::parse(find_resource(kFile).value_or(""), kFile);
  const toml::array* list = table["machine"].as_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const toml::table& m = *(*list)[i].as_table();
    Machine& machine = out.emplace_back();
    machine.name = m["name"].value_or("");
    machine.core = m["core"].value_or("");
    machine.emulator.program = m["program"].value_or("");
    machine.emulator.package = m["package"].value_or("");
    for (const toml::node& a : *m["arguments"].as_array()) machine.emulator.arguments.emplace_back(a.value_or(""));
    for (const toml::node& r : *m["memory"].as_array()) {
      const toml::array& pair = *r.as_array();
      machine.memory.push_back({pair[0].value_or(std::uint64_t{0}), pair[1].value_or(std::uint64_t{0})});
    }
  }
  return out;
}

bool holds(const Machine& machine, std::uint64_t address, std::uint64_t bytes) {
  return std::ranges::any_of(machine.memory, [&](const Region& r) {
    return address >= r.origin && address - r.origin <= r.bytes && bytes <= r.bytes - (address - r.origin);
  });
}

// "0x08000000-0x0800a000" for every piece of memory that the machine lacks.
std::vector<std::string> missing_memory(const Elf& elf, const Machine& machine) {
  std::vector<std::string> out;
  const auto need = [&](std::uint64_t address, std::uint64_t bytes) {
    if (bytes > 0 && !holds(machine, address, bytes))
      out.push_back(fmt::format("{:#x}-{:#x}", address, address + bytes));
  };
  for (const ElfSegment& s : elf.segments) {
    need(s.load_address, s.file_bytes);
    if (s.address != s.load_address || s.bytes != s.file_bytes) need(s.address, s.bytes);
  }
  return out;
}

Status check_core(const Elf& elf, const Board& board, const std::string& where) {
  const bool is_riscv = board.core.family == "riscv";
  if (elf.is_64_bit || (elf.machine != EM_ARM && elf.machine != EM_RISCV)) {
    return Error{fmt::format("is no program for a 32-bit Arm or RISC-V microcontroller (machine {} of the ELF header)",
                             elf.machine),
                 where, "give a program that was linked for the board"};
  }
  if (is_riscv != (elf.machine == EM_RISCV)) {
    return Error{fmt::format("is a program for {}, but board '{}' has a {}", is_riscv ? "Arm" : "RISC-V", board.name,
                             board.core.name),
                 where, "choose another --board; 'mote boards' lists them"};
  }
  if (is_riscv || elf.arm_architecture == 0) return {};
  const Architecture* architecture = architecture_of(elf.arm_architecture);
  if (architecture == nullptr) {
    return Error{"is not for an Arm M-profile core", where, "give a program for a Cortex-M"};
  }
  if (architecture->rank > rank_of(board.core.name)) {
    return Error{fmt::format("is a program for {}, which the {} of board '{}' cannot run", architecture->name,
                             board.core.name, board.name),
                 where, "choose another --board; 'mote boards' lists them"};
  }
  return {};
}

}  // namespace

Result<Machine> find_machine(const Elf& elf, const Board& board, const std::string& where) {
  if (!board.emulator)
    return Error{fmt::format("board '{}' is not emulated", board.name), where, "choose another --board"};
  MOTE_TRY(check_core(elf, board, where));
  const Machine own{board.name, board.core.name, *board.emulator, {*board.flash, *board.ram}};
  if (missing_memory(elf, own).empty()) return own;
  MOTE_LET(all, machines());
  const auto can_run = [&](const Machine& m) {
    if (board.core.family == "riscv") return m.core == board.core.name;
    const Architecture* needed = architecture_of(elf.arm_architecture);
    return rank_of(m.core) >= (needed != nullptr ? needed->rank : rank_of(board.core.name));
  };
  // One with the board's core before any other.
  for (const bool same_core : {true, false}) {
    for (const Machine& m : all) {
      if ((m.core == board.core.name) == same_core && can_run(m) && missing_memory(elf, m).empty()) return m;
    }
  }
  std::vector<std::string> needed;
  for (const ElfSegment& s : elf.segments) {
    if (s.bytes > 0) needed.push_back(fmt::format("{:#x}-{:#x}", s.address, s.address + s.bytes));
  }
  std::ranges::sort(needed);
  needed.erase(std::ranges::unique(needed).begin(), needed.end());
  return Error{
      fmt::format("no emulated machine that runs {} code has memory at {}", board.core.name, fmt::join(needed, ", ")),
      where, fmt::format("link it for the memory of '{}', or of a machine in ports/machines.toml", board.name)};
}

Result<std::uint64_t> find_address(const Elf& elf, std::string_view symbol_or_address, const std::string& where) {
  const std::string text(symbol_or_address);
  if (text.starts_with("0x") || text.starts_with("0X")) {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), out, 16);
    if (error == std::errc() && end == text.data() + text.size()) return out & ~std::uint64_t{1};
    return Error{fmt::format("'{}' is no address", text), where, "write 0x and hexadecimal digits"};
  }
  if (const auto address = elf.address_of(text)) return *address & ~std::uint64_t{1};
  if (elf.symbols.empty()) {
    return Error{fmt::format("has no symbols, so '{}' cannot be found", text), where,
                 "give addresses: --from 0x... --to 0x..."};
  }
  std::vector<std::string> names;
  for (const ElfSymbol& s : elf.symbols) names.push_back(s.name);
  if (std::ranges::find(names, text) != names.end()) {
    return Error{fmt::format("has several symbols '{}'", text), where, "give an address instead"};
  }
  const std::string near = nearest(text, names);
  return Error{fmt::format("has no symbol '{}'{}", text, near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
               where, "give a symbol of the program, or an address"};
}

Result<Trace> trace_program(const fs::path& program, const Elf& elf, const Machine& machine,
                            const TraceOptions& options) {
  MOTE_LET(work, TemporaryFolder::create("mote"));
  MOTE_LET(emulator, find_program(machine.emulator.program, machine.emulator.package));
  MOTE_LET(plugin, find_count_plugin());
  MOTE_LET(option, trace_option(elf, work.path(), options.from, options.to, options.windows));
  ProcessOptions process{{emulator.string()}, work.path(), options.timeout, "stop\ninfo registers\nquit\n"};
  std::ranges::copy(machine.emulator.arguments, std::back_inserter(process.argv));
  std::string plugin_option;
  for (const char c : plugin.string()) plugin_option += c == ',' ? ",," : std::string(1, c);
  process.argv.insert(process.argv.end(), {"-display", "none", "-serial", "none", "-monitor", "stdio",
                                           "-semihosting-config", "enable=on,target=native", "-kernel",
                                           fs::absolute(program).string(), "-plugin", plugin_option + option});
  MOTE_LET(result, run_process(process));
  const std::string where = fmt::format("{} on {}", program.string(), machine.name);
  if (!fs::exists(work.path() / kTraceFile)) {
    std::string said = result.err;
    while (!said.empty() && said.back() == '\n') said.pop_back();
    return Error{fmt::format("the emulator failed: {}", said.empty() ? "it said nothing" : said), where, ""};
  }
  MOTE_LET(trace, read_trace(work.path() / kTraceFile));
  if (trace.windows.empty()) {
    static const std::regex kCounter("(?:R15=|\\bpc\\s+)([0-9a-fA-F]{8,16})");
    std::smatch match;
    std::string end = result.timed_out ? fmt::format("after {:.0f} s it was still running",
                                                     std::chrono::duration<double>(options.timeout).count())
                                       : fmt::format("it ended with status {}", result.status);
    if (std::regex_search(result.out, match, kCounter)) {
      const std::uint64_t pc = std::stoull(match[1].str(), nullptr, 16);
      const std::string function = elf.function_at(pc);
      end += function.empty() ? fmt::format(" at pc {:#x}", pc) : fmt::format(" in '{}' (pc {:#x})", function, pc);
    }
    const bool was_open = !trace.edges.empty();
    return Error{
        fmt::format("the program never came to {:#x} ({}); {}", was_open ? options.to : options.from,
                    was_open ? "--to" : "--from", end),
        where,
        was_open ? "choose an end that is reached" : "check the address, and that the program starts on this machine"};
  }
  return trace;
}

}  // namespace mote
