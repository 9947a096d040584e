// Inputs of every format: values worked out by hand, files made by NumPy 2, zlib and Pillow 13 where a format needs it.
#include "host/input/input.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>

#include "host/base/file.h"

namespace mote {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Inputs = std::vector<Bytes>;

Tensor tensor(DType type, Shape shape, float scale = 0.0F, std::int32_t zero_point = 0) {
  Tensor t{"in", type, std::move(shape), {}, false, {}};
  if (scale != 0.0F) t.quant = {{scale}, {zero_point}, 0};
  return t;
}

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

template <class T>
void append(Bytes& out, const std::vector<T>& values) {
  for (const T v : values) {
    std::uint8_t raw[sizeof(T)];
    std::memcpy(raw, &v, sizeof v);
    out.insert(out.end(), raw, raw + sizeof v);
  }
}

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes out;
  append(out, values);
  return out;
}

template <class T>
Bytes npy(const std::string& descr, const std::string& shape, const std::vector<T>& values, bool fortran = false) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" + shape + "), }";
  header.resize(118, ' ');
  header.back() = '\n';
  Bytes out = bytes_of(std::string_view("\x93NUMPY\x01\x00v\x00", 10));
  out.insert(out.end(), header.begin(), header.end());
  append(out, values);
  return out;
}

Bytes wav(std::uint16_t channels, const std::vector<std::int16_t>& samples, std::uint16_t bits = 16) {
  const auto data = static_cast<std::uint32_t>(samples.size() * 2);
  const auto block = static_cast<std::uint16_t>(channels * bits / 8);
  Bytes out = bytes_of("RIFF");
  append(out, std::vector<std::uint32_t>{36 + data});
  for (const char c : std::string_view("WAVEfmt ")) out.push_back(static_cast<std::uint8_t>(c));
  append(out, std::vector<std::uint32_t>{16});
  append(out, std::vector<std::uint16_t>{1, channels});
  append(out, std::vector<std::uint32_t>{16000, std::uint32_t{16000} * block});
  append(out, std::vector<std::uint16_t>{block, bits});
  for (const char c : std::string_view("data")) out.push_back(static_cast<std::uint8_t>(c));
  append(out, std::vector<std::uint32_t>{data});
  append(out, samples);
  return out;
}

Inputs good(const Bytes& file, const std::string& name, const Tensor& target, const InputOptions& options = {}) {
  Result<Inputs> r = decode_inputs(file, name, target, options);
  EXPECT_TRUE(r.ok()) << (r.ok() ? "" : r.error().text());
  return r.ok() ? r.value() : Inputs{};
}

// The message must hold every one of `parts`, and the file's name.
void bad(const Bytes& file, const std::string& name, const Tensor& target, const std::vector<std::string>& parts,
         const InputOptions& options = {}) {
  const Result<Inputs> r = decode_inputs(file, name, target, options);
  ASSERT_FALSE(r.ok()) << parts[0];
  const std::string text = r.error().text();
  EXPECT_NE(text.find(name), std::string::npos) << text;
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << "wanted '" << part << "' in\n" << text;
}

TEST(RawInput, OneInputAfterAnother) {
  EXPECT_EQ(good({1, 2, 3, 4}, "a.bin", tensor(DType::s8, {1, 2})), (Inputs{{1, 2}, {3, 4}}));
  EXPECT_EQ(good({0, 0, 128, 63}, "a.RAW", tensor(DType::f32, {1})), (Inputs{{0, 0, 128, 63}}));
  bad({1, 2, 3}, "a.bin", tensor(DType::s8, {1, 2}), {"3 bytes", "multiple of the 2", "'in' s8[1,2]"});
  bad({}, "a.bin", tensor(DType::s8, {1}), {"0 bytes"});
  bad({0, 2}, "a.bin", tensor(DType::boolean, {1}), {"other than 0 and 1"});
}

TEST(CsvInput, RealNumbersAreQuantised) {
  const Tensor t = tensor(DType::s8, {1, 3}, 0.5F, -1);
  // 0.25/0.5 = 0.5 rounds away from zero to 1, -0.25 to -1; 1000 saturates.
  EXPECT_EQ(good(bytes_of("0.25, -0.25,1000\r\n\n-0.75;+1e0;0\n"), "a.csv", t),
            (Inputs{{0, 0xFE, 127}, {0xFD, 1, 0xFF}}));
}

