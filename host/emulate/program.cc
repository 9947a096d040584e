// Machines by memory, programs by build attributes.
#include "host/emulate/program.h"

#include <elf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <cstring>
#include <initializer_list>
#include <map>
#include <regex>
#include <set>

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

// Memory of the emulated Cortex-M as Arm's memory map divides it; both ends of the RAM are ours.
constexpr std::uint64_t kStubAddress = 0x1FFF0000;
constexpr std::uint64_t kTopOfStack = 0x3FFF0000;
constexpr std::string_view kArmMemory =
    ",over=1,ram=0x0:0x20000000,ram=0x20000000:0x20000000,devices=0x40000000:0x20000000,ram=0x60000000:0x40000000,"
    "devices=0xa0000000:0x40000000,devices=0xe0100000:0x1ff00000";
// RISC-V prescribes no map: memory where chips have it and where the program is, registers elsewhere. Below 0x2000 the
// machine's own code stays. A later piece covers an earlier one.
constexpr std::string_view kRiscvMemory =
    ",over=1,ram=0x0:0x1000,ram=0x2000:0x1ffe000,devices=0x2000000:0x1e000000,ram=0x20000000:0x20000000,devices="
    "0x40000000:0x40000000,"
    "ram=0x80000000:0x20000000,devices=0xa0000000:0x5fff0000,ram=0xffff0000:0x10000";
constexpr std::uint64_t kRiscvBoard = 0x80000000;  // where QEMU's board starts
constexpr std::uint64_t kRiscvStart = 0xFFFF0000;
constexpr std::uint64_t kRiscvStack = 0x87FF0000;
constexpr Region kRiscvBoot = {0x1000, 0x1000};

void append(std::vector<std::uint8_t>& out, std::initializer_list<std::uint32_t> words) {
  for (const std::uint32_t word : words) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(word >> shift));
  }
}

std::uint64_t top_of_stack(const Elf& elf, std::uint64_t otherwise) {
  for (const char* name : {"_estack", "__StackTop", "__stack_top", "_stack_top", "__stack", "_stack"}) {
    const auto address = elf.address_of(name);
    if (address && *address > 0x1000 && *address % 4 == 0) return *address;
  }
  return otherwise;
}

// A vector table, then code that switches floating point on, calls the target, and stays where it returns to.
Stub arm_stub(std::uint64_t target, std::uint64_t stack) {
  Stub out{kStubAddress, {}};
  constexpr std::uint32_t kCode = kStubAddress + 0x40;
  append(out.code, {static_cast<std::uint32_t>(stack), kCode + 1});
  for (int i = 2; i < 16; ++i) append(out.code, {kCode + 0x20 + 1});
  append(out.code, {0x68014808, 0x43114A08, 0xF3BF6001, 0xF3BF8F4F, 0x20008F6F, 0x22002100, 0x4C042300, 0xE7FE47A0,
                    0x46C0E7FE, 0xE000ED88, 0x00F00000, static_cast<std::uint32_t>(target) | 1});
  return out;
}

// Loads sp and gp, calls the target, and stays where it returns to.
Stub riscv_stub(std::uint64_t target, std::uint64_t stack, std::uint64_t global_pointer) {
  Stub out{kRiscvStart, {}};
  append(out.code, {0x00000297, 0x01C2A103, 0x0202A183, 0x0242A303, 0x000300E7, 0x0000006F, 0x00000013,
                    static_cast<std::uint32_t>(stack), static_cast<std::uint32_t>(global_pointer),
                    static_cast<std::uint32_t>(target)});
  return out;
}

// The word at an address where the program is loaded; nothing where it is not.
std::optional<std::uint32_t> word_at(const Elf& elf, const std::vector<std::uint8_t>& file, std::uint64_t address) {
  for (const ElfSegment& s : elf.segments) {
    if (address < s.load_address || address - s.load_address + 4 > s.file_bytes) continue;
    const std::uint64_t at = s.file_offset + (address - s.load_address);
    if (at > file.size() || file.size() - at < 4) continue;
    std::uint32_t out = 0;
    std::memcpy(&out, file.data() + at, sizeof out);
    return out;
  }
  return std::nullopt;
}

