// The pass manager: the default order, and the loop that runs it.
#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/ops/infer.h"
#include "host/passes/pass.h"

namespace mote {

namespace passes {
Result<bool> fold_constants(Graph& graph);
Result<bool> fold_pad(Graph& graph);
Result<bool> fuse_activation(Graph& graph);
Result<bool> order_nodes(Graph& graph);
Result<bool> remove_dead(Graph& graph);
Result<bool> shrink_channels(Graph& graph);
Result<bool> remove_identity(Graph& graph);
}  // namespace passes

namespace {

constexpr std::array kPasses = {
    Pass{"fold_constants", "compute nodes whose inputs are all constant", passes::fold_constants},
    Pass{"remove_identity", "drop nodes that change no byte, and reshapes that nobody needs", passes::remove_identity},
    Pass{"fold_pad", "make zero padding the padding of the convolution behind it", passes::fold_pad},
    Pass{"fuse_activation", "make an activation the clamp of the operator before it", passes::fuse_activation},
    Pass{"shrink_channels", "drop channels that are constant or that nothing reads", passes::shrink_channels},
    Pass{"remove_dead", "drop nodes and tensors that nothing uses", passes::remove_dead},
    Pass{"order_nodes", "run nodes in the order that keeps the fewest bytes alive", passes::order_nodes},
};

// Every round shrinks the graph, so real models settle in two or three. The graph is right after any round: stopping
// early costs speed only, and bounds the time that a hostile model can take.
constexpr int kMaxRounds = 16;

Result<bool> run_one(const Pass& pass, Graph& graph, const PassOptions& options) {
  const Graph before = options.on_change ? graph : Graph{};
  auto changed = pass.run(graph);
  if (!changed.ok()) return std::move(changed).error().in(fmt::format("pass {}", pass.name));
  if (!changed.value()) return false;
  if (options.verify_each) {
    if (auto status = verify(graph); !status.ok()) {
      return std::move(status).error().in(fmt::format("pass {} broke the graph", pass.name));
    }
  }
  if (options.on_change) options.on_change(pass, before, graph);
  return true;
}

}  // namespace

std::span<const Pass> all_passes() { return kPasses; }

const Pass* find_pass(std::string_view name) {
  const auto at = std::find_if(kPasses.begin(), kPasses.end(), [&](const Pass& p) { return p.name == name; });
  return at == kPasses.end() ? nullptr : &*at;
}

Status run_passes(Graph& graph, const PassOptions& options) {
  std::vector<const Pass*> chosen;
  for (const std::string& name : options.only) {
    const Pass* pass = find_pass(name);
    if (pass == nullptr) {
      std::vector<std::string_view> names;
      for (const Pass& p : kPasses) names.push_back(p.name);
      return Error{fmt::format("there is no pass '{}'", name), "", fmt::format("use {}", fmt::join(names, ", "))};
    }
    chosen.push_back(pass);
  }
  if (!options.only.empty()) {
    for (const Pass* pass : chosen) MOTE_TRY(run_one(*pass, graph, options));
    return {};
  }
  for (int round = 0; round < kMaxRounds; ++round) {
    bool any = false;
    for (const Pass& pass : kPasses) {
      MOTE_LET(changed, run_one(pass, graph, options));
      any = any || changed;
    }
    if (!any) break;
  }
  return {};
}

}  // namespace mote
