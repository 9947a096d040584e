// What the long short-term memory kernels are told beside their tensors.
#pragma once

#include <cstdint>

namespace mote {

// Gates are in the order input, forget, cell, output.
struct LstmParams {
  std::int32_t steps;     // in time
  std::int32_t features;  // of the input
  std::int32_t units;
  std::int32_t in_offset;                            // minus the input's zero point
  std::int32_t state_offset;                         // minus the hidden state's zero point
  std::int32_t in_multiplier[4], in_shift[4];        // from sums over the input to 2^-12
  std::int32_t state_multiplier[4], state_shift[4];  // from sums over the hidden state to 2^-12
  std::int32_t forget_multiplier, forget_shift;      // forget gate * cell
  std::int32_t update_multiplier, update_shift;      // input gate * cell gate
  std::int32_t out_multiplier, out_shift;            // output gate * tanh(cell)
  std::int32_t tanh_multiplier, tanh_shift;          // the cell as an argument of tanh; see SigmoidParams
  std::int32_t cell_clip;                            // 0: none
};

}  // namespace mote
