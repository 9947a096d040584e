// Liveness.
#include "host/plan/buffers.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "contract/arena.h"
#include "host/plan/fuse.h"
#include "host/plan/overlap.h"

namespace mote {
namespace {

std::int64_t aligned(std::int64_t bytes) { return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment; }

std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }

// The last step that reads each storage tensor; -2 when nothing does.
std::vector<std::int64_t> last_reads(const Program& p) {
  std::vector<std::int64_t> last(p.graph.tensors.size(), -2);
  for (std::size_t n = 0; n < p.graph.nodes.size(); ++n) {
    const Fused* run = p.fused_at(n);
    for (const TensorId id : p.graph.nodes[n].inputs) {
      if (id != kNoTensor)
        last[index(p.storage[index(id)])] = static_cast<std::int64_t>(run != nullptr ? run->last : n);
    }
  }
  for (const TensorId id : p.graph.outputs) {
    last[index(p.storage[index(id)])] = static_cast<std::int64_t>(p.graph.nodes.size());
  }
  for (const State& state : p.graph.states) {  // stored when the run ends
    last[index(p.storage[index(state.out)])] = static_cast<std::int64_t>(p.graph.nodes.size());
  }
  return last;
}

}  // namespace

Buffers find_buffers(const Program& p) {
  const std::vector<std::int64_t> last = last_reads(p);
  Buffers out;
  out.of_tensor.assign(p.graph.tensors.size(), -1);
  out.of_scratch.assign(p.graph.nodes.size(), -1);

  const auto add = [&](std::string name, std::int64_t bytes, std::int64_t first, std::int64_t until) {
    out.items.push_back({std::move(name), aligned(bytes) + p.guard_bytes, first, std::max(first, until), bytes});
    return static_cast<std::int32_t>(out.items.size() - 1);
  };
  const auto add_tensor = [&](TensorId id, std::int64_t step) {
    const Tensor& t = p.graph.tensor(id);
    out.of_tensor[index(id)] = add(t.name, p.stored_bytes(id), step, last[index(id)]);
  };

  const auto add_lead = [&](TensorId x, TensorId y, std::int64_t bytes, std::size_t step) {
    const std::int32_t above = out.of_tensor[index(p.storage[index(x)])];
    const std::int32_t below = out.of_tensor[index(y)];
    const std::int64_t lead = aligned(bytes);
    if (above < 0 || out.items[static_cast<std::size_t>(above)].last != static_cast<std::int64_t>(step)) return;
    if (lead < out.items[static_cast<std::size_t>(below)].size_bytes) out.leads.push_back({below, above, lead});
  };
  // All nodes of a run are one step.
  const auto add_run = [&](const Fused& run) {
    const auto first = static_cast<std::int64_t>(run.first);
    std::map<TensorId, std::int64_t> leads;  // of storage that comes from outside
    for (std::size_t n = run.first; n <= run.last; ++n) {
      for (const TensorId id : p.graph.nodes[n].inputs) {
        if (id == kNoTensor || p.is_stored_constant(id)) continue;
        const TensorId bytes_of = p.storage[index(id)];
        if (out.of_tensor[index(bytes_of)] < 0 ||
            out.items[static_cast<std::size_t>(out.of_tensor[index(bytes_of)])].first >= first)
          continue;
        std::int64_t& lead = leads[bytes_of];
        lead = std::max(lead, fused_lead(p, run, id));
      }
      add_tensor(p.graph.nodes[n].outputs[0], first);
    }
    for (const auto& [x, lead] : leads) add_lead(x, p.graph.nodes[run.last].outputs[0], lead, run.last);
    if (const std::int64_t bytes = p.scratch_bytes(run.first); bytes > 0) {
      out.of_scratch[run.first] = add(fmt::format("scratch of {}", p.graph.nodes[run.first].name), bytes, first,
                                      static_cast<std::int64_t>(run.last));
    }
  };

  for (const TensorId id : p.graph.inputs) add_tensor(id, -1);
  const auto forever = static_cast<std::int64_t>(p.graph.nodes.size());
  std::map<TensorId, TensorId> new_value;  // the storage that may take over a state's memory
  for (const State& state : p.graph.states) {
    out.of_tensor[index(state.in)] = add(state.name, p.graph.tensor(state.in).size_bytes(), -1, forever);
    new_value[state.in] = p.storage_of(state.out);
  }
  for (std::size_t n = 0; n < p.graph.nodes.size(); ++n) {
    const Node& node = p.graph.nodes[n];
    const auto step = static_cast<std::int64_t>(n);
    if (const Fused* run = p.fused_at(n)) {
      if (n == run->first) add_run(*run);
      continue;
    }
    if (p.nodes[n].is_alias()) {
      out.of_tensor[index(node.outputs[0])] = out.of_tensor[index(p.storage[index(node.inputs[0])])];
      continue;
    }
    // Behind canaries, buffers share nothing.
    const bool may_share = p.guard_bytes == 0;
    std::vector<InPlace> in_place = may_share ? p.nodes[n].in_place : std::vector<InPlace>{};
    const std::optional<Overlap> overlap = may_share ? overlap_of(p.graph, node, p.nodes[n]) : std::nullopt;
    if (overlap && overlap->in_place) in_place.push_back({0, 0});
    for (const InPlace& pair : in_place) {
      const TensorId source = p.storage[index(node.inputs.at(pair.input))];
      const TensorId target = node.outputs.at(pair.output);
      const std::int32_t buffer = out.of_tensor[index(source)];
      if (buffer < 0 || out.of_tensor[index(target)] >= 0 || last[index(source)] != step) continue;
      Buffer& b = out.items[static_cast<std::size_t>(buffer)];
      const auto state = new_value.find(source);
      const bool renews = state != new_value.end() && state->second == target;
      // A buffer that an earlier output took over ends with that output, not with `source`.
      if ((b.last != step && !renews) || b.size_bytes != aligned(p.graph.tensor(target).size_bytes())) continue;
      b.last = std::max(renews ? forever : step, last[index(target)]);
      b.name += fmt::format(" = {}", p.graph.tensor(target).name);
      out.of_tensor[index(target)] = buffer;
    }
    for (const TensorId id : node.outputs) {
      if (out.of_tensor[index(id)] < 0) add_tensor(id, step);
    }
    if (overlap && !overlap->in_place) add_lead(node.inputs[0], node.outputs[0], overlap->lead_bytes, n);
    if (const std::int64_t bytes = p.scratch_bytes(n); bytes > 0) {
      out.of_scratch[n] = add(fmt::format("scratch of {}", node.name), bytes, step, step);
    }
  }
  return out;
}

}  // namespace mote
