// Operators that move values keep scales; some have scales of their own; some have weights.
#include "host/ops/quantize_rule.h"

namespace mote {

QuantizeRule quantize_rule(OpKind kind) {
  using Output = QuantizeRule::Output;
  switch (kind) {
    case OpKind::average_pool_2d:
    case OpKind::concatenation:
    case OpKind::expand_dims:
    case OpKind::gather:
    case OpKind::max_pool_2d:
    case OpKind::maximum:
    case OpKind::minimum:
    case OpKind::pack:
    case OpKind::pad:
    case OpKind::pad_v2:
    case OpKind::relu6:  // the reference clamps on the input's scale
    case OpKind::reshape:
    case OpKind::slice:
    case OpKind::split:
    case OpKind::split_v:
    case OpKind::squeeze:
    case OpKind::strided_slice:
    case OpKind::transpose:
    case OpKind::unpack: return {Output::like_input, -1};
    case OpKind::softmax:
    case OpKind::logistic: return {Output::zero_to_one, -1};
    case OpKind::tanh: return {Output::minus_one_to_one, -1};
    case OpKind::conv_2d:
    case OpKind::fully_connected: return {Output::range, 0};
    case OpKind::depthwise_conv_2d: return {Output::range, 3};
    default: return {};
  }
}

}  // namespace mote
