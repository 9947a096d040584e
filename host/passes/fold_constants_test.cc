#include "host/passes/testing.h"

namespace mote {
namespace {

using testing::find_tensor;
using testing::GraphBuilder;
using testing::run_pass;

constexpr float kScale = 0.5F;

struct Fixture {
  GraphBuilder b;
  TensorId c = b.constant<std::int8_t>("c", DType::s8, {1, 2, 2, 1}, {4, -4, 20, 127}, {{kScale}, {0}, 0});
  TensorId k = b.constant<std::int8_t>("k", DType::s8, {1, 1, 1, 1}, {2}, {{0.5F}, {0}, 0});
  TensorId x = b.input(b.activation("x", {1, 2, 2, 1}, kScale, 0));
};

TEST(FoldConstants, ComputesANodeThatReadsConstantsOnly) {
  Fixture f;
  const TensorId t = f.b.activation("t", {1, 2, 2, 1}, kScale, 1);
  const TensorId u = f.b.activation("u", {1, 2, 2, 1}, kScale, 1);
  const TensorId y = f.b.activation("y", {1, 2, 2, 1}, kScale, 0);
  f.b.node(OpKind::conv_2d, {f.c, f.k}, {t});  // times 2 * 0.5 in real numbers: the value itself, zero point 1
  f.b.node(OpKind::conv_2d, {t, f.k}, {u});    // constant by now
  f.b.node(OpKind::conv_2d, {f.x, f.k}, {y});
  f.b.output(y);

  const Graph after = run_pass("fold_constants", f.b.graph, true);

  ASSERT_EQ(after.nodes.size(), 1U);
  EXPECT_EQ(after.nodes[0].name, "y");
  for (const char* name : {"t", "u"}) {
    const Tensor& folded = after.tensor(find_tensor(after, name));
    EXPECT_TRUE(folded.is_constant);
    EXPECT_EQ(folded.data, testing::bytes_of<std::int8_t>({5, -3, 21, 127}));
  }
  run_pass("fold_constants", after, false);
}

TEST(FoldConstants, LeavesAGraphOutputToBeComputed) {
  Fixture f;
  const TensorId y = f.b.activation("y", {1, 2, 2, 1}, kScale, 0);
  f.b.node(OpKind::conv_2d, {f.c, f.k}, {y});
  f.b.output(y);
  run_pass("fold_constants", f.b.graph, false);
}

TEST(FoldConstants, LeavesResultsBeyondAMegabyte) {
  GraphBuilder b;
  b.input(b.activation("unread", {1}, kScale, 0));
  const TensorId c = b.constant<std::int8_t>("c", DType::s8, {1, 1, 1, 1}, {1}, {{kScale}, {0}, 0});
  const TensorId k = b.constant<std::int8_t>("k", DType::s8, {1, 1, 1, 1}, {2}, {{0.5F}, {0}, 0});
  const TensorId t = b.activation("t", {1, 1025, 1024, 1}, kScale, 0);
  const TensorId y = b.activation("y", {1, 1025, 1024, 1}, kScale, 0);
  // A 1x1 input padded to 1025x1024 around it.
  b.node(OpKind::conv_2d, {c, k}, {t},
         {{"padding", std::string("explicit")}, {"pads", std::vector<std::int64_t>{0, 1024, 0, 1023}}});
  b.node(OpKind::conv_2d, {t, k}, {y});
  b.output(y);
  run_pass("fold_constants", b.graph, false);
}

}  // namespace
}  // namespace mote
