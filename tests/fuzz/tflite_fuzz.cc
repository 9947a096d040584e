// Any bytes as a .tflite file: import, verify, and run what is accepted.
#include <cstring>
#include <random>

#include "host/import/tflite.h"
#include "tests/fuzz/run_graph.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

// Most edits of a flatbuffer only break its offsets. Three of four times an aligned word is changed in place instead,
// so that shapes, ids, codes and scales vary while the file stays readable.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  std::minstd_rand random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  if (size < 16 || below(4) == 0) return LLVMFuzzerMutate(data, size, max_size);
  for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
    const std::size_t at = 8 + 4 * below((size - 8) / 4);
    std::uint32_t word = 0;
    std::memcpy(&word, data + at, 4);
    switch (below(6)) {
      case 0: word += 1; break;
      case 1: word -= 1; break;
      case 2: word = static_cast<std::uint32_t>(below(10)); break;
      case 3: word = 0x80000000U >> below(32); break;
      case 4: word = ~(0x7FFFFFFFU >> below(31)); break;
      default: std::memcpy(&word, data + 8 + 4 * below((size - 8) / 4), 4); break;
    }
    std::memcpy(data + at, &word, 4);
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  mote::Result<mote::Graph> graph = mote::import_tflite(bytes, "fuzz.tflite");
  if (graph.ok()) {
    mote::fuzz::exercise(std::move(graph).value(), bytes);
  } else {
    mote::fuzz::require(graph.error().where.starts_with("fuzz.tflite"), "errors name the file", graph.error().text());
  }
  return 0;
}
