// order_nodes: run the nodes in the order that keeps the fewest bytes alive at once.
//
//   x -> a (big) -> a' (small)                     x -> a (big) -> a' (small)
//   x -> b (big) -> b' (small)   a, b, a', b'  =>   x -> b (big) -> b' (small)   a, a', b, b'
//
// The best order is found by a search over the sets of nodes that are done, lowest peak first, and is the best there is
// unless the search would take too long; then the order found by always keeping least alive is tried. A node that needs
// no more than the peak so far and leaves no more alive than before is run at once: no order is worse for it.
//
// Does not count what outputs may share with their inputs, which is decided later. Does not touch an order that is as
// good, a graph with nodes that write nothing, nor one with state: what a state may share depends on the order.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <queue>
#include <utility>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote::passes {
namespace {

// Sets visited at most, times the nodes of the graph.
constexpr std::size_t kMaxWork = std::size_t{1} << 22;

class Orders {
 public:
  explicit Orders(const Graph& graph)
      : graph_(graph), readers_(graph.tensors.size()), writer_(graph.tensors.size(), kNone) {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      for (const TensorId id : graph.nodes[n].outputs) writer_[at(id)] = n;
      for (const TensorId id : inputs_of(n)) readers_[at(id)].push_back(n);
    }
    is_output_.resize(graph.tensors.size());
    for (const TensorId id : graph.outputs) is_output_[at(id)] = true;
  }

  struct Found {
    std::int64_t peak = 0;
    std::vector<std::size_t> order;
  };

  [[nodiscard]] Found as_it_is() const {
    Found out;
    State state = first();
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      state = after(state, n);
      out.order.push_back(n);
    }
    out.peak = state.peak;
    return out;
  }

  [[nodiscard]] Found best() const {
    const std::size_t most = kMaxWork / (graph_.nodes.size() + 1);
    // The lowest peak first; of equal ones the furthest.
    const auto later = [](const State& a, const State& b) {
      return std::pair{a.peak, b.path.size()} > std::pair{b.peak, a.path.size()};
    };
    std::priority_queue<State, std::vector<State>, decltype(later)> waiting(later);
    std::map<std::vector<bool>, bool> seen;
    waiting.push(first());
    while (!waiting.empty()) {
      State state = waiting.top();
      waiting.pop();
      if (!seen.emplace(state.done, true).second) continue;
      if (state.path.size() == graph_.nodes.size()) return {state.peak, state.path};
      if (seen.size() > most) break;
      std::vector<State> next;
      for (const std::size_t n : ready(state)) {
        State then = after(state, n);
        const bool is_free = then.peak == state.peak && then.alive <= state.alive;
        if (is_free) next.clear();
        next.push_back(std::move(then));
        if (is_free) break;
      }
      for (State& then : next) waiting.push(std::move(then));
    }
    return greedy();
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  struct State {
    std::vector<bool> done;
    std::vector<std::size_t> path;
    std::int64_t alive = 0;
    std::int64_t peak = 0;
  };

  static std::size_t at(TensorId id) { return static_cast<std::size_t>(id); }

  // What the node reads of other nodes and of the graph's inputs, each once.
  [[nodiscard]] std::vector<TensorId> inputs_of(std::size_t n) const {
    std::vector<TensorId> out;
    for (const TensorId id : graph_.nodes[n].inputs) {
      if (id != kNoTensor && !graph_.tensor(id).is_constant) out.push_back(id);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  [[nodiscard]] State first() const {
    State out;
    out.done.resize(graph_.nodes.size());
    for (const TensorId id : graph_.inputs) out.alive += graph_.tensor(id).size_bytes();
    out.peak = out.alive;
    return out;
  }

  [[nodiscard]] std::vector<std::size_t> ready(const State& state) const {
    std::vector<std::size_t> out;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (state.done[n]) continue;
      const std::vector<TensorId> inputs = inputs_of(n);
      const bool is_ready = std::all_of(inputs.begin(), inputs.end(), [&](TensorId id) {
        return writer_[at(id)] == kNone || state.done[writer_[at(id)]];
      });
      if (is_ready) out.push_back(n);
    }
    return out;
  }

  [[nodiscard]] State after(const State& before, std::size_t n) const {
    State out = before;
    out.done[n] = true;
    out.path.push_back(n);
    for (const TensorId id : graph_.nodes[n].outputs) out.alive += graph_.tensor(id).size_bytes();
    out.peak = std::max(out.peak, out.alive);
    const auto release = [&](TensorId id) {
      const auto& readers = readers_[at(id)];
      const bool is_read = std::all_of(readers.begin(), readers.end(), [&](std::size_t r) { return out.done[r]; });
      if (is_read && !is_output_[at(id)]) out.alive -= graph_.tensor(id).size_bytes();
    };
    for (const TensorId id : inputs_of(n)) release(id);
    for (const TensorId id : graph_.nodes[n].outputs) release(id);
    return out;
  }

  [[nodiscard]] Found greedy() const {
    State state = first();
    while (state.path.size() < graph_.nodes.size()) {
      State best;
      for (const std::size_t n : ready(state)) {
        State then = after(state, n);
        if (best.path.empty() || then.alive < best.alive) best = std::move(then);
      }
      state = std::move(best);
    }
    return {state.peak, state.path};
  }

  const Graph& graph_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::size_t> writer_;
  std::vector<bool> is_output_;
};

}  // namespace

Result<bool> order_nodes(Graph& graph) {
  if (!graph.states.empty()) return false;
  for (const Node& node : graph.nodes) {
    if (node.outputs.empty()) return false;
  }
  const Orders orders(graph);
  const Orders::Found now = orders.as_it_is();
  const Orders::Found best = orders.best();
  if (best.peak >= now.peak) return false;
  std::vector<Node> nodes;
  for (const std::size_t n : best.order) nodes.push_back(std::move(graph.nodes[n]));
  graph.nodes = std::move(nodes);
  return true;
}

}  // namespace mote::passes
