// stream: convolutions over time compute only the rows that a hop adds.
//
//   x[1,30,40] -> conv_2d 3 rows -> c[1,28,32] -> conv_2d 28 rows -> y[1,1,8]
//   =>
//   x[1,1,40] -> concatenation with 2 old rows -> conv_2d -> c[1,1,32] -> concatenation with 27 -> conv_2d -> y[1,1,8]
//
// A window that moves by a hop keeps all rows of every layer but the newest, moved up by the hop: with no padding in
// time a row depends on the rows beneath it alone, not on where the window begins. So the last rows are all that is
// computed, from the last rows of the layer beneath, which a shift_in keeps. Quiet rows, which states begin with, are
// the layer's rows for an input of zeros, so that the first run, too, gives what the whole window would give.
//
// Does not stream a layer with padding in time or whose last window ends before its input does, a layer whose stride
// does not divide the hop, or operators that mix rows in other ways: they get the whole of time, and so do those
// behind.
#include "host/passes/stream.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "host/interpret/interpreter.h"
#include "host/ops/infer.h"
#include "host/ops/op.h"

namespace mote {
namespace {

constexpr std::size_t kTime = 1;  // the axis

// Operators that compute every row from the same row of their inputs.
constexpr std::array kRowByRow = {
    OpKind::add,  OpKind::sub,     OpKind::mul,   OpKind::maximum,    OpKind::minimum,    OpKind::squared_difference,
    OpKind::relu, OpKind::relu6,   OpKind::elu,   OpKind::leaky_relu, OpKind::hard_swish, OpKind::logistic,
    OpKind::tanh, OpKind::softmax, OpKind::rsqrt, OpKind::quantize,   OpKind::dequantize, OpKind::prelu};

class Streamer {
 public:
  Streamer(const Graph& window, Interpreter quiet, std::int64_t hop) : g_(window), quiet_(std::move(quiet)), hop_(hop) {
    out_.name = window.name;
    out_.source = window.source;
  }

