// Compile, link, measure.
#include "host/emulate/firmware.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/base/resources.h"
#include "host/emulate/compile.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::string ports_text(const std::vector<PortInfo>& ports) {
  std::string out;
  for (const PortInfo& port : ports) out += fmt::format("{{{}, {}}}, ", port.offset_bytes, port.size_bytes);
  return out;
}

std::int64_t arena_bytes(const GeneratedCode& code) {
  std::int64_t out = kArenaAlignment;  // arrays of length zero do not exist
  for (const GeneratedModel& model : code.models) out = std::max(out, model.arena_bytes);
  return out;
}

// The table that ports/harness/models.h declares.
std::string models_source(const GeneratedCode& code) {
  std::string declarations;
  std::string ports;
  std::string rows;
  for (const GeneratedModel& model : code.models) {
    const std::string& name = model.name;
    const std::string reset = model.states.empty() ? "nullptr" : name + "_reset";
    declarations += fmt::format("void {}_invoke(std::uint8_t* arena);\n", name);
    if (!model.states.empty()) declarations += fmt::format("void {}(std::uint8_t* arena);\n", reset);
    ports += fmt::format("constexpr Port k_{}_inputs[] = {{{}}};\n", name, ports_text(model.inputs));
    ports += fmt::format("constexpr Port k_{}_outputs[] = {{{}}};\n", name, ports_text(model.outputs));
    rows += fmt::format("    {{{0}_invoke, {3}, k_{0}_inputs, {1}, k_{0}_outputs, {2}}},\n", name, model.inputs.size(),
                        model.outputs.size(), reset);
  }
  return fmt::format(
      "// The models in this firmware.\n"
      "#include \"ports/harness/models.h\"\n\n"
      "extern \"C\" {{\n{}}}\n\n"
      "namespace mote::harness {{\nnamespace {{\n{}}}  // namespace\n\n"
      "const Model kModels[] = {{\n{}}};\n"
      "const std::uint32_t kModelCount = {};\n"
      "std::uint32_t stack_bytes[{}] = {{}};\n"
      "alignas({}) std::uint8_t arena[{}];\n\n"
      "}}  // namespace mote::harness\n",
      declarations, ports, rows, code.models.size(), code.models.size(), kArenaAlignment, arena_bytes(code));
}

std::string linker_script(const Board& board) {
  return fmt::format(
      "MEMORY\n{{\n"
      "  flash (rx) : ORIGIN = {:#x}, LENGTH = {:#x}\n"
      "  ram (rw) : ORIGIN = {:#x}, LENGTH = {:#x}\n"
      "}}\nmote_stack_bytes = {};\n{}",
      board.flash->origin, board.flash->bytes, board.ram->origin, board.ram->bytes, board.stack_bytes,
      find_resource(board.core.sections).value_or(""));
}

// What the linker says of a full region, as a sentence: "flash (65536 bytes) is too small by 1234 bytes".
std::string overflow_text(const Board& board, const std::string& output) {
  static const std::regex kPattern("region `(flash|ram)' overflowed by ([0-9]+) byte");
  std::string out;
  for (std::sregex_iterator it(output.begin(), output.end(), kPattern), end; it != end; ++it) {
    const Region& region = (*it)[1] == "flash" ? *board.flash : *board.ram;
    const std::string text = fmt::format("{} ({} bytes) is too small by {} bytes",
                                         (*it)[1] == "flash" ? "flash" : "RAM", region.bytes, (*it)[2].str());
    if (out.find(text) == std::string::npos) out += (out.empty() ? "" : "; ") + text;
  }
  return out;
}

Result<std::string> link(const Board& board, const fs::path& work, const std::vector<CompileJob>& jobs) {
  const Core& core = board.core;
  std::vector<std::string> argv = {"env", "LC_ALL=C", core.compiler};
  std::ranges::copy(core.flags, std::back_inserter(argv));
  argv.insert(argv.end(), {"-o", "firmware.elf", "-Wl,--gc-sections"});
  if (!core.sections.empty()) {
    MOTE_TRY(write_file(work / "firmware.ld", linker_script(board)));
    argv.insert(argv.end(), {"-static", "-T", "firmware.ld"});
  }
  for (const CompileJob& job : jobs) argv.push_back(job.object.string());
  std::ranges::copy(core.link_flags, std::back_inserter(argv));
  constexpr std::chrono::minutes kLinkLimit{5};
  MOTE_LET(result, run_process({argv, work, kLinkLimit, ""}));
  if (result.succeeded()) return result.err;
  if (!core.sections.empty()) {
    if (const std::string text = overflow_text(board, result.err); !text.empty()) {
      return Error{text, fmt::format("board {}", board.name), "choose a larger board or a smaller model"};
    }
  }
  return toolchain_error(core, "linking", result.err);
}

FirmwareSizes measure(const Board& board, const GeneratedCode& code, const Elf& elf) {
  FirmwareSizes out;
  out.arena = static_cast<std::uint64_t>(arena_bytes(code));
  out.stack = board.stack_bytes;
  for (const GeneratedModel& model : code.models) out.weights += static_cast<std::uint64_t>(model.weight_bytes);
  for (const ElfSection& section : elf.sections) {
    if (!section.is_allocated) continue;
    if (section.is_code) out.code += section.bytes;
    if (board.ram) {
      // Extents, not sums: gaps of alignment are not free.
      const std::uint64_t end = section.address + section.bytes;
      const bool in_ram = section.address >= board.ram->origin && end <= board.ram->origin + board.ram->bytes;
      if (in_ram) out.ram = std::max(out.ram, end - board.ram->origin);
    } else {
      if (section.is_writable) out.ram += section.bytes;
      if (section.has_contents) out.flash += section.bytes;
    }
  }
  for (const ElfSegment& segment : elf.segments) {
    if (board.flash && segment.file_bytes > 0) {
      out.flash = std::max(out.flash, segment.load_address + segment.file_bytes - board.flash->origin);
    }
  }
  return out;
}

}  // namespace

Result<Firmware> build_firmware(const Board& board, const GeneratedCode& code, const fs::path& folder,
                                const fs::path& work, const FirmwareOptions& options) {
  MOTE_TRY(write_port_files(board.core, work));
  MOTE_TRY(write_file(work / "models.cc", models_source(code)));
  std::vector<CompileJob> jobs;
  const auto add = [&](const fs::path& source) { jobs.push_back({source, fmt::format("{}.o", jobs.size())}); };
  for (const std::string& source : code.sources) add(fs::absolute(folder) / source);
  for (const std::string& source : board.core.sources) add(source);
  add("models.cc");
  add("ports/harness/harness.cc");
  if (options.trace) add("ports/harness/trace.cc");
  if (options.canaries) add("ports/harness/canary.cc");

  Firmware out{board, code, options, work, work / "firmware.elf", {}, {}, ""};
  MOTE_LET(compile_warnings,
           compile_sources({board.core, options.optimize, {fs::absolute(folder)}, options.debug}, work, jobs));
  MOTE_LET(link_warnings, link(board, work, jobs));
  out.warnings = compile_warnings + link_warnings;
  MOTE_LET(elf, read_elf(out.program));
  out.elf = std::move(elf);
  out.sizes = measure(board, code, out.elf);
  return out;
}

}  // namespace mote