TEST(CsvInput, RawTakesStoredValues) {
  const Tensor t = tensor(DType::s8, {1, 3}, 0.5F, -1);
  EXPECT_EQ(good(bytes_of("1,-128,127"), "a.csv", t, {.raw = true}), (Inputs{{1, 0x80, 127}}));
  bad(bytes_of("1,-129,127"), "a.csv", t, {"line 1, number 2", "-129", "-128..127"}, {.raw = true});
  bad(bytes_of("1,2,3.5"), "a.csv", t, {"line 1, number 3", "3.5", "not an integer"}, {.raw = true});
}

TEST(CsvInput, OtherTypes) {
  EXPECT_EQ(good(bytes_of("1.5,-2"), "a.csv", tensor(DType::f32, {2})),
            Inputs{bytes_of(std::vector<float>{1.5F, -2.0F})});
  EXPECT_EQ(good(bytes_of("-2147483648,7.0"), "a.csv", tensor(DType::s32, {2})),
            Inputs{bytes_of(std::vector<std::int32_t>{std::numeric_limits<std::int32_t>::min(), 7})});
  EXPECT_EQ(good(bytes_of("9223372036854775807"), "a.csv", tensor(DType::s64, {1})),
            Inputs{bytes_of(std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::max()})});
  EXPECT_EQ(good(bytes_of("0,1"), "a.csv", tensor(DType::boolean, {2})), (Inputs{{0, 1}}));
  bad(bytes_of("2"), "a.csv", tensor(DType::boolean, {1}), {"2 is outside 0..1"});
  bad(bytes_of("1e300"), "a.csv", tensor(DType::s64, {1}), {"not an integer"});
  bad(bytes_of("nan"), "a.csv", tensor(DType::s32, {1}), {"nan", "not an integer"});
}

TEST(CsvInput, MistakesAreNamed) {
  const Tensor t = tensor(DType::s8, {1, 2}, 0.5F, 0);
  bad(bytes_of("1,2\n1,2,3\n"), "a.csv", t, {"line 2", "3 numbers", "takes 2", "s8[1,2]"});
  bad(bytes_of("left,right\n1,2\n"), "a.csv", t, {"line 1, number 1", "not a number", "header"});
  bad(bytes_of("1,nan"), "a.csv", t, {"number 2", "nan", "cannot be quantised"});
  bad(bytes_of("1,"), "a.csv", t, {"number 2", "not a number"});
  bad(bytes_of("\n\n"), "a.csv", t, {"holds no input"});
}

// The first two files are NumPy's own, byte for byte.
TEST(NpyInput, NumpyFiles) {
  const std::string_view f4(
      "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }                               "
      "                           \n\x00\x00\x00?\x00\x00\xa0\xbf",
      136);
  EXPECT_EQ(good(bytes_of(f4), "a.npy", tensor(DType::s8, {1, 2}, 0.25F, 1)), (Inputs{{3, 0xFC}}));
  const std::string_view i8(
      "\x93NUMPY\x03\x00t\x00\x00\x00{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }                         "
      "                                 \n\x07\x00\x00\x00\x00\x00\x00\x00",
      136);
  EXPECT_EQ(good(bytes_of(i8), "a.npy", tensor(DType::s32, {1})), (Inputs{{7, 0, 0, 0}}));
}

TEST(NpyInput, ShapesWithOneOrSeveralInputs) {
  const Tensor t = tensor(DType::u8, {1, 2, 1}, 1.0F, 0);
  const std::vector<std::uint8_t> two = {1, 2};
  const std::vector<std::uint8_t> four = {1, 2, 3, 4};
  EXPECT_EQ(good(npy("|u1", "1, 2, 1", two), "a.npy", t), Inputs{two});
  EXPECT_EQ(good(npy("|u1", "2, 1", two), "a.npy", t), Inputs{two});
  EXPECT_EQ(good(npy("|u1", "2, 2, 1", four), "a.npy", t), (Inputs{{1, 2}, {3, 4}}));
  EXPECT_EQ(good(npy("|u1", "2, 1, 2, 1", four), "a.npy", t), (Inputs{{1, 2}, {3, 4}}));
  bad(npy("|u1", "4,", four), "a.npy", t, {"shape [4]", "u8[1,2,1]"});
  bad(npy("|u1", "2, 2", four), "a.npy", t, {"shape [2,2]", "u8[1,2,1]"});
  bad(npy("|u1", "0, 2, 1", std::vector<std::uint8_t>{}), "a.npy", t, {"holds no input"});
}

