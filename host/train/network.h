// Networks by name: the layers of a model, their shapes, and the graph that they and trained weights make.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/project/project.h"

namespace mote::train {

// One layer. Shapes are [height, width, channels]; a dense layer sees its input as one row.
struct Layer {
  enum class Kind : std::uint8_t { conv, depthwise, dense, average, dropout };
  Kind kind = Kind::conv;
  std::string name;
  std::int64_t in_h = 1, in_w = 1, in_c = 1;
  std::int64_t out_h = 1, out_w = 1, out_c = 1;
  std::int64_t kernel_h = 1, kernel_w = 1;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;  // as TFLite's SAME; all 0: VALID
  bool same = false;
  bool relu = true;
  bool batch_norm = true;
  double drop = 0;  // of a dropout

  [[nodiscard]] bool has_weights() const { return kind != Kind::average && kind != Kind::dropout; }
  // In TFLite's order: conv [out, kh, kw, in], depthwise [1, kh, kw, out], dense [out, in].
  [[nodiscard]] Shape weight_shape() const;
};

struct Network {
  std::string name;
  std::int64_t rows = 0;      // of features in a window
  std::int64_t channels = 0;  // of a row
  std::int64_t classes = 0;
  bool rows_of_channels = false;  // the input is [rows, 1, channels], else [rows, channels, 1]
  std::vector<Layer> layers;      // the last gives the classes' logits

  [[nodiscard]] std::int64_t parameters() const;
  [[nodiscard]] std::int64_t macs() const;
  // Equal where networks can take each other's weights.
  [[nodiscard]] std::string fingerprint() const;
};

// The network that [model] describes for such features. Errors: a window too short for its layers; a parameter out of
// its range.
Result<Network> make_network(const Project& project, std::int64_t rows, std::int64_t channels, std::int64_t classes);

// What training found for one layer, batch normalisation folded in.
struct LayerWeights {
  std::vector<float> weights;  // in the order of Layer::weight_shape()
  std::vector<float> bias;
  float out_min = 0, out_max = 0;  // the values it gives, where training saw them
};

// Real numbers that the int8 features stand for: features / 32. They are normalised to a deviation of 1.
inline constexpr float kInputScale = 1.0F / 32;

// A float graph of the network with a softmax behind it; `weights` has an entry per layer. tensor_of_layer[i] is the
// tensor that layer i writes; kNoTensor for a dropout, which is gone.
struct BuiltGraph {
  Graph graph;
  std::vector<TensorId> tensor_of_layer;
};
[[nodiscard]] BuiltGraph build_graph(const Network& network, const std::vector<LayerWeights>& weights);

}  // namespace mote::train
