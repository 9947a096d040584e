// Runs model images: firmware opens one that arrived, in flash or RAM, and the same kernels run as in code that was
// compiled with the model. Nothing is copied but the inputs, and nothing is allocated.
//
//   constexpr mote::runtime::Kernel kKernels[] = {MOTE_RUNTIME_KERNEL(conv_2d_s8_armv7em, conv_2d_fused_lanes), ...};
//   mote::runtime::Model model;
//   if (!model.open({image, bytes}, {arena, sizeof arena}, {kKernels, 12}).ok()) ...
//   memcpy(model.input(0).data, samples, model.input(0).bytes);
//   model.invoke();
//
// open() proves the whole image before anything runs: afterwards no call reads outside image and arena or writes
// outside the arena, whoever made the image. The image must not change while it is open.
#pragma once

#include <cstdint>

#include "contract/wire/model_image.h"
#include "device/runtime/kernel.h"

namespace mote::runtime {

enum class Code : std::uint8_t {
  ok,
  not_an_image,    // no image begins here
  other_version,   // `at` is the image's
  truncated,       // `at` bytes are wanted
  misaligned,      // image or arena does not begin on 16 bytes
  damaged,         // the CRC is another
  unsigned_image,  // this firmware wants a signature
  cannot_verify,   // the image is signed, this firmware has nothing to verify that with
  bad_signature,
  arena_too_small,  // `at` bytes are wanted
  bad_layout,       // a table lies outside the image; `at` says where it would be
  bad_port,         // `at`: which, inputs before outputs
  missing_kernel,   // `at`: which of the image's; missing_kernel() is its name
  bad_step,         // `at`: the word in the steps
  refused_call,     // its kernel's check says no; `at` as above
  wrong_answer,     // the known answer is another
};

struct [[nodiscard]] Status {
  Code code = Code::ok;
  std::uint32_t at = 0;
  [[nodiscard]] bool ok() const { return code == Code::ok; }
};

struct Image {
  const void* data;
  std::uint32_t bytes;
};

struct Arena {
  void* data;
  std::uint32_t bytes;
};

// Whether `signature` is one of `bytes`. A firmware that supplies this refuses images without a signature.
using Verify = bool (*)(const std::uint8_t* data, std::uint32_t bytes, const std::uint8_t* signature,
                        std::uint32_t signature_bytes);

// An input or output. data is in the arena and holds what the type says; inputs do not survive a run.
struct Port {
  const char* name;
  void* data;
  std::uint32_t bytes;
  ImageType type;
  std::uint32_t rank;
  const std::int32_t* dims;
  float scale;  // real = scale * (q - zero_point); 0 where not quantised
  std::int32_t zero_point;
};

class Model {
 public:
  // The image has at most this many different kernels.
  static constexpr std::uint32_t kMaxKernels = 32;

  // Errors: every Code but wrong_answer. A model that is not open has no ports and does nothing.
  Status open(Image image, Arena arena, Registry registry, Verify verify = nullptr);

  [[nodiscard]] const char* name() const { return header_ == nullptr ? "" : text(header().name); }
  [[nodiscard]] std::uint32_t input_count() const { return header_ == nullptr ? 0 : header().input_count; }
  [[nodiscard]] std::uint32_t output_count() const { return header_ == nullptr ? 0 : header().output_count; }
  // i < input_count() and output_count(), respectively.
  [[nodiscard]] Port input(std::uint32_t i) const { return port(i); }
  [[nodiscard]] Port output(std::uint32_t i) const { return port(header().input_count + i); }

  void invoke();

  // Runs the known answer that the image carries, if it does: whether these kernels compute what the host computed.
  // Errors: wrong_answer.
  Status check_answer();

  // After missing_kernel: what the firmware lacks.
  [[nodiscard]] const char* missing_kernel() const { return missing_; }
  // Most multiplications and moved elements of a run, of an image that was opened.
  [[nodiscard]] std::int64_t work() const { return work_; }

 private:
  class Reader;
  [[nodiscard]] const ImageHeader& header() const { return *header_; }
  [[nodiscard]] const char* text(std::uint32_t offset) const;
  [[nodiscard]] Port port(std::uint32_t i) const;
  const std::uint32_t* run(const std::uint32_t* step, std::uint32_t turn);  // one step; where the next begins

  const ImageHeader* header_ = nullptr;
  const std::uint8_t* image_ = nullptr;
  std::uint8_t* arena_ = nullptr;
  const Kernel* kernels_[kMaxKernels] = {};
  const char* missing_ = nullptr;
  std::int64_t work_ = 0;
};

}  // namespace mote::runtime