  Result<Graph> run() {
    const TensorId x = g_.inputs[0];
    Tensor port = g_.tensor(x);
    port.shape[kTime] = hop_;
    const TensorId id = out_.add_tensor(std::move(port));
    out_.inputs.push_back(id);
    flows_[x] = id;
    for (const Node& node : g_.nodes) MOTE_TRY(add(node));
    if (streamed_ == 0) {
      return Error{
          fmt::format("has no layer over time that {} new row{} can be computed of alone", hop_, hop_ == 1 ? "" : "s"),
          stopped_by_.empty() ? g_.source : stopped_by_,
          "stream models whose layers over time have VALID padding and strides that divide the hop"};
    }
    for (const TensorId y : g_.outputs) {
      MOTE_LET(id_of_y, whole(y));
      out_.outputs.push_back(id_of_y);
    }
    MOTE_TRY(verify(out_));
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool flows(TensorId t) const { return t != kNoTensor && flows_.contains(t); }
  [[nodiscard]] std::int64_t window_rows(TensorId t) const { return g_.tensor(t).shape[kTime]; }
  [[nodiscard]] std::int64_t new_rows(TensorId t) const { return out_.tensor(flows_.at(t)).shape[kTime]; }

  // The last `rows` rows of a flowing tensor, old ones kept from run to run.
  Result<TensorId> last_rows(TensorId t, std::int64_t rows) {
    const TensorId fresh = flows_.at(t);
    if (new_rows(t) == rows) return fresh;
    if (new_rows(t) > rows) {
      return Error{fmt::format("needs {} rows of tensor '{}', fewer than the {} that a hop brings", rows,
                               g_.tensor(t).name, new_rows(t)),
                   g_.source, "choose a shorter hop"};
    }
    if (const auto known = kept_.find({t, rows}); known != kept_.end()) return known->second;
    // Old rows . new rows -> window; the window without its oldest rows is what the next run finds.
    const std::int64_t old_rows = rows - new_rows(t);
    const auto with_rows = [&](const char* suffix, std::int64_t count) {
      Tensor copy = out_.tensor(fresh);
      copy.name += suffix;
      copy.shape[kTime] = count;
      return out_.add_tensor(std::move(copy));
    };
    const TensorId before = with_rows("/before", old_rows);
    const TensorId window = with_rows("/window", rows);
    const TensorId after = with_rows("/after", old_rows);
    const auto add_node = [&](OpKind kind, std::vector<TensorId> inputs, TensorId y) -> Node& {
      Node node;
      node.kind = kind;
      node.name = out_.tensor(y).name;
      node.inputs = std::move(inputs);
      node.outputs = {y};
      out_.nodes.push_back(std::move(node));
      return out_.nodes.back();
    };
    Shape begin(out_.tensor(window).shape.size(), 0);
    begin[kTime] = new_rows(t);
    const TensorId begins = add_integers(out_.tensor(window).name + "/begin", begin);
    const TensorId sizes = add_integers(out_.tensor(window).name + "/size", out_.tensor(after).shape);
    add_node(OpKind::concatenation, {before, fresh}, window).attrs.set("axis", static_cast<std::int64_t>(kTime));
    add_node(OpKind::slice, {window, begins, sizes}, after);
    State state{g_.tensor(t).name, before, after, {}};
    const Bytes& quiet = quiet_.tensor(t);
    const auto row_bytes = static_cast<std::ptrdiff_t>(quiet.size()) / window_rows(t);
    for (std::int64_t r = 0; r < old_rows; ++r) {
      state.initial.insert(state.initial.end(), quiet.begin(), quiet.begin() + row_bytes);
    }
    out_.states.push_back(std::move(state));
    kept_[{t, rows}] = window;
    return window;
  }

  // A constant vector of s32; every value is a dimension or less.
  TensorId add_integers(const std::string& name, const Shape& values) {
    Tensor t;
    t.name = name;
    t.type = DType::s32;
    t.shape = {static_cast<std::int64_t>(values.size())};
    t.is_constant = true;
    for (const std::int64_t v : values) {
      for (int b = 0; b < 4; ++b) t.data.push_back(static_cast<std::uint8_t>(v >> (8 * b) & 255));
    }
    return out_.add_tensor(std::move(t));
  }

  Result<TensorId> whole(TensorId t) {
    if (t == kNoTensor) return kNoTensor;
    if (flows(t)) return last_rows(t, window_rows(t));
    const auto [at, is_new] = whole_.try_emplace(t, 0);
    if (is_new) at->second = out_.add_tensor(g_.tensor(t));
    return at->second;
  }

  // The node with these inputs, which makes `rows` rows; false where the operator sees it otherwise.
  bool flow(const Node& node, std::vector<TensorId> inputs, std::int64_t rows) {
    Node copy = node;
    copy.inputs = std::move(inputs);
    copy.outputs.clear();
    Tensor y = g_.tensor(node.outputs[0]);
    y.shape[kTime] = rows;
    copy.outputs.push_back(out_.add_tensor(y));
    const auto inferred = op_row(copy.kind).def->infer(out_, copy);
    if (!inferred.ok() || inferred.value()[0].shape != y.shape || inferred.value()[0].type != y.type) {
      out_.tensors.pop_back();
      return false;
    }
    flows_[node.outputs[0]] = copy.outputs[0];
    out_.nodes.push_back(std::move(copy));
    return true;
  }

  Result<bool> flow_windows(const Node& node, const Footprint& f) {
    const TensorId x = node.inputs[0];
    const std::int64_t reached = (window_rows(node.outputs[0]) - 1) * f.stride_h + f.window_h;
    const std::int64_t rows = new_rows(x);
    if (f.pad_top != 0 || reached != window_rows(x) || rows % f.stride_h != 0) return false;
    if (node.attrs.string("padding", "valid") == "same" && f.window_h != 1) return false;
    MOTE_LET(kept, last_rows(x, f.window_h - f.stride_h + rows));
    std::vector<TensorId> inputs = {kept};
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
      MOTE_LET(id, whole(node.inputs[i]));
      inputs.push_back(id);
    }
    if (!flow(node, std::move(inputs), rows / f.stride_h)) return false;
    streamed_ += f.window_h > 1 ? 1 : 0;
    return true;
  }

  Result<bool> flow_rows(const Node& node) {
    std::vector<TensorId> inputs;
    std::int64_t rows = 0;
    for (const TensorId id : node.inputs) {
      if (flows(id)) {
        if ((rows != 0 && new_rows(id) != rows) || window_rows(id) != window_rows(node.outputs[0])) return false;
        rows = new_rows(id);
        inputs.push_back(flows_.at(id));
      } else {
        if (id != kNoTensor && !g_.tensor(id).is_constant) return false;
        MOTE_LET(constant, whole(id));
        inputs.push_back(constant);
      }
    }
    return flow(node, std::move(inputs), rows);
  }

