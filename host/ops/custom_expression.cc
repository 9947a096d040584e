// A recursive descent over the text; values are doubles, in which all that tensors count is exact.
#include "host/ops/custom_expression.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "host/ops/quantization.h"

namespace mote {
namespace {

constexpr int kMaxDepth = 64;

class Evaluator {
 public:
  Evaluator(std::string_view text, const ExpressionScope& scope) : text_(text), scope_(scope) {}

  Result<double> run() {
    MOTE_LET(value, sum());
    if (peek() != '\0') return bad();
    return value;
  }

 private:
  [[nodiscard]] Error bad() const {
    return {at_ >= text_.size() ? fmt::format("'{}' ends too early", text_)
                                : fmt::format("'{}' is no expression from '{}' on", text_, text_.substr(at_)),
            "", "write numbers, names, + - * / ( ), floor, ceil, min, max, multiplier, shift"};
  }

  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c || c == '\0') return false;
    ++at_;
    return true;
  }

  Result<double> sum() {
    MOTE_LET(value, product());
    for (;;) {
      if (take('+')) {
        MOTE_LET(other, product());
        value += other;
      } else if (take('-')) {
        MOTE_LET(other, product());
        value -= other;
      } else {
        return value;
      }
    }
  }

  Result<double> product() {
    MOTE_LET(value, factor());
    for (;;) {
      if (take('*')) {
        MOTE_LET(other, factor());
        value *= other;
      } else if (take('/')) {
        MOTE_LET(other, factor());
        if (other == 0) return Error{fmt::format("'{}' divides by zero", text_), "", ""};
        value /= other;
      } else {
        return value;
      }
    }
  }

  Result<double> factor() {
    if (depth_ == kMaxDepth) return Error{fmt::format("'{}' has too many brackets", text_), "", ""};
    ++depth_;
    auto value = inner();
    --depth_;
    return value;
  }

  Result<double> inner() {
    if (take('-')) {
      MOTE_LET(value, factor());
      return -value;
    }
    if (take('(')) {
      MOTE_LET(value, sum());
      if (!take(')')) return bad();
      return value;
    }
    const auto c = static_cast<unsigned char>(peek());
    if (std::isdigit(c) != 0 || c == '.') return number();
    if (std::isalpha(c) != 0 || c == '_') return name();
    return bad();
  }

  Result<double> number() {
    double value = 0;
    const auto [end, failure] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (failure != std::errc()) return bad();
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  Result<double> name() {
    const std::size_t begin = at_;
    const auto is_part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
    };
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    const std::string word(text_.substr(begin, at_ - begin));
    if (take('(')) return call(word);
    std::optional<std::int64_t> index;
    if (take('[')) {
      MOTE_LET(value, sum());
      if (!take(']')) return bad();
      constexpr double kMaxIndex = 64;
      if (value != std::floor(value) || std::abs(value) > kMaxIndex) {
        return Error{fmt::format("{}[{}] has no such index", word, value), "", ""};
      }
      index = static_cast<std::int64_t>(value);
    }
    return scope_(word, index);
  }

  Result<double> call(const std::string& word) {
    MOTE_LET(a, sum());
    if (word == "min" || word == "max") {
      if (!take(',')) return bad();
      MOTE_LET(b, sum());
      if (!take(')')) return bad();
      return word == "min" ? std::min(a, b) : std::max(a, b);
    }
    if (!take(')')) return bad();
    if (word == "floor") return std::floor(a);
    if (word == "ceil") return std::ceil(a);
    if (word == "multiplier" || word == "shift") {
      MOTE_LET(m, quantize_multiplier(a));
      return static_cast<double>(word == "shift" ? m.shift : m.multiplier);
    }
    return Error{fmt::format("'{}' calls '{}'", text_, word), "",
                 "the functions are floor, ceil, min, max, multiplier, shift"};
  }

  std::string_view text_;
  const ExpressionScope& scope_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<double> evaluate(std::string_view expression, const ExpressionScope& scope) {
  return Evaluator(expression, scope).run();
}

Result<std::int64_t> evaluate_integer(std::string_view expression, const ExpressionScope& scope, std::int64_t least,
                                      std::int64_t most) {
  MOTE_LET(value, evaluate(expression, scope));
  if (value != std::floor(value)) {
    return Error{fmt::format("'{}' is {}, which is no whole number", expression, value), "",
                 "use floor(...) or ceil(...)"};
  }
  if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most))) {
    return Error{fmt::format("'{}' is {}, expected {} to {}", expression, value, least, most), "", ""};
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace mote
