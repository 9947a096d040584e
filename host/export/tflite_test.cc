// What is written is read back as the same graph, by mote here and by TFLM in tests/export_test.cc.
#include "host/export/tflite.h"

#include <gtest/gtest.h>

#include "host/export/tflite_options.h"
#include "host/import/tflite.h"
#include "tests/support/tflite_model.h"

namespace mote {
namespace {

TEST(ExportTflite, AConvolutionComesBackAsItWas) {
  auto g = import_tflite(testing::write_tflite(testing::small_conv()), "conv.tflite");
  ASSERT_TRUE(g.ok()) << g.error().text();
  auto bytes = export_tflite(g.value(), {"by hand", {{"data", "1234"}}});
  ASSERT_TRUE(bytes.ok()) << bytes.error().text();
  auto back = import_tflite(bytes.value(), "conv.tflite");
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_TRUE(back.value() == g.value());

  const tflite::Model* model = tflite::GetModel(bytes.value().data());
  EXPECT_EQ(model->description()->str(), "by hand");
  ASSERT_EQ(model->metadata()->size(), 1U);
  EXPECT_EQ(model->metadata()->Get(0)->name()->str(), "data");
  const auto* data = model->buffers()->Get(model->metadata()->Get(0)->buffer())->data();
  EXPECT_EQ(std::string(data->begin(), data->end()), "1234");
}

// Conv2DOptions: padding, stride_w, stride_h, activation, dilation_w, dilation_h.
TEST(ExportTflite, OptionsAreThoseOfTheSchema) {
  auto g = import_tflite(testing::write_tflite(testing::small_conv()), "conv.tflite");
  ASSERT_TRUE(g.ok()) << g.error().text();
  g.value().nodes[0].attrs.set("stride_w", std::int64_t{2});
  g.value().nodes[0].attrs.set("dilation_h", std::int64_t{3});
  auto options = tflite_options(g.value(), g.value().nodes[0]);
  ASSERT_TRUE(options.ok()) << options.error().text();
  ASSERT_EQ(options.value().size(), 6U);
  EXPECT_EQ(std::get<std::int8_t>(options.value()[0].value), 1);  // VALID
  EXPECT_EQ(std::get<std::int32_t>(options.value()[1].value), 2);
  EXPECT_EQ(std::get<std::int8_t>(options.value()[3].value), 1);  // RELU
  EXPECT_EQ(std::get<std::int32_t>(options.value()[5].value), 3);
  EXPECT_EQ(tflite_options_type(3), 1);
}

TEST(ExportTflite, AnAttributeThatNoOptionGivesIsNamedInAnError) {
  auto g = import_tflite(testing::write_tflite(testing::small_conv()), "conv.tflite");
  ASSERT_TRUE(g.ok()) << g.error().text();
  g.value().nodes[0].attrs.set("made_by_a_pass", std::int64_t{2});
  auto bytes = export_tflite(g.value());
  ASSERT_FALSE(bytes.ok());
  EXPECT_NE(bytes.error().text().find("attributes that a TFLite file cannot hold"), std::string::npos);
}

}  // namespace
}  // namespace mote
