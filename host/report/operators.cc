// Rows of ops.def beside the kernel rows that their operators may choose from.
#include "host/report/operators.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "host/ops/op.h"

namespace mote {
namespace {

// Instruction sets per family of kernels, both in the order of kernels.inc.
std::vector<std::pair<std::string, std::vector<std::string>>> families_of(const OpRow& op) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (const KernelRow& row : op.kernels()) {
    const std::string family(row.family);
    auto at = std::find_if(out.begin(), out.end(), [&](const auto& entry) { return entry.first == family; });
    if (at == out.end()) at = out.insert(at, {family, {}});
    const std::string isa(row.isa);
    if (std::find(at->second.begin(), at->second.end(), isa) == at->second.end()) at->second.push_back(isa);
  }
  return out;
}

// "s8" of "conv_2d_s8" for conv_2d; shared families keep their name.
std::string type_of(const OpRow& op, const std::string& family) {
  const std::string prefix = std::string(op.name) + "_";
  return family.starts_with(prefix) ? family.substr(prefix.size()) : family;
}

}  // namespace

std::string operators_markdown() {
  std::string out =
      "# Operators\n\n"
      "`mote operators --markdown` makes this page from the code; a test holds the two together. A row is an operator: "
      "its name in\nTFLite with the newest version that is known, its counterpart in ONNX, and the element types it "
      "has "
      "kernels for. Beside\n`portable`, which runs everywhere, a type lists the instruction sets that have kernels of "
      "their own. `x8` to `x64` are\nelements of that many bits, of whatever type, that only move; `lookup_x8` is a "
      "table of all 256 "
      "results, which int8\noperators with one input become. An operator without kernels of its own is an "
      "arrangement of others or changes no byte.\n\n"
      "| operator | TFLite | ONNX | types: instruction sets |\n|---|---|---|---|\n";
  for (const OpRow& op : all_ops()) {
    std::string kernels;
    for (auto [family, isas] : families_of(op)) {
      std::erase(isas, "portable");
      kernels += fmt::format("{}`{}`{}", kernels.empty() ? "" : ", ", type_of(op, family),
                             isas.empty() ? "" : fmt::format(" ({})", fmt::join(isas, " ")));
    }
    const std::string tflite =
        op.tflite_code < 0 ? "" : fmt::format("{} (to version {})", op.tflite_name, op.tflite_max_version);
    out += fmt::format("| {} | {} | {} | {} |\n", op.name, tflite, op.onnx_name, kernels);
  }
  out +=
      "\nBeside operators, the TFLite reader knows `VAR_HANDLE`, `READ_VARIABLE`, `ASSIGN_VARIABLE` and `CALL_ONCE`: "
      "they "
      "become\nstate that the memory planner places, and need no code. What a model needs and mote lacks is listed all "
      "at "
      "once, with a\nway out, when the model is read.\n"
      "\nConstants of 4 bits (INT4) become int8 when the file is read. `uint8` can be quantised, dequantised and "
      "moved; a "
      "network that\ncomputes in it is refused: convert it to int8.\n";
  return out;
}

nlohmann::json operators_json() {
  nlohmann::json out = nlohmann::json::array();
  for (const OpRow& op : all_ops()) {
    nlohmann::json kernels = nlohmann::json::object();
    for (const auto& [family, isas] : families_of(op)) kernels[type_of(op, family)] = isas;
    out.push_back({{"name", op.name},
                   {"tflite", op.tflite_name},
                   {"tflite_code", op.tflite_code},
                   {"tflite_max_version", op.tflite_max_version},
                   {"onnx", op.onnx_name},
                   {"kernels", kernels}});
  }
  return out;
}

}  // namespace mote