// A stack pointer in memory and an odd address of the program's code.
bool is_vector_table(const Elf& elf, const std::vector<std::uint8_t>& file, std::uint64_t address) {
  const auto stack = word_at(elf, file, address);
  const auto reset = word_at(elf, file, address + 4);
  if (!stack || !reset || *stack % 4 != 0 || *reset % 2 == 0 || *stack < 0x100) return false;
  const bool in_memory = *stack <= 0x40000000 || (*stack > 0x60000000 && *stack <= 0xA0000000);
  return in_memory && word_at(elf, file, *reset & ~3U).has_value();
}

// A table that starts at the entry point is the one, else one that is called so, else the first that looks like one.
std::optional<std::uint64_t> find_vectors(const Elf& elf, const std::vector<std::uint8_t>& file) {
  constexpr std::uint64_t kAlignment = 128;
  constexpr std::uint64_t kFar = 0x40000;  // how deep in a segment one is looked for
  std::optional<std::uint64_t> first;
  for (const ElfSegment& s : elf.segments) {
    const std::uint64_t begin = (s.load_address + kAlignment - 1) / kAlignment * kAlignment;
    for (std::uint64_t a = begin; a < s.load_address + std::min(s.file_bytes, kFar); a += kAlignment) {
      if (!is_vector_table(elf, file, a)) continue;
      if (elf.entry != 0 && (word_at(elf, file, a + 4).value_or(0) & ~1U) == elf.entry) return a;
      if (a == begin && (!first || a < *first)) first = a;
    }
  }
  for (const char* name : {"__isr_vector", "g_pfnVectors", "__Vectors", "__vectors", "_vectors", "vector_table",
                           "__vector_table", "isr_vector", "_isr_vector", "vectors", "__VECTOR_TABLE"}) {
    const auto address = elf.address_of(name);
    if (address && *address % kAlignment == 0 && is_vector_table(elf, file, *address)) return address;
  }
  for (const ElfSection& section : elf.sections) {
    const bool is_called_so = section.name.find("vec") != std::string::npos || section.name.starts_with(".isr");
    if (is_called_so && section.address % kAlignment == 0 && is_vector_table(elf, file, section.address)) {
      return section.address;
    }
  }
  return first;
}

// Whether Arm's memory map forbids execution, as long as no program set up protection regions that say otherwise.
bool never_executes(std::uint64_t address) {
  return (address >= 0x40000000 && address < 0x60000000) || address >= 0xA0000000;
}

// Memory where the program has some and the map has devices.
std::string memory_among_devices(const Elf& elf) {
  constexpr std::uint64_t kPage = 0x1000;
  std::string out;
  for (const ElfSegment& s : elf.segments) {
    for (const std::uint64_t address : {s.load_address, s.address}) {
      if (!never_executes(address) || s.bytes == 0) continue;
      const std::uint64_t begin = address / kPage * kPage;
      const std::uint64_t end = (address + s.bytes + kPage - 1) / kPage * kPage;
      out += fmt::format(",ram={:#x}:{:#x}", begin, end - begin);
      if (s.load_address == s.address) break;
    }
  }
  return out;
}

Error cannot_start(const std::string& where) {
  return {"has neither a vector table nor an entry point, so it cannot be started", where,
          "give --call, to call the function at --from"};
}

