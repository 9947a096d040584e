// Execution of lowered nodes.
#include "host/interpret/interpreter.h"

#include <algorithm>

#include <fmt/format.h>

#include "host/ops/op.h"

namespace mote {

Result<Interpreter> Interpreter::create(const Graph& graph) {
  Interpreter out;
  out.graph_ = graph;
  std::int64_t scratch = 0;
  for (const Node& node : out.graph_.nodes) {
    auto lowered = op_row(node.kind).def->lower(out.graph_, node, IsaSet{});
    if (!lowered.ok()) return std::move(lowered).error().in(out.graph_.where(node)).in(graph.source);
    for (const KernelCall& call : lowered.value().calls) scratch = std::max(scratch, call.scratch_bytes);
    out.lowered_.push_back(std::move(lowered).value());
  }
  out.scratch_.resize(static_cast<std::size_t>(scratch));
  for (const Tensor& t : out.graph_.tensors) {
    out.buffers_.push_back(t.is_constant ? t.data : Bytes(static_cast<std::size_t>(t.size_bytes())));
  }
  out.reset();
  return out;
}

void Interpreter::reset() {
  states_.clear();
  for (const State& state : graph_.states) states_.push_back(state.initial);
}

void Interpreter::run_call(KernelCall& call) {
  std::vector<void*> pointers = {call.params.bytes.data()};
  for (const KernelArg& arg : call.args) {
    switch (arg.kind) {
      case KernelArg::Kind::tensor: pointers.push_back(buffers_[static_cast<std::size_t>(arg.tensor)].data()); break;
      case KernelArg::Kind::constant: pointers.push_back(call.constants[arg.constant].bytes.data()); break;
      case KernelArg::Kind::scratch: pointers.push_back(scratch_.data()); break;
    }
  }
  call.row->thunk(pointers.data());
}

Result<std::vector<Bytes>> Interpreter::run(const std::vector<Bytes>& inputs) {
  if (inputs.size() != graph_.inputs.size()) {
    return Error{fmt::format("{} inputs given, the model has {}", inputs.size(), graph_.inputs.size()), graph_.source,
                 ""};
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Bytes& buffer = buffers_[static_cast<std::size_t>(graph_.inputs[i])];
    if (inputs[i].size() != buffer.size()) {
      return Error{fmt::format("input {} has {} bytes, the model takes {}", i, inputs[i].size(), buffer.size()),
                   graph_.source, ""};
    }
    buffer = inputs[i];
  }
  for (std::size_t s = 0; s < states_.size(); ++s) {
    buffers_[static_cast<std::size_t>(graph_.states[s].in)] = states_[s];
  }
  for (std::size_t n = 0; n < lowered_.size(); ++n) {
    const Node& node = graph_.nodes[n];
    if (lowered_[n].is_alias()) {
      buffers_[static_cast<std::size_t>(node.outputs[0])] = buffers_[static_cast<std::size_t>(node.inputs[0])];
    }
    for (KernelCall& call : lowered_[n].calls) run_call(call);
  }
  for (std::size_t s = 0; s < states_.size(); ++s) {
    states_[s] = buffers_[static_cast<std::size_t>(graph_.states[s].out)];
  }
  std::vector<Bytes> out;
  for (const TensorId id : graph_.outputs) out.push_back(buffers_[static_cast<std::size_t>(id)]);
  return out;
}

}  // namespace mote
