// Arithmetic in the description of a custom operator: "floor((x[1] + stride - 1) / stride)".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/result.h"

namespace mote {

// The value of `name`, or of `name[index]`.
using ExpressionScope = std::function<Result<double>(const std::string& name, std::optional<std::int64_t> index)>;

// Numbers, names, + - * / (of reals) and brackets; floor, ceil, min, max; multiplier(f) and shift(f), the two integers
// that stand for the real factor f in mote's requantisation.
// Errors: what is no expression, a name the scope refuses, division by zero, more than 64 levels of brackets.
Result<double> evaluate(std::string_view expression, const ExpressionScope& scope);

// The same where only a whole number from `least` to `most` will do.
Result<std::int64_t> evaluate_integer(std::string_view expression, const ExpressionScope& scope, std::int64_t least,
                                      std::int64_t most);

}  // namespace mote
