// Strided copies against hand-worked strides, and the moving operators' refusals.
#include "host/ops/movement.h"

#include <gtest/gtest.h>

#include <cstring>

#include "host/ops/op.h"

namespace mote {
namespace {

using Numbers = std::vector<std::int64_t>;

TEST(Movement, MergesNeighboursThatLieInLine) {
  const StridedCopy rows = merge_dimensions(write_window({1, 8, 3}, {0, 2, 0}, {1, 4, 3}));
  EXPECT_EQ(rows.extent, Numbers{12});
  EXPECT_EQ(rows.in_stride, Numbers{1});
  EXPECT_EQ(rows.out_stride, Numbers{1});
  EXPECT_EQ(rows.out_begin, 6);
  const StridedCopy channels = merge_dimensions(read_window({2, 3, 4}, {0, 0, 1}, {2, 3, 2}, {1, 1, 1}));
  EXPECT_EQ(channels.extent, (Numbers{6, 2}));
  EXPECT_EQ(channels.in_stride, (Numbers{4, 1}));
  EXPECT_EQ(channels.out_stride, (Numbers{2, 1}));
  EXPECT_EQ(channels.in_begin, 1);
}

TEST(Movement, WalksBackwards) {
  const StridedCopy c = merge_dimensions(read_window({5}, {4}, {3}, {-2}));
  EXPECT_EQ(c.in_begin, 4);
  EXPECT_EQ(c.in_stride, Numbers{-2});
}

TEST(Movement, RefusesMoreDimensionsThanTheKernelsHave) {
  StridedCopy c;
  for (int d = 0; d < 7; ++d) {
    c.extent.push_back(2);
    c.in_stride.push_back(std::int64_t{1} << d);
    c.out_stride.push_back(std::int64_t{1} << (6 - d));
  }
  EXPECT_FALSE(check_copy(c).ok());
  c.extent[0] = 1;
  EXPECT_TRUE(check_copy(c).ok());
}

// A graph of one node, inputs and outputs added in order.
struct OneNode {
  Graph graph;
  Node node;

  OneNode& input(DType type, Shape shape, Quant quant = {}) {
    node.inputs.push_back(graph.add_tensor({"x", type, std::move(shape), std::move(quant), false, {}}));
    return *this;
  }
  OneNode& numbers(std::vector<std::int32_t> values) {
    Tensor t = {"numbers", DType::s32, {static_cast<std::int64_t>(values.size())}, {}, true, {}};
    t.data.resize(values.size() * 4);
    std::memcpy(t.data.data(), values.data(), t.data.size());
    node.inputs.push_back(graph.add_tensor(std::move(t)));
    return *this;
  }
  OneNode& output(DType type, Shape shape, Quant quant = {}) {
    node.outputs.push_back(graph.add_tensor({"y", type, std::move(shape), std::move(quant), false, {}}));
    return *this;
  }
  // What infer says against it; "" when it accepts the node.
  std::string refusal(OpKind kind) {
    auto result = op_row(kind).def->infer(graph, node);
    return result.ok() ? "" : result.error().what;
  }
};

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(Movement, StridedSliceRefusesWhatItCannotMean) {
  const auto slice = [](std::int32_t begin, std::int32_t end, std::int32_t step, const char* mask = nullptr) {
    OneNode n;
    n.input(DType::s8, {4}).numbers({begin}).numbers({end}).numbers({step}).output(DType::s8, {1});
    if (mask != nullptr) n.node.attrs.set(mask, std::int64_t{1});
    return n.refusal(OpKind::strided_slice);
  };
  EXPECT_EQ(slice(0, 4, 1), "");
  expect_in(slice(0, 4, 1, "ellipsis_mask"), "ellipsis_mask is not supported");
  expect_in(slice(0, 4, 1, "new_axis_mask"), "new_axis_mask is not supported");
  expect_in(slice(0, 4, 1, "offset"), "offset is not supported");
  expect_in(slice(0, 4, 0), "stride of axis 0 is 0");
  expect_in(slice(3, 3, 1), "takes nothing of axis 0");
  expect_in(slice(4, 5, 1, "shrink_axis_mask"), "outside axis 0");
  EXPECT_EQ(slice(INT32_MIN, INT32_MAX, INT32_MAX), "");
  EXPECT_EQ(slice(INT32_MAX, INT32_MIN, INT32_MIN), "");
}

TEST(Movement, RefusesAxesAndSizesThatDoNotFit) {
  OneNode twice;
  twice.input(DType::s8, {2, 3}).numbers({1, 1}).output(DType::s8, {2, 3});
  expect_in(twice.refusal(OpKind::transpose), "names axis 1 twice");
  OneNode far;
  far.input(DType::s8, {2, 3}).numbers({0, 2}).output(DType::s8, {2, 3});
  expect_in(far.refusal(OpKind::transpose), "axis 2 of a tensor with 2 dimensions");
  OneNode negative;
  negative.input(DType::s8, {2}).numbers({-1, 0}).output(DType::s8, {1});
  expect_in(negative.refusal(OpKind::pad), "outside 0..");
  OneNode window;
  window.input(DType::s8, {4}).numbers({3}).numbers({INT32_MAX}).output(DType::s8, {1});
  expect_in(window.refusal(OpKind::slice), "leave axis 0");
  OneNode parts;
  parts.input(DType::s8, {4}).numbers({3, 3}).numbers({0}).output(DType::s8, {3}).output(DType::s8, {3});
  expect_in(parts.refusal(OpKind::split_v), "a part of 3 where 1 are left");
  OneNode uneven;
  uneven.numbers({0}).input(DType::s8, {5}).output(DType::s8, {2}).output(DType::s8, {2});
  expect_in(uneven.refusal(OpKind::split), "cannot be split into 2 equal parts");
  OneNode wide;
  wide.input(DType::s8, {2}).output(DType::s8, {2});
  wide.node.attrs.set("axes", Numbers{0});
  expect_in(wide.refusal(OpKind::squeeze), "has not size 1");
  OneNode fed;
  fed.input(DType::s8, {2}).input(DType::s32, {1}).output(DType::s8, {2});
  expect_in(fed.refusal(OpKind::transpose), "must be constant");
}

TEST(Movement, JoinsOnlyTensorsThatMeanTheSame) {
  const Quant fine = {{0.5F}, {0}, 0};
  const Quant coarse = {{1.0F}, {0}, 0};
  OneNode n;
  n.input(DType::s8, {2}, fine).input(DType::s8, {2}, coarse).output(DType::s8, {4}, fine);
  expect_in(n.refusal(OpKind::concatenation), "quantised otherwise");
  OneNode shapes;
  shapes.input(DType::s8, {2, 3}).input(DType::s8, {2, 4}).output(DType::s8, {4, 3});
  expect_in(shapes.refusal(OpKind::concatenation), "cannot be joined");
  OneNode scalar;
  scalar.input(DType::s8, {}).output(DType::s8, {1});
  expect_in(scalar.refusal(OpKind::concatenation), "axis 0 of a tensor with 0 dimensions");
}

}  // namespace
}  // namespace mote
