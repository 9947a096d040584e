// Windows over height and width, shared by convolutions and pools.
#pragma once

#include <cstdint>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/ops/kernel.h"
#include "host/ops/quantization.h"

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

// The geometry that the params of conv_2d and depthwise_conv_2d share, in the order they declare it.
template <class P>
P window_params(const Shape& x, const Shape& y, std::int64_t kernel_h, std::int64_t kernel_w, const Window& w) {
  P p{};
  p.batches = narrow(x[0]);
  p.in_h = narrow(x[1]);
  p.in_w = narrow(x[2]);
  p.in_c = narrow(x[3]);
  p.out_h = narrow(y[1]);
  p.out_w = narrow(y[2]);
  p.out_c = narrow(y[3]);
  p.kernel_h = narrow(kernel_h);
  p.kernel_w = narrow(kernel_w);
  p.stride_h = narrow(w.stride_h);
  p.stride_w = narrow(w.stride_w);
  p.dilation_h = narrow(w.dilation_h);
  p.dilation_w = narrow(w.dilation_w);
  p.pad_top = narrow(w.pad_top);
  p.pad_left = narrow(w.pad_left);
  return p;
}

template <class P>
void window_fields(const P& p, FieldWriter& f) {
  f("batches", p.batches);
  f("in_h", p.in_h), f("in_w", p.in_w), f("in_c", p.in_c);
  f("out_h", p.out_h), f("out_w", p.out_w), f("out_c", p.out_c);
  f("kernel_h", p.kernel_h), f("kernel_w", p.kernel_w);
  f("stride_h", p.stride_h), f("stride_w", p.stride_w);
  f("dilation_h", p.dilation_h), f("dilation_w", p.dilation_w);
  f("pad_top", p.pad_top), f("pad_left", p.pad_left);
}

[[nodiscard]] inline Footprint footprint_of(const Window& w, std::int64_t kernel_h, std::int64_t kernel_w) {
  return {(kernel_h - 1) * w.dilation_h + 1,
          (kernel_w - 1) * w.dilation_w + 1,
          w.stride_h,
          w.stride_w,
          w.pad_top,
          w.pad_left};
}

// The attribute "padding" from TFLite's Padding enum (0 SAME, 1 VALID).
Status set_padding(std::int64_t tflite_padding, Node& node);

}  // namespace mote