TEST(NpyInput, Types) {
  EXPECT_EQ(good(npy("|i1", "2,", std::vector<std::int8_t>{-1, 5}), "a.npy", tensor(DType::s8, {2}, 0.1F, 3)),
            (Inputs{{0xFF, 5}}));
  EXPECT_EQ(good(npy("<i2", "1,", std::vector<std::int16_t>{-2}), "a.npy", tensor(DType::s16, {1}, 0.1F, 0)),
            (Inputs{{0xFE, 0xFF}}));
  EXPECT_EQ(good(npy("<f8", "1,", std::vector<double>{-1.0}), "a.npy", tensor(DType::s16, {1}, 0.5F, 0)),
            (Inputs{{0xFE, 0xFF}}));
  EXPECT_EQ(good(npy("<f8", "1,", std::vector<double>{0.5}), "a.npy", tensor(DType::f32, {1})),
            Inputs{bytes_of(std::vector<float>{0.5F})});
  EXPECT_EQ(good(npy("|b1", "2,", std::vector<std::uint8_t>{1, 0}), "a.npy", tensor(DType::boolean, {2})),
            (Inputs{{1, 0}}));
  bad(npy("|u1", "1,", std::vector<std::uint8_t>{1}), "a.npy", tensor(DType::s8, {1}, 1.0F, 0),
      {"'|u1'", "s8[1]", "float32"});
  bad(npy("<i8", "1,", std::vector<std::int64_t>{1}), "a.npy", tensor(DType::f32, {1}), {"'<i8'", "f32[1]"});
  bad(npy("<i8", "1,", std::vector<std::int64_t>{std::int64_t{1} << 40}), "a.npy", tensor(DType::s32, {1}),
      {"element 0", "1099511627776", "s32"});
  bad(npy(">f4", "1,", std::vector<float>{1}), "a.npy", tensor(DType::f32, {1}), {"'>f4'", "little endian"});
  bad(npy("<f4", "1,", std::vector<float>{std::nanf("")}), "a.npy", tensor(DType::s8, {1}, 1.0F, 0),
      {"element 0", "nan"});
  bad(npy("<f4", "2, 2", std::vector<float>{1, 2, 3, 4}, true), "a.npy", tensor(DType::f32, {2, 2}), {"Fortran"});
}

TEST(NpyInput, DamageIsRefusedAtEveryLength) {
  const Bytes whole = npy("|u1", "1, 2, 1", std::vector<std::uint8_t>{1, 2});
  const Tensor t = tensor(DType::u8, {1, 2, 1}, 1.0F, 0);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(decode_inputs(std::span(whole).first(n), "a.npy", t).ok()) << n;
  }
  bad(npy("|u1", "99999999999999999, 1, 2, 1", std::vector<std::uint8_t>{1, 2}), "a.npy", t,
      {"2 bytes", "99999999999999999 inputs"});
}

TEST(WavInput, SamplesFitTheTensor) {
  const Bytes file = wav(1, {0, 16384, -32768});
  EXPECT_EQ(good(file, "a.wav", tensor(DType::s16, {1, 3})), (Inputs{{0, 0, 0, 64, 0, 128}}));
  EXPECT_EQ(good(file, "a.wav", tensor(DType::f32, {3})), Inputs{bytes_of(std::vector<float>{0.0F, 0.5F, -1.0F})});
  EXPECT_EQ(good(file, "a.wav", tensor(DType::s8, {3}, 1.0F / 128, 0)), (Inputs{{0, 64, 0x80}}));
  EXPECT_EQ(good(wav(2, {1, 2, 3, 4}), "a.wav", tensor(DType::s16, {2, 2})), (Inputs{{1, 0, 2, 0, 3, 0, 4, 0}}));
  bad(file, "a.wav", tensor(DType::s16, {1, 4}), {"3 frames of 1 channel", "s16[1,4]", "4 samples"});
  bad(wav(1, {0, 1}, 8), "a.wav", tensor(DType::s16, {4}), {"16-bit PCM"});
  bad(bytes_of("RIFFxxxxWAVX"), "a.wav", tensor(DType::s16, {1}), {"not a .wav file"});
  for (std::size_t n = 0; n < file.size(); ++n) {
    EXPECT_FALSE(decode_inputs(std::span(file).first(n), "a.wav", tensor(DType::s16, {1, 3})).ok()) << n;
  }
}

