// Names that models really have, and names that would break generated code.
#include "host/base/identifier.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

TEST(Identifier, KeepsWhatItCan) {
  EXPECT_EQ(identifier("kws_ref_model_int8"), "kws_ref_model_int8");
  EXPECT_EQ(identifier("mobilenet v1-0.25"), "mobilenet_v1_0_25");
  EXPECT_EQ(identifier("2nd__try_"), "model_2nd_try");
}

TEST(Identifier, AvoidsWordsWithAMeaning) {
  EXPECT_EQ(identifier("int"), "int_model");
  EXPECT_EQ(identifier("std"), "std_model");
  EXPECT_EQ(identifier("weights"), "weights_model");
  EXPECT_EQ(identifier("mote"), "mote_model");
}

TEST(Identifier, NeverEmptyNorEndless) {
  EXPECT_EQ(identifier(""), "model");
  EXPECT_EQ(identifier("\xC3\xA9\xC3\xA9"), "model");
  EXPECT_EQ(identifier(std::string(1000, 'a')).size(), 64U);
}

}  // namespace
}  // namespace mote
