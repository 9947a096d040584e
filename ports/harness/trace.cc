// Writes every layer's output to trace.bin: u32 record, u32 layer, u32 bytes, the bytes. Linked only into trace builds,
// whose generated code calls mote_trace after each layer.
#include <cstdint>

#include "ports/harness/models.h"
#include "ports/harness/port.h"

extern "C" void mote_trace(std::uint32_t layer, const void* data, std::uint32_t bytes) {
  using namespace mote::harness;
  static int file = -1;
  if (file < 0) file = open_file("trace.bin", true);
  const std::uint32_t head[3] = {record, layer, bytes};
  if (write_bytes(file, head, sizeof head) != sizeof head || write_bytes(file, data, bytes) != bytes) {
    print("harness: trace.bin cannot be written\n");
    stop(2);
  }
}
