// The specification of a strided copy of 1 byte per element.
#include "device/kernels/copy/copy.h"
#include "device/kernels/copy/copy_loops.h"

namespace mote::kernels {
namespace {

struct [[gnu::may_alias]] Word {
  std::uint8_t bits;
};

}  // namespace

void copy_x8_portable(const CopyParams& p, const void* x, void* y) {
  copy_loops(p, static_cast<const Word*>(x), static_cast<Word*>(y));
}

}  // namespace mote::kernels
