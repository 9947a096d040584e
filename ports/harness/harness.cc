// Runs generated models on records from a file.
//   input.bin   records: u32 index of the model, then the bytes of all its inputs
//   output.bin  for each record, the bytes of all outputs
// Records of one model that follow each other are one stream: its state goes on, and is reset before the first.
//   report.bin  u32 stack high water of the program, then u32 stack used by invoke for each model
#include <cstdint>

#include "ports/harness/models.h"
#include "ports/harness/port.h"

namespace mote::harness {
namespace {

bool read_port(int file, const Port& port) {
  return read_bytes(file, arena + port.offset_bytes, port.size_bytes) == port.size_bytes;
}

bool write_port(int file, const Port& port) {
  return write_bytes(file, arena + port.offset_bytes, port.size_bytes) == port.size_bytes;
}

int fail(const char* text) {
  print(text);
  return 2;
}

}  // namespace

std::uint32_t record = 0;

int run() {
  const int input = open_file("input.bin", false);
  const int output = open_file("output.bin", true);
  const int report = open_file("report.bin", true);
  if (input < 0 || output < 0 || report < 0) return fail("harness: cannot open input.bin, output.bin and report.bin\n");
  std::uint32_t index = 0;
  std::uint32_t last = kModelCount;
  while (const std::uint32_t bytes = read_bytes(input, &index, sizeof index)) {
    if (bytes != sizeof index) return fail("harness: input.bin ends inside a record\n");
    if (index >= kModelCount) return fail("harness: input.bin names a model that is not there\n");
    const Model& model = kModels[index];
    if (model.reset != nullptr && index != last) model.reset(arena);
    last = index;
    // Inputs are read anew for every record: a model may overwrite them.
    for (std::uint32_t i = 0; i < model.input_count; ++i) {
      if (!read_port(input, model.inputs[i])) return fail("harness: input.bin ends inside a record\n");
    }
    const std::uint32_t used = invoke_on_painted_stack(model.invoke, arena);
    if (used > stack_bytes[index]) stack_bytes[index] = used;
    for (std::uint32_t i = 0; i < model.output_count; ++i) {
      if (!write_port(output, model.outputs[i])) return fail("harness: output.bin cannot be written\n");
    }
    ++record;
  }
  const std::uint32_t program = stack_high_water_bytes();
  const std::uint32_t table_bytes = kModelCount * static_cast<std::uint32_t>(sizeof(std::uint32_t));
  if (write_bytes(report, &program, sizeof program) != sizeof program ||
      write_bytes(report, stack_bytes, table_bytes) != table_bytes) {
    return fail("harness: report.bin cannot be written\n");
  }
  return 0;
}

}  // namespace mote::harness
