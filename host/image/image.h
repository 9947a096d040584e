// Model images: programs as bytes that firmware opens later; see contract/wire/model_image.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/program/program.h"

namespace mote {

// The kernels that a program calls and images cannot; empty: write_image takes it.
[[nodiscard]] std::vector<const KernelRow*> kernels_beyond_images(const Program& program);

// A program whose memory is planned as an image, proved by the reader that chips run.
// Errors: kernels that images cannot call; more kernels than an image may have.
Result<std::vector<std::uint8_t>> write_image(const Program& program);

// What is in an image: sizes, inputs and outputs, kernels, steps.
struct ImageSummary {
  struct Port {
    std::string name;
    DType type = DType::s8;
    Shape shape;
    Quant quant;
    std::int64_t offset_bytes = 0;
    std::int64_t size_bytes = 0;
  };
  std::string name;
  std::int64_t image_bytes = 0;
  std::int64_t arena_bytes = 0;
  std::int64_t most_steps = 0;  // multiplications and moved elements of a run, at most
  bool is_signed = false;
  bool has_answer = false;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<std::string> kernels;
};

// Proves an image as a chip does that has every kernel. Errors: what the chip would say, in words.
Result<ImageSummary> read_image(const std::vector<std::uint8_t>& bytes, const std::string& where);

}  // namespace mote
