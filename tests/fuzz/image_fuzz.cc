// Any bytes as a model image: the reader of the chip, and a run of what it accepts. Image and arena are blocks of their
// own, so that a byte beyond either is found.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>

#include "contract/wire/crc32.h"
#include "device/runtime/checks.h"
#include "device/runtime/model.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using mote::ImageHeader;

constexpr mote::runtime::Kernel kKernels[] = {
#define MOTE_IMAGE_KERNEL(kernel, check) MOTE_RUNTIME_KERNEL(kernel, check),
#include "device/runtime/kernels_portable.inc"
#undef MOTE_IMAGE_KERNEL
};

constexpr std::uint32_t kMostArena = 1 << 20;
constexpr std::int64_t kMostWork = 1 << 21;  // a fraction of a second

struct Free {
  void operator()(void* block) const { std::free(block); }
};
using Memory = std::unique_ptr<std::uint8_t, Free>;

// Exactly so many bytes, on 16.
Memory allocate(std::size_t bytes) {
  void* block = nullptr;
  if (posix_memalign(&block, 16, bytes) != 0) std::abort();
  return Memory(static_cast<std::uint8_t*>(block));
}

// The CRC that the reader expects, where the header says how much it covers.
void mend_crc(std::uint8_t* data, std::size_t size) {
  ImageHeader h{};
  if (size < sizeof h) return;
  std::memcpy(&h, data, sizeof h);
  const std::uint32_t end = h.signature == 0 ? h.image_bytes : h.signature;
  if (end < sizeof h || end > size) return;
  h.crc = mote::crc32(data + mote::kImageCrcBegin, end - mote::kImageCrcBegin);
  std::memcpy(data, &h, sizeof h);
}

}  // namespace

// Words are changed in place, most of them in the header, in steps and in parameters, and the CRC is mended.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  std::minstd_rand random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  if (size < 128 || below(16) == 0) {
    size = LLVMFuzzerMutate(data, size, max_size);
  } else {
    for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
      const std::size_t at = 4 * (below(8) == 0 ? below(16) : 16 + below((size - 64) / 4));
      std::uint32_t word = 0;
      std::memcpy(&word, data + at, 4);
      switch (below(8)) {
        case 0: word += 1; break;
        case 1: word -= 1; break;
        case 2: word = static_cast<std::uint32_t>(below(10)); break;
        case 3: word = 0x80000000U >> below(32); break;
        case 4: word = ~(0x7FFFFFFFU >> below(31)); break;
        case 5: word += 16; break;
        case 6: word *= 2; break;
        default: std::memcpy(&word, data + 4 * below(size / 4), 4); break;
      }
      std::memcpy(data + at, &word, 4);
    }
  }
  mend_crc(data, size);
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ImageHeader h{};
  if (size >= sizeof h) std::memcpy(&h, data, sizeof h);
  const std::uint32_t arena_bytes = h.arena_bytes < kMostArena ? h.arena_bytes : kMostArena;
  const Memory image = allocate(size);
  const Memory arena = allocate(arena_bytes);
  if (size > 0) std::memcpy(image.get(), data, size);
  std::memset(arena.get(), 0xA5, arena_bytes);
  mote::runtime::Model model;
  const mote::runtime::Status status =
      model.open({image.get(), static_cast<std::uint32_t>(size)}, {arena.get(), arena_bytes},
                 {kKernels, sizeof kKernels / sizeof kKernels[0]});
  if (!status.ok()) return 0;
  for (std::uint32_t i = 0; i < model.input_count(); ++i) std::memset(model.input(i).data, 7, model.input(i).bytes);
  if (model.work() <= kMostWork) {
    model.invoke();
    if (!model.check_answer().ok()) return 0;
  }
  for (std::uint32_t i = 0; i < model.output_count(); ++i) {
    const mote::runtime::Port port = model.output(i);
    (void)mote::crc32(static_cast<const std::uint8_t*>(port.data), port.bytes);
  }
  return 0;
}
