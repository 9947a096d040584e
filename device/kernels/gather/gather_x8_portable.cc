// The specification of gather for elements of 1 byte.
#include "device/kernels/gather/gather.h"
#include "device/kernels/gather/gather_loops.h"

namespace mote::kernels {
namespace {

struct [[gnu::may_alias]] Word {
  std::uint8_t bits;
};

}  // namespace

void gather_x8_portable(const GatherParams& p, const void* x, const std::int32_t* index, void* y) {
  gather_loops(p, static_cast<const Word*>(x), index, static_cast<Word*>(y));
}

}  // namespace mote::kernels
