// The examples compute what TensorFlow Lite Micro computes, with and without passes.
#include <filesystem>

#include <gtest/gtest.h>

#include "host/base/file.h"
#include "host/import/tflite.h"
#include "host/interpret/interpreter.h"
#include "host/passes/pass.h"

namespace mote {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(MOTE_SOURCE_DIR) / "examples" / "tiny_conv";

// The elements of an int8 .npy file of format 1, whose header length stands at byte 8.
Bytes npy_bytes(const std::filesystem::path& npy) {
  auto file = read_file(npy);
  EXPECT_TRUE(file.ok()) << file.error().text();
  Bytes& bytes = file.value();
  const std::size_t header = 10U + bytes.at(8) + 256U * bytes.at(9);
  return {bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end()};
}

TEST(Examples, TinyConvGivesTheOraclesScores) {
  auto file = read_file(kFolder / "tiny_conv.tflite");
  ASSERT_TRUE(file.ok()) << file.error().text();
  auto graph = import_tflite(file.value(), "tiny_conv.tflite");
  ASSERT_TRUE(graph.ok()) << graph.error().text();
  const Bytes images = npy_bytes(kFolder / "stripes.npy");
  const Bytes expected = npy_bytes(kFolder / "expected.npy");
  ASSERT_EQ(images.size(), 4U * 256U);
  ASSERT_EQ(expected.size(), 4U * 4U);
  for (const bool optimised : {false, true}) {
    if (optimised) {
      ASSERT_TRUE(run_passes(graph.value(), {}).ok());
    }
    auto interpreter = Interpreter::create(graph.value());
    ASSERT_TRUE(interpreter.ok()) << interpreter.error().text();
    Bytes scores;
    for (auto at = images.begin(); at != images.end(); at += 256) {
      const auto out = interpreter.value().run({Bytes(at, at + 256)});
      ASSERT_TRUE(out.ok()) << out.error().text();
      scores.insert(scores.end(), out.value()[0].begin(), out.value()[0].end());
    }
    EXPECT_EQ(scores, expected);
  }
}

}  // namespace
}  // namespace mote
