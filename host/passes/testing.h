// Tools for tests of passes: graphs made by hand, and programs compared before and after.
#pragma once

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "host/interpret/interpreter.h"
#include "host/ir/graph.h"
#include "host/ops/infer.h"
#include "host/passes/pass.h"

namespace mote::testing {

template <class T>
std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
  std::vector<std::uint8_t> out(values.size() * sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), values.data(), out.size());
  return out;
}

// Collects a graph line by line; node() adds in execution order.
struct GraphBuilder {
  Graph graph;

  GraphBuilder() { graph.name = graph.source = "test"; }

  TensorId activation(const std::string& name, const Shape& shape, float scale, std::int32_t zero_point,
                      DType type = DType::s8) {
    Tensor t;
    t.name = name;
    t.type = type;
    t.shape = shape;
    t.quant = {{scale}, {zero_point}, 0};
    return graph.add_tensor(std::move(t));
  }
  TensorId real(const std::string& name, const Shape& shape) {
    Tensor t;
    t.name = name;
    t.type = DType::f32;
    t.shape = shape;
    return graph.add_tensor(std::move(t));
  }
  template <class T>
  TensorId constant(const std::string& name, DType type, const Shape& shape, const std::vector<T>& values,
                    const Quant& quant = {}) {
    Tensor t;
    t.name = name;
    t.type = type;
    t.shape = shape;
    t.quant = quant;
    t.is_constant = true;
    t.data = bytes_of(values);
    return graph.add_tensor(std::move(t));
  }
  TensorId input(TensorId id) {
    graph.inputs.push_back(id);
    return id;
  }
  TensorId output(TensorId id) {
    graph.outputs.push_back(id);
    return id;
  }
  Node& node(OpKind kind, std::vector<TensorId> inputs, std::vector<TensorId> outputs,
             const std::vector<std::pair<std::string, AttrValue>>& attrs = {}) {
    Node n;
    n.kind = kind;
    n.name = graph.tensor(outputs.at(0)).name;
    n.source_index = static_cast<std::int32_t>(graph.nodes.size());
    n.inputs = std::move(inputs);
    n.outputs = std::move(outputs);
    for (const auto& [name, value] : attrs) n.attrs.set(name, value);
    graph.nodes.push_back(std::move(n));
    return graph.nodes.back();
  }
};

inline TensorId find_tensor(const Graph& graph, std::string_view name) {
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].name == name) return static_cast<TensorId>(i);
  }
  return kNoTensor;
}

// Values a tensor may hold: every byte pattern for integers; for floats small numbers and the odd ones out.
inline Bytes random_bytes(const Tensor& tensor, std::mt19937& rng) {
  Bytes out(static_cast<std::size_t>(tensor.size_bytes()));
  if (tensor.type == DType::f32) {
    std::normal_distribution<float> normal(0.0F, 4.0F);
    for (std::size_t i = 0; i < out.size(); i += 4) {
      const float special[] = {0.0F, -0.0F, 6.0F, -1.0F, 1e-40F, 1e30F, -1e30F};
      const float value = rng() % 8 == 0 ? special[rng() % 7] : normal(rng);
      std::memcpy(&out[i], &value, sizeof value);
    }
  } else {
    for (auto& b : out) b = static_cast<std::uint8_t>(rng());
  }
  return out;
}

// The first difference between two programs on `runs` random inputs, "" where there is none. Compares the outputs and
// every tensor that a node of `after` still writes under its old name, shape and type.
inline std::string first_difference(const Graph& before, const Graph& after, std::uint32_t seed, int runs) {
  if (before.inputs.size() != after.inputs.size() || before.outputs.size() != after.outputs.size())
    return "other ports";
  for (std::size_t i = 0; i < before.outputs.size(); ++i) {
    const Tensor& b = before.tensor(before.outputs[i]);
    const Tensor& a = after.tensor(after.outputs[i]);
    if (a.name != b.name || a.type != b.type || a.shape != b.shape || !(a.quant == b.quant)) {
      return "output '" + b.name + "' became another";
    }
  }
  auto left = Interpreter::create(before);
  auto right = Interpreter::create(after);
  if (!left.ok()) return "before: " + left.error().text();
  if (!right.ok()) return "after: " + right.error().text();
  std::map<std::string, TensorId> names;
  for (const Node& node : before.nodes) {
    for (const TensorId id : node.outputs) names[before.tensor(id).name] = id;
  }
  for (int run = 0; run < runs; ++run) {
    std::vector<Bytes> inputs;
    for (const TensorId id : before.inputs) {
      // From the name, so that an input keeps its bytes when a program is shrunk around it.
      std::uint32_t mixed = seed * 31 + static_cast<std::uint32_t>(run);
      for (const char c : before.tensor(id).name) mixed = mixed * 31 + static_cast<std::uint8_t>(c);
      std::mt19937 rng(mixed);
      inputs.push_back(random_bytes(before.tensor(id), rng));
    }
    auto want = left.value().run(inputs);
    auto got = right.value().run(inputs);
    if (!want.ok()) return "before: " + want.error().text();
    if (!got.ok()) return "after: " + got.error().text();
    for (std::size_t i = 0; i < want.value().size(); ++i) {
      if (want.value()[i] != got.value()[i]) return "output '" + before.tensor(before.outputs[i]).name + "' differs";
    }
    for (const Node& node : after.nodes) {
      for (const TensorId id : node.outputs) {
        const Tensor& a = after.tensor(id);
        const auto at = names.find(a.name);
        if (at == names.end() || before.tensor(at->second).shape != a.shape) continue;
        if (left.value().tensor(at->second) != right.value().tensor(id)) return "tensor '" + a.name + "' differs";
      }
    }
  }
  return "";
}

// Runs one pass on a copy: it must leave a valid graph that computes the same, and say truly whether it changed
// anything.
inline Graph run_pass(std::string_view name, const Graph& before, bool expect_change) {
  const auto valid = verify(before);
  EXPECT_TRUE(valid.ok()) << (valid.ok() ? "" : valid.error().text());
  Graph after = before;
  const Pass* pass = find_pass(name);
  EXPECT_NE(pass, nullptr) << name;
  if (pass == nullptr || !valid.ok()) return after;
  const auto changed = pass->run(after);
  EXPECT_TRUE(changed.ok()) << (changed.ok() ? "" : changed.error().text());
  if (!changed.ok()) return before;
  EXPECT_EQ(changed.value(), expect_change);
  const auto status = verify(after);
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().text());
  if (!status.ok()) return before;
  EXPECT_EQ(first_difference(before, after, 1, 20), "");
  return after;
}

}  // namespace mote::testing