const Bytes kPng = {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
                    0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x08, 0x02, 0x00, 0x00, 0x00, 0xfd, 0xd4, 0x9a,
                    0x73, 0x00, 0x00, 0x00, 0x13, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0xf8, 0xcf, 0xc0, 0xc0,
                    0x00, 0xc2, 0x0c, 0xff, 0xb9, 0x44, 0xe4, 0x00, 0x1a, 0x58, 0x03, 0x3a, 0xe2, 0x92, 0x6e, 0xd9,
                    0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
const Bytes kBmp = {66, 77, 70, 0, 0,  0, 0,   0, 0, 0,  54, 0,  0, 0, 40,  0,  0,   0, 2,   0,  0, 0, 2, 0,
                    0,  0,  1,  0, 24, 0, 0,   0, 0, 0,  16, 0,  0, 0, 196, 14, 0,   0, 196, 14, 0, 0, 0, 0,
                    0,  0,  0,  0, 0,  0, 255, 0, 0, 30, 20, 10, 0, 0, 0,   0,  255, 0, 255, 0,  0, 0};
const Bytes kJpeg = {
    255, 216, 255, 224, 0,   16,  74,  70,  73,  70,  0,   1,   1,   0,   0,   1,   0,   1,   0,   0,   255, 219, 0,
    67,  0,   3,   2,   2,   3,   2,   2,   3,   3,   3,   3,   4,   3,   3,   4,   5,   8,   5,   5,   4,   4,   5,
    10,  7,   7,   6,   8,   12,  10,  12,  12,  11,  10,  11,  11,  13,  14,  18,  16,  13,  14,  17,  14,  11,  11,
    16,  22,  16,  17,  19,  20,  21,  21,  21,  12,  15,  23,  24,  22,  20,  24,  18,  20,  21,  20,  255, 192, 0,
    11,  8,   0,   8,   0,   8,   1,   1,   17,  0,   255, 196, 0,   31,  0,   0,   1,   5,   1,   1,   1,   1,   1,
    1,   0,   0,   0,   0,   0,   0,   0,   0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  255, 196, 0,
    181, 16,  0,   2,   1,   3,   3,   2,   4,   3,   5,   5,   4,   4,   0,   0,   1,   125, 1,   2,   3,   0,   4,
    17,  5,   18,  33,  49,  65,  6,   19,  81,  97,  7,   34,  113, 20,  50,  129, 145, 161, 8,   35,  66,  177, 193,
    21,  82,  209, 240, 36,  51,  98,  114, 130, 9,   10,  22,  23,  24,  25,  26,  37,  38,  39,  40,  41,  42,  52,
    53,  54,  55,  56,  57,  58,  67,  68,  69,  70,  71,  72,  73,  74,  83,  84,  85,  86,  87,  88,  89,  90,  99,
    100, 101, 102, 103, 104, 105, 106, 115, 116, 117, 118, 119, 120, 121, 122, 131, 132, 133, 134, 135, 136, 137, 138,
    146, 147, 148, 149, 150, 151, 152, 153, 154, 162, 163, 164, 165, 166, 167, 168, 169, 170, 178, 179, 180, 181, 182,
    183, 184, 185, 186, 194, 195, 196, 197, 198, 199, 200, 201, 202, 210, 211, 212, 213, 214, 215, 216, 217, 218, 225,
    226, 227, 228, 229, 230, 231, 232, 233, 234, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 255, 218, 0,   8,
    1,   1,   0,   0,   63,  0,   243, 74,  255, 217};
const Bytes kPixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30};

TEST(ImageInput, EveryFormatGivesItsPixels) {
  const Tensor t = tensor(DType::u8, {1, 2, 2, 3}, 1.0F, 0);
  EXPECT_EQ(good(kPng, "a.png", t), Inputs{kPixels});
  EXPECT_EQ(good(kBmp, "a.bmp", t), Inputs{kPixels});
  const std::string ppm = "P6\n2 2\n255\n" + std::string(kPixels.begin(), kPixels.end());
  EXPECT_EQ(good(bytes_of(ppm), "a.ppm", t), Inputs{kPixels});
  EXPECT_EQ(good(kJpeg, "a.jpg", tensor(DType::u8, {1, 8, 8, 1}, 1.0F, 0)), Inputs{Bytes(64, 100)});
}

