// Leads. A byte of the input may be overwritten when no later step reads it, so the lead is the most by which what is
// written at the end of a step passes the first byte that is needed from then on.
#include "host/plan/overlap.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace mote {
namespace {

// Tensors of [1,H,W,C], as bytes.
struct Image {
  std::int64_t rows, columns, pixel_bytes;
  explicit Image(const Tensor& t)
      : rows(t.shape[1]), columns(t.shape[2]), pixel_bytes(t.shape[3] * size_bytes(t.type)) {}
  [[nodiscard]] std::int64_t pixels() const { return rows * columns; }
  [[nodiscard]] std::int64_t bytes() const { return pixels() * pixel_bytes; }
};

// Of every output pixel, the first byte of the input that it or a later one reads; one entry more for the end.
std::vector<std::int64_t> needed_from(const Footprint& f, const Image& x, const Image& y) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(y.pixels() + 1), x.bytes());
  for (std::int64_t q = y.pixels() - 1; q >= 0; --q) {
    const std::int64_t row = std::clamp<std::int64_t>(q / y.columns * f.stride_h - f.pad_top, 0, x.rows);
    const std::int64_t column = std::clamp<std::int64_t>(q % y.columns * f.stride_w - f.pad_left, 0, x.columns);
    const std::int64_t first = std::min(x.bytes(), (row * x.columns + column) * x.pixel_bytes);
    const auto i = static_cast<std::size_t>(q);
    out[i] = std::min(out[i + 1], first);
  }
  return out;
}

}  // namespace

std::optional<Overlap> overlap_of(const Graph& graph, const Node& node, const Lowered& lowered) {
  if (!lowered.footprint || lowered.calls.size() != 1) return std::nullopt;
  const Footprint& f = *lowered.footprint;
  const Tensor& in = graph.tensor(node.inputs[0]);
  const Tensor& out = graph.tensor(node.outputs[0]);
  if (in.shape[0] != 1 || in.is_constant) return std::nullopt;
  const kernels::WalkOrder order = lowered.calls[0].row->order(lowered.calls[0].params.bytes.data());
  if (order.step_pixels == 0) return std::nullopt;
  const Image x(in);
  const Image y(out);
  if (order.slice_channels != 0) {
    // Between slices only the bytes of the slice are dead: each output must lie on the very input it replaces.
    const bool replaces = in.shape == out.shape && in.type == out.type && f.stride_h == 1 && f.stride_w == 1;
    if (!replaces || !order.reads_ahead || !order.reads_once) return std::nullopt;
    return Overlap{true, 0};
  }
  const std::vector<std::int64_t> needed = needed_from(f, x, y);
  std::int64_t lead = 0;
  for (std::int64_t q = 0; q < y.pixels();) {
    const std::int64_t end = q + order.step_pixels <= y.pixels() ? q + order.step_pixels : q + 1;
    const std::int64_t written = end * y.pixel_bytes;
    std::int64_t first = needed[static_cast<std::size_t>(order.reads_ahead ? end : q)];
    if (order.reads_once) {  // whole rows, down to the last that the step's last pixel reaches
      const std::int64_t read = (end - 1) / y.columns * f.stride_h - f.pad_top + f.window_h;
      first = std::max(first, std::clamp<std::int64_t>(read, 0, x.rows) * x.columns * x.pixel_bytes);
    }
    if (first < x.bytes()) lead = std::max(lead, written - first);
    q = end;
  }
  return Overlap{false, lead};
}

}  // namespace mote
