// Files and noise, to a model's bytes.
#include "host/driver/records.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "host/input/values.h"

namespace mote {

Result<std::vector<std::vector<Bytes>>> load_records(const Graph& graph, const std::vector<std::string>& files,
                                                     const InputOptions& options) {
  const std::size_t count = graph.inputs.size();
  if (files.size() != count) {
    return Error{fmt::format("{} --input given, the model has {} inputs", files.size(), count), graph.source,
                 "give --input once per input of the model, in the order 'mote inspect' shows"};
  }
  std::vector<std::vector<Bytes>> out;
  for (std::size_t i = 0; i < count; ++i) {
    MOTE_LET(values, load_inputs(files[i], graph.tensor(graph.inputs[i]), options));
    if (i == 0) out.resize(values.size());
    if (values.size() != out.size()) {
      return Error{fmt::format("has {} inputs, {} has {}", values.size(), files[0], out.size()), files[i],
                   "every file holds the same number of inputs"};
    }
    for (std::size_t r = 0; r < values.size(); ++r) out[r].push_back(std::move(values[r]));
  }
  return out;
}

std::vector<std::vector<Bytes>> noise_records(const Graph& graph, std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::vector<Bytes>> out(count);
  for (auto& record : out) {
    for (const TensorId id : graph.inputs) {
      const Tensor& t = graph.tensor(id);
      std::vector<double> values(static_cast<std::size_t>(elements(t.shape)));
      for (double& v : values) {
        const double unit = static_cast<double>(random()) / 4294967296.0;
        v = t.type == DType::f32       ? 2 * unit - 1
            : t.type == DType::boolean ? static_cast<double>(unit < 0.5)
                                       : std::floor(256 * unit) - (t.type == DType::u8 ? 0 : 128);
      }
      record.push_back(encode_values(t.type, values));
    }
  }
  return out;
}

}  // namespace mote
