// Model images: what is written runs exactly, and what was tampered with is refused or stays within its memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>

#include "contract/wire/crc32.h"
#include "device/runtime/model.h"
#include "host/base/file.h"
#include "host/base/process.h"
#include "host/driver/image.h"
#include "host/driver/records.h"
#include "host/driver/run.h"
#include "host/image/image.h"
#include "host/image/kernels.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using runtime::Code;

const fs::path kRoot = MOTE_SOURCE_DIR;
const fs::path kTinyConv = kRoot / "examples" / "tiny_conv" / "tiny_conv.tflite";

// Bytes on 16, between fences that show who writes outside.
class Memory {
 public:
  explicit Memory(std::size_t bytes) : bytes_(bytes), blocks_(bytes / 16 + 9) {
    std::fill_n(blocks_[0].bytes, blocks_.size() * 16, std::uint8_t{0xA5});
  }
  Memory(const Bytes& bytes) : Memory(bytes.size()) { std::copy(bytes.begin(), bytes.end(), data()); }
  [[nodiscard]] std::uint8_t* data() { return blocks_[4].bytes; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_); }
  [[nodiscard]] bool is_fenced() {
    const std::uint8_t* all = blocks_[0].bytes;
    const auto is_paint = [](std::uint8_t b) { return b == 0xA5; };
    return std::all_of(all, all + 64, is_paint) && std::all_of(all + 64 + bytes_, all + blocks_.size() * 16, is_paint);
  }

 private:
  struct alignas(16) Block {
    std::uint8_t bytes[16];
  };
  std::size_t bytes_;
  std::vector<Block> blocks_;
};

ImageHeader header_of(const Bytes& image) {
  ImageHeader h{};
  std::memcpy(&h, image.data(), sizeof h);
  return h;
}

void set_header(Bytes& image, ImageHeader h) {
  const std::uint32_t end = h.signature == 0 ? h.image_bytes : h.signature;
  std::memcpy(image.data(), &h, sizeof h);
  if (end >= sizeof h && end <= image.size()) h.crc = crc32(image.data() + kImageCrcBegin, end - kImageCrcBegin);
  std::memcpy(image.data(), &h, sizeof h);
}

// An image for the kernels of this computer.
Bytes image_of(const fs::path& model, Goal goal = Goal::balanced) {
  const Result<Graph> graph = load_model(model);
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().text());
  CompileOptions options;
  options.core = "host";
  options.goal = goal;
  Result<ModelImage> image = make_image(graph.value(), options);
  EXPECT_TRUE(image.ok()) << (image.ok() ? "" : image.error().text());
  return image.ok() ? std::move(image).value().bytes : Bytes{};
}

Code open_code(const Bytes& bytes, runtime::Verify verify = nullptr) {
  Memory image(bytes);
  Memory arena(1 << 16);
  runtime::Model model;
  return model.open({image.data(), image.size()}, {arena.data(), arena.size()}, image_registry(), verify).code;
}

TEST(Image, Crc32IsTheOneOfZip) {
  const std::string check = "123456789";  // the check value of the catalogue of CRCs
  EXPECT_EQ(crc32(reinterpret_cast<const std::uint8_t*>(check.data()), 9), 0xCBF43926U);
}

TEST(Image, RunsAsTheExampleWasRecorded) {
  const Bytes bytes = image_of(kTinyConv);
  const Result<Graph> graph = load_model(kTinyConv);
  const auto records = load_records(graph.value(), {(kRoot / "examples/tiny_conv/stripes.npy").string()}, {});
  ASSERT_TRUE(records.ok());
  // Outputs of TensorFlow Lite Micro; a .npy file ends with its values.
  const Bytes expected = read_file(kRoot / "examples/tiny_conv/expected.npy").value();
  Memory image(bytes);
  Memory arena(header_of(bytes).arena_bytes);
  runtime::Model model;
  ASSERT_TRUE(model.open({image.data(), image.size()}, {arena.data(), arena.size()}, image_registry()).ok());
  EXPECT_STREQ(model.name(), "tiny_conv");
  EXPECT_STREQ(model.input(0).name, "image");
  EXPECT_EQ(model.input(0).type, ImageType::s8);
  EXPECT_EQ(model.input(0).rank, 4U);
  const std::size_t n = records.value().size();
  const std::uint32_t out = model.output(0).bytes;
  ASSERT_GE(expected.size(), n * out);
  for (std::size_t r = 0; r < n; ++r) {
    std::memcpy(model.input(0).data, records.value()[r][0].data(), model.input(0).bytes);
    model.invoke();
    EXPECT_EQ(std::memcmp(model.output(0).data, expected.data() + expected.size() - (n - r) * out, out), 0) << r;
  }
  EXPECT_TRUE(model.check_answer().ok());
  EXPECT_TRUE(arena.is_fenced());
}