  // A reshape that keeps rows apart and in order.
  bool flow_reshape(const Node& node) {
    const Shape& from = g_.tensor(node.inputs[0]).shape;
    const Shape& to = g_.tensor(node.outputs[0]).shape;
    if (from[0] != 1 || to[0] != 1 || from[kTime] != to[kTime]) return false;
    Shape target = to;
    target[kTime] = new_rows(node.inputs[0]);
    Node plain = node;
    plain.attrs = {};
    const TensorId constant = add_integers(node.name + "/shape", target);
    if (flow(plain, {flows_.at(node.inputs[0]), constant}, target[kTime])) return true;
    out_.tensors.pop_back();
    return false;
  }

  Result<bool> flow_any(const Node& node) {
    if (node.outputs.size() != 1 || g_.tensor(node.outputs[0]).shape.size() < 3) return false;
    if (node.kind == OpKind::reshape) return flows(node.inputs[0]) && flow_reshape(node);
    if (std::find(kRowByRow.begin(), kRowByRow.end(), node.kind) != kRowByRow.end()) return flow_rows(node);
    MOTE_LET(lowered, op_row(node.kind).def->lower(g_, node, IsaSet{}));
    if (!lowered.footprint || !flows(node.inputs[0])) return false;
    return flow_windows(node, *lowered.footprint);
  }

  Status add(const Node& node) {
    const bool any = std::any_of(node.inputs.begin(), node.inputs.end(), [&](TensorId id) { return flows(id); });
    if (any) {
      MOTE_LET(done, flow_any(node));
      if (done) return {};
      if (stopped_by_.empty()) stopped_by_ = fmt::format("{}: {}", g_.source, g_.where(node));
    }
    Node copy = node;
    for (TensorId& id : copy.inputs) {
      MOTE_LET(whole_id, whole(id));
      id = whole_id;
    }
    for (TensorId& id : copy.outputs) {
      MOTE_LET(whole_id, whole(id));
      id = whole_id;
    }
    out_.nodes.push_back(std::move(copy));
    return {};
  }

  const Graph& g_;
  Interpreter quiet_;  // after a run on zeros
  std::int64_t hop_;
  Graph out_;
  std::map<TensorId, TensorId> flows_;  // tensors of which a run computes the new rows: the tensor of those
  std::map<TensorId, TensorId> whole_;  // the others
  std::map<std::pair<TensorId, std::int64_t>, TensorId> kept_;
  int streamed_ = 0;        // layers that reach over time
  std::string stopped_by_;  // the first operator that got all of time
};

}  // namespace

Result<Graph> stream_graph(const Graph& window, std::int64_t hop_rows) {
  const std::string fix = "give a model with one input [1, time, ...] and a hop shorter than its time";
  if (window.inputs.size() != 1)
    return Error{fmt::format("has {} inputs, a stream has one", window.inputs.size()), window.source, fix};
  if (!window.states.empty())
    return Error{"has state already", window.source, "it takes a stream as it is; leave out --stream"};
  const Tensor& x = window.tensor(window.inputs[0]);
  if (x.shape.size() < 3 || x.shape[0] != 1 || hop_rows < 1 || hop_rows >= x.shape[kTime]) {
    return Error{fmt::format("takes {}, of which {} rows in time cannot be a hop", text_of(x.shape), hop_rows),
                 fmt::format("{}: tensor '{}'", window.source, x.name), fix};
  }
  MOTE_LET(quiet, Interpreter::create(window));
  const std::int32_t zero = x.quant.zero_point.size() == 1 ? x.quant.zero_point[0] : 0;
  Bytes silence(static_cast<std::size_t>(x.size_bytes()));
  for (std::size_t i = 0; i < silence.size(); ++i) {
    const auto width = static_cast<std::size_t>(size_bytes(x.type));
    silence[i] =
        static_cast<std::uint8_t>(x.type == DType::f32 ? 0 : zero >> (8 * std::min<std::size_t>(i % width, 3)) & 255);
  }
  MOTE_TRY(quiet.run({silence}));
  return Streamer(window, std::move(quiet), hop_rows).run();
}

}  // namespace mote
