// Facts about a graph, gathered once and laid out twice.
#include "host/report/inspect.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/ops/op.h"
#include "host/report/table.h"

namespace mote {
namespace {

struct OperatorFacts {
  const Node* node = nullptr;
  std::int64_t macs = 0;
  std::int64_t weight_bytes = 0;   // constants it reads
  std::int64_t derived_bytes = 0;  // constants that lowering made: multipliers, tables
  std::int64_t scratch_bytes = 0;
  std::vector<std::string> kernels;  // one per call
  std::string problem;               // why there is no kernel
};

struct Facts {
  std::vector<OperatorFacts> operators;
  std::int64_t macs = 0;
  std::int64_t weight_bytes = 0;  // a constant that several operators read counts once
  std::int64_t derived_bytes = 0;
};

Facts gather(const Graph& graph, const IsaSet& isas) {
  Facts out;
  std::set<TensorId> counted;
  for (const Node& node : graph.nodes) {
    OperatorFacts f;
    f.node = &node;
    const OpDef& def = *op_row(node.kind).def;
    f.macs = def.macs(graph, node);
    std::set<TensorId> own;
    for (const TensorId id : node.inputs) {
      if (id == kNoTensor || !graph.tensor(id).is_constant) continue;
      const std::int64_t bytes = graph.tensor(id).size_bytes();
      if (own.insert(id).second) f.weight_bytes += bytes;
      if (counted.insert(id).second) out.weight_bytes += bytes;
    }
    auto lowered = def.lower(graph, node, isas);
    if (lowered.ok()) {
      for (const KernelCall& call : lowered.value().calls) {
        f.kernels.emplace_back(call.row->name);
        f.scratch_bytes = std::max(f.scratch_bytes, call.scratch_bytes);
        for (const Constant& c : call.constants) f.derived_bytes += static_cast<std::int64_t>(c.bytes.size());
      }
    } else {
      f.problem = std::move(lowered).error().in(graph.where(node)).text();
    }
    out.macs += f.macs;
    out.derived_bytes += f.derived_bytes;
    out.operators.push_back(std::move(f));
  }
  return out;
}

std::string scale_text(const Quant& quant) {
  if (quant.empty()) return "-";
  return quant.per_channel() ? fmt::format("{} scales", quant.scale.size()) : fmt::format("{:.7g}", quant.scale[0]);
}

std::string zero_text(const Quant& quant) {
  return quant.empty() || quant.per_channel() ? "-" : std::to_string(quant.zero_point.at(0));
}

std::string type_text(const Tensor& t) { return fmt::format("{} {}", name_of(t.type), text_of(t.shape)); }

// What a table calls the nodes: the first of the names that a converter joined, without the folders they all share.
// "functional_1/conv2d/Relu;functional_1/conv2d/BiasAdd" -> "conv2d/Relu"
std::vector<std::string> short_names(const Graph& graph) {
  std::vector<std::string> out;
  std::string shared;
  int paths = 0;
  for (const Node& node : graph.nodes) {
    const std::string& name = out.emplace_back(node.name.substr(0, node.name.find(';')));
    if (name.find('/') == std::string::npos) continue;
    if (paths++ == 0) shared = name;
    const auto end = std::mismatch(shared.begin(), shared.end(), name.begin(), name.end()).first;
    shared.erase(end, shared.end());
  }
  shared.erase(shared.rfind('/') + 1);  // 0 where there is none
  if (paths < 2) return out;
  for (std::string& name : out) {
    if (name.starts_with(shared)) name.erase(0, shared.size());
  }
  return out;
}

// "s8_portable" for conv_2d_s8_portable of a conv_2d; "lookup_x8_portable" in full; "copy_x8_portable x3" for three
// calls. An operator without calls costs nothing at run time.
std::string kernel_text(const OperatorFacts& f) {
  if (!f.problem.empty()) return "none (see below)";
  if (f.kernels.empty()) return "(free)";
  const std::string own = std::string(name_of(f.node->kind)) + "_";
  std::string out;
  for (std::size_t i = 0; i < f.kernels.size();) {
    std::size_t same = i + 1;
    while (same < f.kernels.size() && f.kernels[same] == f.kernels[i]) ++same;
    if (!out.empty()) out += ", ";
    out += f.kernels[i].starts_with(own) ? f.kernels[i].substr(own.size()) : f.kernels[i];
    if (same - i > 1) out += fmt::format(" x{}", same - i);
    i = same;
  }
  return out;
}

std::string port_table(const Graph& graph, const InspectOptions& options) {
  Table table({{"", Align::left},
               {"tensor", Align::left, true},
               {"type", Align::left},
               {"bytes", Align::right},
               {"scale", Align::right},
               {"zero", Align::right}});
  const auto add = [&](const char* what, const std::vector<TensorId>& ids) {
    for (const TensorId id : ids) {
      const Tensor& t = graph.tensor(id);
      table.add({what, t.name, type_text(t), grouped(t.size_bytes()), scale_text(t.quant), zero_text(t.quant)});
    }
  };
  add("input", graph.inputs);
  add("output", graph.outputs);
  return table.text(options.max_width);
}

nlohmann::json tensor_json(const Tensor& t) {
  nlohmann::json out = {{"name", t.name}, {"type", name_of(t.type)}, {"shape", t.shape}, {"bytes", t.size_bytes()}};
  if (!t.quant.empty()) {
    out["scale"] = t.quant.scale;
    out["zero_point"] = t.quant.zero_point;
    if (t.quant.per_channel()) out["axis"] = t.quant.axis;
  }
  return out;
}

nlohmann::json attr_json(const AttrValue& value) {
  return std::visit([](const auto& v) -> nlohmann::json { return v; }, value);
}

}  // namespace

std::string inspect_table(const Graph& graph, const InspectOptions& options) {
  const Facts facts = gather(graph, options.isas);
  Table table({{"#", Align::right},
               {"operator", Align::left},
               {"name", Align::left, true},
               {"output", Align::left},
               {"scale", Align::right},
               {"zero", Align::right},
               {"MACs", Align::right},
               {"weights", Align::right},
               {"kernel", Align::left, true}});
  const std::vector<std::string> names = short_names(graph);
  std::string problems;
  for (std::size_t n = 0; n < facts.operators.size(); ++n) {
    const OperatorFacts& f = facts.operators[n];
    for (std::size_t i = 0; i < f.node->outputs.size(); ++i) {
      const Tensor& t = graph.tensor(f.node->outputs[i]);
      if (i == 0) {
        table.add({std::to_string(n), std::string(name_of(f.node->kind)), names[n], type_text(t), scale_text(t.quant),
                   zero_text(t.quant), grouped(f.macs), grouped(f.weight_bytes), kernel_text(f)});
      } else {
        table.add({"", "", "", type_text(t), scale_text(t.quant), zero_text(t.quant), "", "", ""});
      }
    }
    if (!f.problem.empty()) problems += f.problem + "\n";
  }
  table.add_rule();
  table.add({"", "total", "", "", "", "", grouped(facts.macs), grouped(facts.weight_bytes),
             fmt::format("+ {} bytes derived", grouped(facts.derived_bytes))});
  std::string out = (graph.source.empty() ? graph.name : graph.source) + "\n\n" + port_table(graph, options) + "\n" +
                    table.text(options.max_width);
  if (!problems.empty()) out += "\n" + problems;
  return out;
}

nlohmann::json inspect_json(const Graph& graph, const InspectOptions& options) {
  const Facts facts = gather(graph, options.isas);
  nlohmann::json out = {{"name", graph.name}, {"source", graph.source}};
  const auto ports = [&](const std::vector<TensorId>& ids) {
    auto list = nlohmann::json::array();
    for (const TensorId id : ids) list.push_back(tensor_json(graph.tensor(id)));
    return list;
  };
  out["inputs"] = ports(graph.inputs);
  out["outputs"] = ports(graph.outputs);
  out["operators"] = nlohmann::json::array();
  for (std::size_t n = 0; n < facts.operators.size(); ++n) {
    const OperatorFacts& f = facts.operators[n];
    nlohmann::json op = {{"index", n}, {"operator", name_of(f.node->kind)}, {"name", f.node->name}};
    if (f.node->source_index >= 0) op["source_index"] = f.node->source_index;
    op["inputs"] = nlohmann::json::array();
    for (const TensorId id : f.node->inputs) {
      op["inputs"].push_back(id == kNoTensor ? nlohmann::json() : nlohmann::json(graph.tensor(id).name));
    }
    op["outputs"] = ports(f.node->outputs);
    op["attributes"] = nlohmann::json::object();
    for (const auto& [name, value] : f.node->attrs.items()) op["attributes"][name] = attr_json(value);
    op["macs"] = f.macs;
    op["weight_bytes"] = f.weight_bytes;
    op["derived_bytes"] = f.derived_bytes;
    op["scratch_bytes"] = f.scratch_bytes;
    op["kernels"] = f.kernels;
    if (!f.problem.empty()) op["problem"] = f.problem;
    out["operators"].push_back(std::move(op));
  }
  out["totals"] = {{"operators", facts.operators.size()},
                   {"macs", facts.macs},
                   {"weight_bytes", facts.weight_bytes},
                   {"derived_bytes", facts.derived_bytes}};
  return out;
}

}  // namespace mote