// The interpreter, which foreign vectors hold, gave the known answers.
TEST(Image, EveryVectorModelGivesItsKnownAnswer) {
  int images = 0;
  for (const char* op : {"conv_2d", "depthwise_conv_2d", "fully_connected", "add", "average_pool_2d", "max_pool_2d",
                         "softmax", "concatenation", "pad", "mul", "mean", "transpose", "logistic"}) {
    for (const auto& entry : fs::directory_iterator(kRoot / "tests" / "vectors" / op)) {
      if (entry.path().extension() != ".tflite" || !entry.path().stem().string().starts_with("s8")) continue;
      const Result<Graph> graph = load_model(entry.path());
      ASSERT_TRUE(graph.ok()) << entry.path();
      CompileOptions options;
      options.core = "host";
      const Result<ModelImage> made = make_image(graph.value(), options);
      if (!made.ok()) {
        EXPECT_NE(made.error().what.find("that model images cannot call"), std::string::npos) << made.error().text();
        continue;
      }
      const Bytes& bytes = made.value().bytes;
      Memory image(bytes);
      Memory arena(header_of(bytes).arena_bytes);
      runtime::Model model;
      ASSERT_TRUE(model.open({image.data(), image.size()}, {arena.data(), arena.size()}, image_registry()).ok());
      EXPECT_TRUE(model.check_answer().ok()) << entry.path();
      EXPECT_TRUE(arena.is_fenced()) << entry.path();
      ++images;
    }
  }
  EXPECT_GT(images, 80);
}

TEST(Image, SaysWhyItIsRefused) {
  const Bytes good = image_of(kTinyConv);
  const ImageHeader h = header_of(good);
  const auto with = [&](auto change) {
    Bytes bytes = good;
    ImageHeader changed = h;
    change(changed);
    set_header(bytes, changed);
    return bytes;
  };
  EXPECT_EQ(open_code(good), Code::ok);
  EXPECT_EQ(open_code(Bytes(good.begin(), good.begin() + 40)), Code::truncated);
  EXPECT_EQ(open_code(Bytes(good.begin(), good.end() - 4)), Code::truncated);
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.magic ^= 1; })), Code::not_an_image);
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.version = 77; })), Code::other_version);
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.arena_bytes = 1 << 20; })), Code::arena_too_small);
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.steps = 0xFFFFFFF0; })), Code::bad_layout);
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.ports += 4; })), Code::bad_port);
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.kernel_count = 1000; })), Code::bad_layout);
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.kernel_count = 1; })), Code::bad_step);
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.step_words -= 1; })), Code::bad_step);
  // The input lies at the arena's end.
  EXPECT_EQ(open_code(with([](ImageHeader& c) { c.arena_bytes -= 64; })), Code::bad_port);
  // The first call's first parameter says two images where there is one.
  Bytes twice = good;
  std::uint32_t params = 0;
  std::memcpy(&params, &twice[h.steps + 4], 4);
  twice[params] = 2;
  set_header(twice, h);
  EXPECT_EQ(open_code(twice), Code::refused_call);
  Bytes damaged = good;
  damaged.back() ^= 1;
  EXPECT_EQ(open_code(damaged), Code::damaged);
}

TEST(Image, NamesTheKernelThatIsMissing) {
  const Bytes bytes = image_of(kTinyConv);
  Memory image(bytes);
  Memory arena(1 << 16);
  runtime::Model model;
  std::vector<runtime::Kernel> some;
  const runtime::Registry all = image_registry();
  for (std::uint32_t k = 0; k < all.count; ++k) {
    if (std::string_view(all.kernels[k].name) != "softmax_s8_portable") some.push_back(all.kernels[k]);
  }
  const auto status = model.open({image.data(), image.size()}, {arena.data(), arena.size()},
                                 {some.data(), static_cast<std::uint32_t>(some.size())});
  EXPECT_EQ(status.code, Code::missing_kernel);
  EXPECT_STREQ(model.missing_kernel(), "softmax_s8_portable");
  EXPECT_EQ(model.input_count(), 0U);
}

TEST(Image, MisalignedMemoryIsRefused) {
  const Bytes bytes = image_of(kTinyConv);
  Memory image(bytes);
  Memory arena(1 << 16);
  runtime::Model model;
  EXPECT_EQ(model.open({image.data(), image.size()}, {arena.data() + 8, 4096}, image_registry()).code,
            Code::misaligned);
}

TEST(Image, SignaturesAreWantedExactlyWhereTheyCanBeVerified) {
  // The toy signature is the CRC of what is signed.
  const runtime::Verify verify = [](const std::uint8_t* data, std::uint32_t bytes, const std::uint8_t* signature,
                                    std::uint32_t signature_bytes) {
    const std::uint32_t crc = crc32(data, bytes);
    return signature_bytes == 4 && std::memcmp(&crc, signature, 4) == 0;
  };
  Bytes bytes = image_of(kTinyConv);
  EXPECT_EQ(open_code(bytes, verify), Code::unsigned_image);
  ImageHeader h = header_of(bytes);
  h.signature = h.image_bytes;
  h.image_bytes += 4;
  bytes.resize(h.image_bytes);
  set_header(bytes, h);
  const std::uint32_t crc = crc32(bytes.data(), h.signature);
  std::memcpy(bytes.data() + h.signature, &crc, 4);
  EXPECT_EQ(open_code(bytes), Code::cannot_verify);
  EXPECT_EQ(open_code(bytes, verify), Code::ok);
  bytes.back() ^= 1;
  EXPECT_EQ(open_code(bytes, verify), Code::bad_signature);
}

