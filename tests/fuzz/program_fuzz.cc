// Any bytes as an ELF program or as a trace of one: what `mote profile` is given.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "host/cycles/profile.h"
#include "host/cycles/timing.h"
#include "host/cycles/trace.h"
#include "host/emulate/elf.h"
#include "tests/fuzz/run_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mote::fuzz::require;
  if (size < 1) return 0;
  static const int file = memfd_create("program", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  require(file >= 0 && ftruncate(file, 0) == 0, "a file in memory");
  require(pwrite(file, data + 1, size - 1, 0) == static_cast<ssize_t>(size - 1), "written whole");
  if ((data[0] & 1U) == 0) {
    const auto elf = mote::read_elf(path);
    if (elf.ok()) (void)elf.value().function_at(elf.value().entry);
    return 0;
  }
  const auto trace = mote::read_trace(path);
  if (!trace.ok()) return 0;
  static const auto thumb = mote::load_timing("cortex-m4");
  static const auto riscv = mote::load_timing("ibex");
  require(thumb.ok() && riscv.ok(), "the tables of timing");
  (void)mote::profile_trace(trace.value(), (data[0] & 2U) == 0 ? thumb.value() : riscv.value());
  return 0;
}
