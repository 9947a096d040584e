// Any bytes as an input file of any format for tensors of any type. The first bytes choose format, type and shape.
#include <array>

#include "host/input/input.h"
#include "tests/fuzz/run_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 4;
  constexpr std::array kNames = {"x.npy", "x.bin", "x.csv", "x.wav", "x.png", "x.ppm", "x.jpg", "x.bmp"};
  constexpr std::array kTypes = {mote::DType::f32, mote::DType::s8,  mote::DType::u8,     mote::DType::s16,
                                 mote::DType::s32, mote::DType::s64, mote::DType::boolean};
  const std::array<mote::Shape, 6> shapes = {{{1, 2, 2, 3}, {1, 8, 8, 1}, {1, 3}, {}, {1, 1, 3, 1}, {2, 2}}};
  if (size < kHead) return 0;
  mote::Tensor target;
  target.name = "x";
  target.type = kTypes[data[1] % kTypes.size()];
  target.shape = shapes[data[2] % shapes.size()];
  switch (data[3] % 4) {
    case 0: break;
    case 1: target.quant = {{1.0F}, {0}, 0}; break;
    case 2: target.quant = {{1.0F / 255}, {target.type == mote::DType::s8 ? -128 : 0}, 0}; break;
    default: target.quant = {{1e-30F}, {3}, 0}; break;
  }
  mote::InputOptions options;
  options.raw = (data[3] & 4U) != 0;
  options.pixels = static_cast<mote::PixelRange>(data[3] >> 3U & 3U);
  const char* name = kNames[data[0] % kNames.size()];
  const auto inputs = mote::decode_inputs({data + kHead, size - kHead}, name, target, options);
  if (!inputs.ok()) {
    mote::fuzz::require(inputs.error().where.starts_with(name), "errors name the file", inputs.error().text());
    return 0;
  }
  mote::fuzz::require(!inputs.value().empty(), "at least one input");
  for (const auto& input : inputs.value()) {
    mote::fuzz::require(static_cast<std::int64_t>(input.size()) == target.size_bytes(),
                        "inputs have the tensor's size");
    for (const std::uint8_t b : input) mote::fuzz::require(target.type != mote::DType::boolean || b <= 1, "booleans");
  }
  return 0;
}
