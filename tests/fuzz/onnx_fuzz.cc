// Any bytes as a .onnx file: import, verify, and run what is accepted.
#include <random>

#include "host/import/onnx.h"
#include "tests/fuzz/run_graph.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

// An edit that changes the size of a message breaks the lengths of all around it. Three of four times single bytes are
// changed in place instead, so that numbers, types and names vary while the file stays readable.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  std::minstd_rand random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  if (size < 8 || below(4) == 0) return LLVMFuzzerMutate(data, size, max_size);
  for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
    std::uint8_t& byte = data[below(size)];
    switch (below(5)) {
      case 0: ++byte; break;
      case 1: --byte; break;
      case 2: byte = static_cast<std::uint8_t>(below(20)); break;
      case 3: byte = static_cast<std::uint8_t>(byte ^ (1U << below(8))); break;
      default: byte = data[below(size)]; break;
    }
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  mote::Result<mote::Graph> graph = mote::import_onnx(bytes, "fuzz.onnx");
  if (graph.ok()) {
    mote::fuzz::exercise(std::move(graph).value(), bytes);
  } else {
    mote::fuzz::require(graph.error().where.starts_with("fuzz.onnx"), "errors name the file", graph.error().text());
  }
  return 0;
}