TEST(Image, KnownAnswerFindsAKernelThatComputesSomethingElse) {
  Bytes bytes = image_of(kTinyConv);
  ImageHeader h = header_of(bytes);
  h.answer_crc ^= 1;
  set_header(bytes, h);
  Memory image(bytes);
  Memory arena(1 << 16);
  runtime::Model model;
  ASSERT_TRUE(model.open({image.data(), image.size()}, {arena.data(), arena.size()}, image_registry()).ok());
  EXPECT_EQ(model.check_answer().code, Code::wrong_answer);
}

// Words are changed and the CRC is mended. What is still accepted stays within its memory.
TEST(Image, TamperedImagesStayWithinTheirMemory) {
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "sums of a tampered model may wrap around, as in firmware; image_fuzz does this with sanitizers";
#endif
#endif
  std::vector<Bytes> seeds = {image_of(kTinyConv), image_of(kTinyConv, Goal::ram)};
  for (const char* vector : {"conv_2d", "add", "softmax", "transpose", "pad", "mean"}) {
    for (const auto& entry : fs::directory_iterator(kRoot / "tests" / "vectors" / vector)) {
      if (entry.path().extension() == ".tflite" && entry.path().stem().string().starts_with("s8") &&
          !entry.path().stem().string().starts_with("s8_s16")) {
        seeds.push_back(image_of(entry.path()));
        break;
      }
    }
  }
  std::mt19937 random(5);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 6000; ++i) {
    Bytes bytes = seeds[random() % seeds.size()];
    for (unsigned edits = 1 + random() % 2; edits > 0; --edits) {
      const std::size_t at = 4 * (16 + random() % ((bytes.size() - 64) / 4));
      std::uint32_t word = 0;
      std::memcpy(&word, &bytes[at], 4);
      switch (random() % 5) {
        case 0: word += 1; break;
        case 1: word -= 1; break;
        case 2: word += 16; break;
        case 3: word = 1U << random() % 32; break;
        default: word = static_cast<std::uint32_t>(random() % 64); break;
      }
      std::memcpy(&bytes[at], &word, 4);
    }
    set_header(bytes, header_of(bytes));
    Memory image(bytes);
    Memory arena(header_of(bytes).arena_bytes);
    runtime::Model model;
    if (!model.open({image.data(), image.size()}, {arena.data(), arena.size()}, image_registry()).ok()) {
      ++refused;
      continue;
    }
    ++accepted;
    if (model.work() <= 1 << 20) model.invoke();
    ASSERT_TRUE(arena.is_fenced()) << "mutation " << i;
    ASSERT_TRUE(image.is_fenced() && std::equal(bytes.begin(), bytes.end(), image.data())) << "mutation " << i;
  }
  EXPECT_GT(accepted, 500);
  EXPECT_GT(refused, 500);
}

TEST(Image, ModelsThatCannotBeImagesAreNamed) {
  const Result<Graph> graph = load_model(kRoot / "tests/vectors/softmax/f32_1x12.tflite");
  ASSERT_TRUE(graph.ok());
  const Result<ModelImage> made = make_image(graph.value(), {});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().what.find("softmax_f32_portable"), std::string::npos) << made.error().text();
  EXPECT_FALSE(made.error().fix.empty());
}

TEST(Image, RunsOnAnEmulatedM4) {
  if (!find_program("arm-none-eabi-g++", "").ok() || !find_program("qemu-system-arm", "").ok()) {
    GTEST_SKIP() << "no compiler or emulator for Arm";
  }
  const Result<Graph> graph = load_model(kTinyConv);
  RunModelOptions options;
  options.runtime = true;
  options.count_instructions = false;
  const auto run = run_model(graph.value(), noise_records(graph.value(), 3, 7), options);
  ASSERT_TRUE(run.ok()) << run.error().text();
  EXPECT_EQ(run.value().compared_tensors, 3U);
  EXPECT_TRUE(run.value().mismatches.empty());
}

TEST(Image, RuntimeWithTheMlperfOperatorsIsSmall) {
  if (!find_program("arm-none-eabi-g++", "").ok()) GTEST_SKIP() << "no compiler for Arm";
  const auto work = TemporaryFolder::create("image_test");
  ASSERT_TRUE(work.ok());
  const auto sizes = write_runtime_package(
      {"conv_2d", "depthwise_conv_2d", "fully_connected", "average_pool_2d", "softmax", "add", "reshape"}, "cortex-m4",
      "-Os", work.value().path() / "runtime");
  ASSERT_TRUE(sizes.ok()) << sizes.error().text();
  EXPECT_LE(sizes.value().code_bytes + sizes.value().constants_bytes, 20 * 1024);
  EXPECT_EQ(sizes.value().ram_bytes, 0);
  EXPECT_FALSE(write_runtime_package({"conv2d"}, "cortex-m4", "-Os", work.value().path() / "other").ok());
}

}  // namespace
}  // namespace mote
