// Padding arithmetic. Source: TensorFlow's definition of SAME and VALID.
#include "host/ops/spatial.h"

#include <algorithm>

#include <fmt/format.h>

namespace mote {
namespace {

constexpr std::int64_t kMaxStep = 1 << 15;

struct Axis {
  std::int64_t out = 0;
  std::int64_t before = 0;
};

Axis resolve_axis(const std::string& padding, std::int64_t in, std::int64_t kernel, std::int64_t stride,
                  std::int64_t dilation, std::int64_t before, std::int64_t after) {
  const std::int64_t extent = (kernel - 1) * dilation + 1;
  if (padding == "same") {
    const std::int64_t out = (in + stride - 1) / stride;
    return {out, std::max<std::int64_t>(0, (out - 1) * stride + extent - in) / 2};
  }
  const std::int64_t padded = in + before + after;
  return {padded < extent ? 0 : (padded - extent) / stride + 1, before};
}

}  // namespace

Result<Window> resolve_window(const Node& node, std::int64_t in_h, std::int64_t in_w, std::int64_t kernel_h,
                              std::int64_t kernel_w) {
  Window w;
  w.stride_h = node.attrs.integer("stride_h", 1);
  w.stride_w = node.attrs.integer("stride_w", 1);
  w.dilation_h = node.attrs.integer("dilation_h", 1);
  w.dilation_w = node.attrs.integer("dilation_w", 1);
  for (const std::int64_t step : {w.stride_h, w.stride_w, w.dilation_h, w.dilation_w, kernel_h, kernel_w}) {
    if (step < 1 || step > kMaxStep) {
      return Error{fmt::format("a stride, dilation or kernel size of {} is outside 1..{}", step, kMaxStep), "", ""};
    }
  }
  const std::string padding = node.attrs.string("padding", "valid");
  std::vector<std::int64_t> pads = {0, 0, 0, 0};
  if (padding == "explicit") {
    pads = node.attrs.integers("pads");
    const auto bad = [](std::int64_t p) { return p < 0 || p > kMaxStep; };
    if (pads.size() != 4 || std::any_of(pads.begin(), pads.end(), bad)) {
      return Error{"explicit padding needs pads = [top, bottom, left, right], each in 0..32768", "", ""};
    }
  } else if (padding != "same" && padding != "valid") {
    return Error{fmt::format("unknown padding '{}'", padding), "", "use same, valid or explicit"};
  }
  const Axis h = resolve_axis(padding, in_h, kernel_h, w.stride_h, w.dilation_h, pads[0], pads[1]);
  const Axis v = resolve_axis(padding, in_w, kernel_w, w.stride_w, w.dilation_w, pads[2], pads[3]);
  if (h.out < 1 || v.out < 1) {
    return Error{fmt::format("a {}x{} window does not fit the {}x{} input", kernel_h, kernel_w, in_h, in_w), "",
                 "use padding or a larger input"};
  }
  w.out_h = h.out;
  w.out_w = v.out;
  w.pad_top = h.before;
  w.pad_left = v.before;
  return w;
}

Status set_padding(std::int64_t tflite_padding, Node& node) {
  if (tflite_padding != 0 && tflite_padding != 1) {
    return Error{fmt::format("padding code {} is neither SAME (0) nor VALID (1)", tflite_padding), "", ""};
  }
  node.attrs.set("padding", std::string(tflite_padding == 0 ? "same" : "valid"));
  return {};
}

}  // namespace mote