// The board itself when the program was linked for it, else its core with memory around what the program consists of.
Result<Machine> riscv_machine(const Elf& elf, const Machine& board, std::optional<std::uint64_t> call,
                              const std::vector<std::uint8_t>& file, const std::string& where) {
  constexpr std::uint64_t kBlock = 0x1000000;
  if (!call && missing_memory(elf, board).empty() && word_at(elf, file, kRiscvBoard)) return board;
  if (!call && !word_at(elf, file, elf.entry & ~std::uint64_t{3})) return cannot_start(where);
  Machine out = board;
  out.name = "memory wherever it is needed";
  out.added_memory = kRiscvMemory;
  std::set<std::uint64_t> blocks;
  for (const ElfSegment& s : elf.segments) {
    for (const auto& [begin, bytes] : {std::pair{s.load_address, s.file_bytes}, std::pair{s.address, s.bytes}}) {
      if (bytes == 0) continue;
      if (begin < kRiscvBoot.origin + kRiscvBoot.bytes && begin + bytes > kRiscvBoot.origin) {
        return Error{fmt::format("needs memory at {:#x}, where the emulator's own start-up code is",
                                 std::max(begin, kRiscvBoot.origin)),
                     where, "link it for 0x2000 or above"};
      }
      if (begin + bytes > kRiscvStart) {
        return Error{fmt::format("needs memory at {:#x}, where the code that starts it must be", kRiscvStart), where,
                     "link it for lower addresses"};
      }
      for (std::uint64_t b = begin / kBlock; b <= (begin + bytes - 1) / kBlock; ++b) blocks.insert(b * kBlock);
    }
  }
  constexpr std::size_t kMostBlocks = 8;  // a plugin's option is not endless
  if (blocks.size() > kMostBlocks) {
    return Error{fmt::format("needs memory in {} places, more than {}", blocks.size(), kMostBlocks), where, ""};
  }
  for (const std::uint64_t block : blocks) {
    const std::uint64_t begin = std::max(block, kRiscvBoot.origin + kRiscvBoot.bytes);
    const std::uint64_t end = std::min(block + kBlock, kRiscvStart);
    if (begin < end) out.added_memory += fmt::format(",ram={:#x}:{:#x}", begin, end - begin);
  }
  out.emulator.arguments.insert(out.emulator.arguments.end(),
                                {"-device", fmt::format("loader,addr={:#x},cpu-num=0", kRiscvStart)});
  out.stub = riscv_stub(call.value_or(elf.entry), top_of_stack(elf, kRiscvStack),
                        elf.address_of("__global_pointer$").value_or(0));
  return out;
}

}  // namespace

Result<Machine> universal_machine(const fs::path& program, const Elf& elf, const Board& board,
                                  std::optional<std::uint64_t> call) {
  const std::string where = program.string();
  if (!board.emulator)
    return Error{fmt::format("board '{}' is not emulated", board.name), where, "choose another --board"};
  MOTE_TRY(check_core(elf, board, where));
  MOTE_LET(file, read_file(program));
  const Machine own{board.name, board.core.name, *board.emulator, {*board.flash, *board.ram}, "", {}};
  const bool has_entry = elf.entry != 0 && word_at(elf, file, elf.entry & ~std::uint64_t{3}).has_value();
  if (board.core.family == "riscv") return riscv_machine(elf, own, call, file, where);
  Machine out;
  out.name = fmt::format("a {} with memory wherever it is needed", board.core.name);
  out.core = board.core.name;
  out.added_memory = std::string(kArmMemory) + memory_among_devices(elf);
  std::optional<std::uint64_t> vectors = call ? std::nullopt : find_vectors(elf, file);
  if (!vectors) {
    if (!call && !has_entry) return cannot_start(where);
    out.stub = arm_stub(call.value_or(elf.entry), top_of_stack(elf, kTopOfStack));
    vectors = kStubAddress;
  }
  const std::uint64_t start = out.stub ? call.value_or(elf.entry) : *word_at(elf, file, *vectors + 4) & ~1U;
  if (never_executes(start)) {
    return Error{
        fmt::format("begins at {:#x}, in a region that Cortex-M cores do not execute from: 0x40000000-0x5fffffff "
                    "and 0xa0000000-0xffffffff are for devices",
                    start),
        where, "link its code below 0x40000000, or at 0x60000000-0x9fffffff"};
  }
  out.emulator = {
      board.emulator->program,
      board.emulator->package,
      {"-machine", "lm3s6965evb", "-cpu", board.core.name == "cortex-m0plus" ? "cortex-m0" : board.core.name, "-global",
       fmt::format("armv7m.init-nsvtor={:#x}", *vectors), "-global", fmt::format("armv7m.init-svtor={:#x}", *vectors)}};
  return out;
}

