// Windows over height and width, shared by convolutions and pools.
#pragma once

#include <cstdint>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// Attributes of a windowed operator after reading and checking.
//   stride_h, stride_w, dilation_h, dilation_w   1 .. 2^15
//   padding                                      "same", "valid", or "explicit" with pads = [top, bottom, left, right]
struct Window {
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t dilation_h = 1, dilation_w = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t out_h = 0, out_w = 0;
};

// Resolves the window of `node` over an in_h x in_w input with a kernel_h x kernel_w kernel.
// Errors: a stride, dilation or pad out of range; an empty output.
Result<Window> resolve_window(const Node& node, std::int64_t in_h, std::int64_t in_w, std::int64_t kernel_h,
                              std::int64_t kernel_w);

// The attribute "padding" from TFLite's Padding enum (0 SAME, 1 VALID).
Status set_padding(std::int64_t tflite_padding, Node& node);

}  // namespace mote
