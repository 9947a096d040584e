// What the operators refuse: every row makes one thing wrong in a small valid node and expects the message that says
// so.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "host/ir/verify.h"
#include "host/ops/infer.h"
#include "host/ops/op.h"

namespace mote {
namespace {

Tensor activation(DType type, Shape shape, float scale = 0.5F, std::int32_t zero = 0) {
  Tensor t;
  t.type = type;
  t.shape = std::move(shape);
  if (type != DType::f32) t.quant = {{scale}, {zero}, 0};
  return t;
}

Tensor constant_of(DType type, Shape shape, std::uint8_t byte, float scale = 0.5F) {
  Tensor t = activation(type, std::move(shape), scale);
  t.is_constant = true;
  t.data.assign(static_cast<std::size_t>(t.size_bytes()), byte);
  return t;
}

// One node over the tensors, the last of which is its output.
Graph graph_of(OpKind kind, std::vector<Tensor> tensors, Attrs attrs = {}) {
  Graph g;
  g.name = "g";
  g.source = "g.tflite";
  Node node;
  node.kind = kind;
  node.name = "n";
  node.attrs = std::move(attrs);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    tensors[i].name = "t" + std::to_string(i);
    if (i + 1 == tensors.size()) {
      node.outputs.push_back(id);
    } else {
      node.inputs.push_back(id);
      if (!tensors[i].is_constant) g.inputs.push_back(id);
    }
  }
  g.tensors = std::move(tensors);
  g.outputs = node.outputs;
  g.nodes.push_back(std::move(node));
  return g;
}

Graph conv() {
  return graph_of(OpKind::conv_2d, {activation(DType::s8, {1, 4, 4, 2}), constant_of(DType::s8, {3, 2, 2, 2}, 1),
                                    constant_of(DType::s32, {3}, 0), activation(DType::s8, {1, 3, 3, 3})});
}

Graph depthwise() {
  return graph_of(OpKind::depthwise_conv_2d,
                  {activation(DType::s8, {1, 4, 4, 2}), constant_of(DType::s8, {1, 2, 2, 4}, 1),
                   constant_of(DType::s32, {4}, 0), activation(DType::s8, {1, 3, 3, 4})});
}

Graph dense() {
  return graph_of(OpKind::fully_connected, {activation(DType::s8, {2, 6}), constant_of(DType::s8, {3, 6}, 1),
                                            constant_of(DType::s32, {3}, 0), activation(DType::s8, {2, 3})});
}

Graph pool() {
  Attrs attrs;
  attrs.set("kernel_h", std::int64_t{2});
  attrs.set("kernel_w", std::int64_t{2});
  return graph_of(OpKind::average_pool_2d, {activation(DType::s8, {1, 4, 4, 2}), activation(DType::s8, {1, 3, 3, 2})},
                  attrs);
}

Graph softmax() {
  return graph_of(OpKind::softmax, {activation(DType::s8, {1, 4}), activation(DType::s8, {1, 4}, 1.0F / 256, -128)});
}

Graph add() {
  return graph_of(OpKind::add,
                  {activation(DType::s8, {2, 3}), activation(DType::s8, {3}), activation(DType::s8, {2, 3})});
}

Graph mul() {
  Graph g = add();
  g.nodes[0].kind = OpKind::mul;
  return g;
}

Graph reshape() { return graph_of(OpKind::reshape, {activation(DType::s8, {2, 3}), activation(DType::s8, {3, 2})}); }

void set_s32(Tensor& t, std::size_t i, std::uint32_t v) {
  for (std::size_t b = 0; b < 4; ++b) t.data[4 * i + b] = static_cast<std::uint8_t>(v >> (8 * b));
}

struct Refusal {
  const char* name;
  Graph (*valid)();
  std::function<void(Graph&)> spoil;
  const char* message;  // a part of it
};

class Refusals : public testing::TestWithParam<Refusal> {};

TEST_P(Refusals, AreToldApart) {
  Graph g = GetParam().valid();
  const Status before = verify(g);
  ASSERT_TRUE(before.ok()) << before.error().text();
  GetParam().spoil(g);
  const Status after = verify(g);
  ASSERT_FALSE(after.ok());
  EXPECT_NE(after.error().text().find(GetParam().message), std::string::npos) << after.error().text();
  EXPECT_NE(after.error().text().find("g.tflite"), std::string::npos) << after.error().text();
}

const Refusal kRefusals[] = {
    {"conv_channels", conv, [](Graph& g) { g.tensors[0].shape[3] = 1; }, "expect 2 input channels"},
    {"conv_rank", conv, [](Graph& g) { g.tensors[0].shape = {4, 8}; }, "must have 4 dimensions"},
    {"conv_type", conv, [](Graph& g) { g.tensors[0].type = DType::u8; }, "u8 with weights s8 has no kernel"},
    {"conv_bias_beyond_32_bits_in_sum", conv, [](Graph& g) { set_s32(g.tensors[2], 1, 0x7FFFFFF0); },
     "accumulator of channel 1"},
    {"conv_scaled_beyond_32_bits", conv, [](Graph& g) { g.tensors[3].quant.scale[0] = 1e-9F; }, "after scaling"},
    {"conv_bias_count", conv, [](Graph& g) { g.tensors[2] = constant_of(DType::s32, {2}, 0); }, "constant s32[3]"},
    {"conv_negative_scale", conv, [](Graph& g) { g.tensors[0].quant.scale[0] = -1.0F; }, "has the scale -1"},
    {"conv_not_quantised", conv, [](Graph& g) { g.tensors[0].quant = {}; }, "is not quantised"},
    {"conv_zero_point", conv, [](Graph& g) { g.tensors[0].quant.zero_point[0] = 200; }, "zero point 200, outside"},
    {"conv_asymmetric_weights", conv, [](Graph& g) { g.tensors[1].quant.zero_point[0] = 3; }, "other than 0"},
    {"conv_stride_zero", conv, [](Graph& g) { g.nodes[0].attrs.set("stride_h", std::int64_t{0}); }, "outside 1.."},
    {"conv_window_too_large", conv, [](Graph& g) { g.nodes[0].attrs.set("dilation_h", std::int64_t{9}); },
     "does not fit"},
    {"depthwise_multiplier", depthwise, [](Graph& g) { g.tensors[0].shape[3] = 3; }, "a multiple of 3"},
    {"depthwise_narrow_bias", depthwise,
     [](Graph& g) {
       g.tensors[0].type = DType::s16;
       g.tensors[3].type = DType::s16;
     },
     "no reference kernel"},
    {"dense_depth", dense, [](Graph& g) { g.tensors[0].shape = {1, 7}; }, "does not split into rows of 6"},
    {"dense_weights_rank", dense, [](Graph& g) { g.tensors[1].shape = {3, 6, 1}; }, "must have 2 dimensions"},
    {"dense_variable_weights", dense,
     [](Graph& g) {
       g.tensors[1].is_constant = false;
       g.tensors[1].data.clear();
       g.inputs.push_back(1);
     },
     "weights must be constant"},
    {"pool_area", pool,
     [](Graph& g) {
       g.tensors[0] = activation(DType::s16, {1, 512, 512, 1});
       g.tensors[0].name = "t0";
       g.tensors[1] = activation(DType::s16, {1, 1, 1, 1});
       g.tensors[1].name = "t1";
       g.nodes[0].attrs.set("kernel_h", std::int64_t{512});
       g.nodes[0].attrs.set("kernel_w", std::int64_t{512});
     },
     "at most 32768"},
    {"pool_window_in_padding", pool,
     [](Graph& g) {
       g.nodes[0].attrs.set("padding", std::string("explicit"));
       g.nodes[0].attrs.set("pads", std::vector<std::int64_t>{2, 0, 0, 0});
     },
     "wholly in the padding"},
    {"pool_type", pool, [](Graph& g) { g.tensors[0].type = DType::s32; }, "s32 has no kernel"},
    {"softmax_output_scale", softmax, [](Graph& g) { g.tensors[1].quant.scale[0] = 0.5F; }, "the kernel gives"},
    {"softmax_row", softmax,
     [](Graph& g) {
       g.tensors[0].shape = {1, 5000};
       g.tensors[1].shape = {1, 5000};
     },
     "5000 elements in a row"},
    {"softmax_beta", softmax, [](Graph& g) { g.nodes[0].attrs.set("beta", -1.0); }, "beta is -1"},
    {"softmax_scale", softmax, [](Graph& g) { g.tensors[0].quant.scale[0] = 1e-12F; }, "below the kernel's resolution"},
    {"add_shapes", add, [](Graph& g) { g.tensors[1].shape = {2}; }, "do not broadcast"},
    {"add_types", add, [](Graph& g) { g.tensors[1].type = DType::s16; }, "s8 with s16 has no kernel"},
    {"add_dimensions", add,
     [](Graph& g) {
       g.tensors[0].shape = {2, 1, 2, 1, 2, 1};
       g.tensors[1].shape = {1, 2, 1, 2, 1, 2};
     },
     "at most 5 are supported"},
    {"add_scales", add, [](Graph& g) { g.tensors[2].quant.scale[0] = 1e-9F; }, "too large for the output's scale"},
    {"add_activation", add, [](Graph& g) { g.nodes[0].attrs.set("activation", std::string("tanh")); },
     "unknown fused activation"},
    {"mul_scales", mul, [](Graph& g) { g.tensors[2].quant.scale[0] = 1e-9F; }, "too large for the output's scale"},
    {"reshape_count", reshape, [](Graph& g) { g.nodes[0].attrs.set("new_shape", std::vector<std::int64_t>{2, 2}); },
     "does not reshape to [2,2]"},
    {"reshape_two_unknown", reshape,
     [](Graph& g) { g.nodes[0].attrs.set("new_shape", std::vector<std::int64_t>{-1, -1}); }, "does not reshape"},
    {"reshape_overflow", reshape,
     [](Graph& g) { g.nodes[0].attrs.set("new_shape", std::vector<std::int64_t>{INT64_MAX, INT64_MAX, INT64_MAX}); },
     "does not reshape"},
    {"reshape_zero", reshape, [](Graph& g) { g.nodes[0].attrs.set("new_shape", std::vector<std::int64_t>{0, -1}); },
     "does not reshape"},
};

INSTANTIATE_TEST_SUITE_P(Operators, Refusals, testing::ValuesIn(kRefusals),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace mote
