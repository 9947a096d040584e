// What a strided copy kernel is told beside its tensors.
#pragma once

#include <cstdint>

namespace mote {

inline constexpr int kCopyRank = 6;

// Strides and begins count elements; a stride may be negative or 0 on the input's side. Unused dimensions have extent 1
// and come first.
struct CopyParams {
  std::int32_t extent[kCopyRank];
  std::int32_t in_stride[kCopyRank];
  std::int32_t out_stride[kCopyRank];
  std::int32_t in_begin, out_begin;
};

}  // namespace mote
