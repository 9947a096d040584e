// Result<T>: a value or one Error; the host's only way to fail.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace mote {

// One failure, told to a person: what went wrong, where, and how to mend it.
// `where` grows outwards as the error travels up: "kws.tflite: operator 3 CONV_2D 'conv1'".
struct Error {
  std::string what;
  std::string where;
  std::string fix;

  // Adds an outer location in front of `where`.
  Error&& in(const std::string& outer) && {
    where = where.empty() ? outer : outer + ": " + where;
    return std::move(*this);
  }

  // "error: WHERE: WHAT\n  fix: FIX", without parts that are empty.
  [[nodiscard]] std::string text() const {
    std::string out = "error: ";
    if (!where.empty()) out += where + ": ";
    out += what;
    if (!fix.empty()) out += "\n  fix: " + fix;
    return out;
  }
};

template <class T>
class [[nodiscard]] Result {
 public:
  // Implicit, so that a function returns a T or an Error as it is.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// A Result without a value.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // implicit, as above

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  [[nodiscard]] const Error& error() const& { return *error_; }
  [[nodiscard]] Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace mote

// Returns the error of a Status expression from the enclosing function.
#define MOTE_TRY(expr)                                  \
  do {                                                  \
    if (auto mote_status = (expr); !mote_status.ok()) { \
      return std::move(mote_status).error();            \
    }                                                   \
  } while (false)

// Declares `name` as the value of a Result expression, or returns its error.
#define MOTE_LET(name, expr)                                        \
  auto name##_result = (expr);                                      \
  if (!name##_result.ok()) return std::move(name##_result).error(); \
  auto name = std::move(name##_result).value()