TEST(ImageInput, PixelsMeetTheQuantisation) {
  const Bytes pgm = bytes_of("P5\n3 1\n255\n\x01\x80\xFF");
  const Bytes minus_128 = {0x81, 0, 127};
  EXPECT_EQ(good(pgm, "a.pgm", tensor(DType::s8, {1, 1, 3, 1}, 1.0F, -128)), Inputs{minus_128});      // 0..255
  EXPECT_EQ(good(pgm, "a.pgm", tensor(DType::s8, {1, 3, 1}, 1.0F / 255, -128)), Inputs{minus_128});   // 0..1
  EXPECT_EQ(good(pgm, "a.pgm", tensor(DType::s8, {1, 1, 3, 1}, 2.0F / 255, -1)), Inputs{minus_128});  // -1..1
  EXPECT_EQ(good(pgm, "a.pgm", tensor(DType::f32, {1, 1, 3, 1}), {.pixels = PixelRange::zero_to_one}),
            Inputs{bytes_of(std::vector<float>{static_cast<float>(1 / 255.0), static_cast<float>(128 / 255.0), 1.0F})});
  EXPECT_EQ(good(pgm, "a.pgm", tensor(DType::s8, {1, 1, 3, 1}, 2.0F, 0), {.pixels = PixelRange::zero_to_255}),
            (Inputs{{1, 64, 127}}));
  bad(pgm, "a.pgm", tensor(DType::s8, {1, 1, 3, 1}, 0.02F, 5), {"which real numbers", "s8[1,1,3,1]", ".npy"});
  bad(pgm, "a.pgm", tensor(DType::f32, {1, 1, 3, 1}), {"which real numbers"});
}

TEST(ImageInput, WrongSizesAndDamage) {
  const Tensor t = tensor(DType::u8, {1, 2, 4, 3}, 1.0F, 0);
  bad(kPng, "a.png", t, {"2 wide and 2 high", "u8[1,2,4,3]", "4 wide and 2 high"});
  bad(kPng, "a.png", tensor(DType::u8, {1, 12}, 1.0F, 0), {"does not look like one"});
  bad(bytes_of("hello"), "a.png", t, {"not an image"});
  bad(bytes_of("P6\n4 2\n255\n123"), "a.ppm", t, {"damaged"});
  const Tensor colour = tensor(DType::u8, {1, 2, 2, 3}, 1.0F, 0);
  bad(bytes_of("P5\n2 2\n255\n1234"), "a.ppm", colour, {"1 channels", "takes 3"});
  bad(bytes_of("P6\n2 2\n65535\n123456789012"), "a.ppm", colour, {"65535"});
  bad(bytes_of("P6\n# x\n2 2\n255\n123456789012"), "a.ppm", colour, {"comments"});
  for (std::size_t n = 0; n + 12 < kPng.size(); ++n) {  // the last 12 bytes only say that it is the end
    EXPECT_FALSE(decode_inputs(std::span(kPng).first(n), "a.png", colour).ok()) << n;
  }
  for (std::size_t n = 0; n < kBmp.size(); ++n)
    EXPECT_FALSE(decode_inputs(std::span(kBmp).first(n), "a.bmp", colour).ok()) << n;
  for (std::size_t n = 0; n < kJpeg.size(); ++n) {
    EXPECT_FALSE(decode_inputs(std::span(kJpeg).first(n), "a.jpg", tensor(DType::u8, {1, 8, 8, 1}, 1.0F, 0)).ok()) << n;
  }
}

TEST(Input, FilesAndExtensions) {
  bad({}, "a.txt", tensor(DType::s8, {1}), {"'.txt'", ".npy"});
  const Result<Inputs> missing = load_inputs("no/such.npy", tensor(DType::s8, {1}));
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().text().find("no/such.npy"), std::string::npos);
  Result<TemporaryFolder> folder = TemporaryFolder::create("mote-input-test");
  ASSERT_TRUE(folder.ok());
  const std::filesystem::path file = folder.value().path() / "x.bin";
  ASSERT_TRUE(write_file(file, "ab").ok());
  const Result<Inputs> read = load_inputs(file, tensor(DType::s8, {1}));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value(), (Inputs{{'a'}, {'b'}}));
}

}  // namespace
}  // namespace mote
