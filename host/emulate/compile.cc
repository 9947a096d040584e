// The cross compiler, several sources at a time.
#include "host/emulate/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <regex>
#include <set>
#include <thread>

#include "host/base/file.h"
#include "host/base/process.h"
#include "host/base/resources.h"
#include "host/emulate/elf.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::minutes kCompileLimit{10};

std::vector<std::string> command(const Toolchain& toolchain, const CompileJob& job) {
  const bool is_assembly = job.source.extension() == ".S";
  // The C locale keeps messages in the language that toolchain_error() reads.
  std::vector<std::string> out = {"env", "LC_ALL=C", toolchain.core.compiler};
  std::ranges::copy(toolchain.core.flags, std::back_inserter(out));
  if (!is_assembly) {
    // No ipa-icf: it would make one function of two equal layers, and their counts could not be told apart.
    for (const char* flag : {"-std=c++17", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-ffunction-sections",
                             "-fdata-sections", "-fno-exceptions", "-fno-rtti", "-fno-asynchronous-unwind-tables",
                             "-fno-threadsafe-statics", "-fno-ipa-icf", "-ffp-contract=off"}) {
      out.emplace_back(flag);
    }
    out.push_back(toolchain.optimize);
    if (toolchain.debug) {
      out.emplace_back("-g");
      for (const fs::path& folder : toolchain.include_folders) {
        out.push_back(fmt::format("-fdebug-prefix-map={}/=", folder.string()));
      }
    }
    out.insert(out.end(), {"-I", "."});
    for (const fs::path& folder : toolchain.include_folders) out.insert(out.end(), {"-I", folder.string()});
  }
  out.insert(out.end(), {"-c", job.source.string(), "-o", job.object.string()});
  return out;
}

// The first lines of a compiler's output: more tells a person nothing.
std::string head(const std::string& text) {
  constexpr int kLines = 12;
  std::size_t end = 0;
  for (int i = 0; i < kLines && end != std::string::npos; ++i) end = text.find('\n', end == 0 ? 0 : end + 1);
  return text.substr(0, end);
}

}  // namespace

Error toolchain_error(const Core& core, std::string where, const std::string& output) {
  static const std::regex kIncomplete(
      "fatal error: (c(std(int|def)|string|math)|(std(int|def)|string|math)\\.h): No such file"
      "|cannot read spec file|cannot find -l");
  const bool is_incomplete = std::regex_search(output, kIncomplete);
  return {fmt::format("{} failed:\n{}", core.compiler, head(output)), std::move(where),
          is_incomplete ? fmt::format("apt-get install {}", core.header_package) : ""};
}

Status write_port_files(const Core& core, const fs::path& folder) {
  const std::string family = fmt::format("ports/mcu/{}/", core.family);
  for (const Resource& r : resource_table()) {
    const bool is_needed =
        r.path.starts_with("ports/harness/") || r.path.starts_with("ports/mcu/bare/") || r.path.starts_with(family);
    if (is_needed) MOTE_TRY(write_file(folder / r.path, r.text));
  }
  return {};
}

Result<std::string> compile_sources(const Toolchain& toolchain, const fs::path& folder,
                                    std::span<const CompileJob> jobs) {
  if (auto compiler = find_program(toolchain.core.compiler, toolchain.core.package); !compiler.ok()) {
    return std::move(compiler).error();
  }
  std::mutex mutex;
  std::string warnings;
  std::optional<Error> error;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      auto result = run_process({command(toolchain, jobs[i]), folder, kCompileLimit, ""});
      const std::lock_guard lock(mutex);
      if (!result.ok()) {
        error = std::move(result).error();
      } else if (!result.value().succeeded()) {
        error = toolchain_error(toolchain.core, jobs[i].source.string(), result.value().err);
      } else {
        warnings += result.value().err;
      }
      if (error) next = jobs.size();
    }
  };
  {
    const std::size_t workers = std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), jobs.size());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i) threads.emplace_back(work);
  }
  if (error) return *std::move(error);
  return warnings;
}

namespace {

// Whether the linker keeps one of several sections of this name: those of inline functions. Functions that every source
// has its own of are in unnamed namespaces, or static.
bool is_shared(const std::string& section) {
  const std::size_t symbol = section.find("._Z");
  return symbol != std::string::npos && section.find("_GLOBAL__N_") == std::string::npos &&
         section.find("._ZL") == std::string::npos;
}

}  // namespace

Result<CompiledSizes> measure_code(const Core& core, const GeneratedCode& code, const fs::path& folder,
                                   const fs::path& work, const std::string& optimize) {
  MOTE_TRY(write_port_files(core, work));
  std::vector<CompileJob> jobs;
  for (const std::string& source : code.sources) {
    jobs.push_back({fs::absolute(folder) / source, fmt::format("{}.o", jobs.size())});
  }
  const Toolchain toolchain{core, optimize, {fs::absolute(folder)}, false};
  auto compiled = compile_sources(toolchain, work, jobs);
  if (!compiled.ok()) return std::move(compiled).error();
  MOTE_LET(version, run_process({{core.compiler, "--version"}, {}, kCompileLimit, ""}));
  CompiledSizes out;
  out.core = core.name;
  out.compiler = version.out.substr(0, version.out.find('\n'));
  out.flags = optimize;
  for (const std::string& flag : core.flags) {
    if (flag.starts_with("-m")) out.flags += " " + flag;
  }
  std::set<std::string> shared;
  for (const CompileJob& job : jobs) {
    MOTE_LET(object, read_elf(work / job.object));
    for (const ElfSection& section : object.sections) {
      // Unwinding tables never reach a chip.
      if (!section.is_allocated || section.name.starts_with(".ARM.ex") || section.name == ".eh_frame") continue;
      if (is_shared(section.name) && !shared.insert(section.name).second) continue;
      (section.is_code       ? out.code_bytes
       : section.is_writable ? out.ram_bytes
                             : out.constants_bytes) += static_cast<std::int64_t>(section.bytes);
    }
  }
  return out;
}

}  // namespace mote
