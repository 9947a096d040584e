// From numbers to the bytes of one tensor.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote::input {

using Bytes = std::vector<std::uint8_t>;

// Appends elements of `target`. s8, u8 and s16 tensors with a scale are quantised; all others are not.
class Encoder {
 public:
  // Errors: a scale per channel, which no input has.
  static Result<Encoder> create(const Tensor& target);

  [[nodiscard]] bool quantised() const { return quantised_; }

  // A real number: quantised, or stored as it is in a float tensor. Errors: not finite for a quantised tensor; not an
  // integer in range for any other.
  Status real(double value, Bytes& out) const;
  // A stored value. Errors: outside the type.
  Status stored(std::int64_t value, Bytes& out) const;

 private:
  explicit Encoder(const Tensor& target);
  DType type_;
  bool quantised_;
  float scale_ = 1.0F;
  std::int32_t zero_point_ = 0;
};

// "the tensor 'x' s8[1,49,10,1]", for messages.
[[nodiscard]] std::string name_of(const Tensor& target);

}  // namespace mote::input