Result<Machine> find_machine(const Elf& elf, const Board& board, const std::string& where) {
  if (!board.emulator)
    return Error{fmt::format("board '{}' is not emulated", board.name), where, "choose another --board"};
  MOTE_TRY(check_core(elf, board, where));
  const Machine own{board.name, board.core.name, *board.emulator, {*board.flash, *board.ram}, "", {}};
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
  process.argv.insert(
      process.argv.end(),
      {"-display", "none", "-serial", "none", "-monitor", "stdio", "-semihosting-config", "enable=on,target=native",
       "-kernel", fs::absolute(program).string(), "-plugin", plugin_option + machine.added_memory + option});
  if (machine.stub) {
    constexpr const char* kStubFile = "stub.bin";
    const auto& code = machine.stub->code;
    MOTE_TRY(write_file(work.path() / kStubFile, {reinterpret_cast<const char*>(code.data()), code.size()}));
    process.argv.insert(process.argv.end(), {"-device", fmt::format("loader,file={},addr={:#x},force-raw=on", kStubFile,
                                                                    machine.stub->address)});
  }
  MOTE_LET(result, run_process(process));
  const std::string where = fmt::format("{} on {}", program.string(), machine.name);
  if (!fs::exists(work.path() / kTraceFile)) {
    std::string said = result.err;
    // Of a crash, the registers that follow tell little: the handlers have run.
    if (const std::size_t fatal = said.find("qemu: fatal: "); fatal != std::string::npos) {
      said = said.substr(fatal, said.find('\n', fatal) - fatal);
      return Error{fmt::format("the program crashed before its end was reached: {}", said), where,
                   "it may need what is not emulated: a boot ROM, or floating point that nothing switched on"};
    }
    while (!said.empty() && said.back() == '\n') said.pop_back();
    return Error{fmt::format("the emulator failed: {}", said.empty() ? "it said nothing" : said), where, ""};
  }
  MOTE_LET(trace, read_trace(work.path() / kTraceFile));
  if (trace.windows.empty()) {
    static const std::regex kCounter("(?:R15=|\\bpc\\s+)([0-9a-fA-F]{8,16})");
    std::smatch match;
    std::string end = trace.hang != 0    ? "it hangs"
                      : result.timed_out ? fmt::format("after {:.0f} s it was still running",
                                                       std::chrono::duration<double>(options.timeout).count())
                                         : fmt::format("it ended with status {}", result.status);
    const bool has_counter = std::regex_search(result.out, match, kCounter);
    if (trace.hang != 0 || has_counter) {
      const std::uint64_t pc = trace.hang != 0 ? trace.hang : std::stoull(match[1].str(), nullptr, 16);
      const std::string function = elf.function_at(pc);
      end += function.empty() ? fmt::format(" at pc {:#x}", pc) : fmt::format(" in '{}' (pc {:#x})", function, pc);
    }
    for (const TracedWait& wait : trace.waits) {
      end += fmt::format("; it waited for the device register {:#x}, which got {} made-up values", wait.address,
                         wait.count);
    }
    const bool was_open = !trace.edges.empty();
    const std::string mark = !was_open    ? fmt::format("{:#x} (--from)", options.from)
                             : options.to ? fmt::format("{:#x} (--to)", *options.to)
                                          : "the end of the function at --from";
    return Error{fmt::format("the program never came to {}; {}", mark, end), where,
                 was_open ? "choose an end that is reached"
                          : "check the address, and that the program starts on this machine; with --call the function "
                            "at --from is called without starting the program"};
  }
  return trace;
}

}  // namespace mote
