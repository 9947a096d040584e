// The specification of a strided copy of 2 bytes per element.
#include "device/kernels/copy/copy.h"
#include "device/kernels/copy/copy_loops.h"

namespace mote::kernels {
namespace {

struct [[gnu::may_alias]] Word {
  std::uint16_t bits;
};

}  // namespace

void copy_x16_portable(const CopyParams& p, const void* x, void* y) {
  copy_loops(p, static_cast<const Word*>(x), static_cast<Word*>(y));
}

}  // namespace mote::kernels
