// .csv: one row of numbers per input.
#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "host/input/formats.h"

namespace mote::input {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view trimmed(std::string_view s) {
  const std::size_t first = s.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(kSpace) - first + 1);
}

template <class T>
bool convert(std::string_view digits, T& out) {
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return code == std::errc() && end == digits.data() + digits.size();
}

// A number of the file as an element. `raw`: it is a stored value, not a real number.
Status encode(std::string_view cell, bool raw, const Encoder& encoder, Bytes& out) {
  std::int64_t integer = 0;
  if ((raw || !encoder.quantised()) && convert(cell, integer)) return encoder.stored(integer, out);
  double value = 0.0;
  if (!convert(cell, value)) {
    // The text itself is not repeated: it may be anything.
    return Error{"is not a number", "", "give numbers only, separated by commas, without a header line"};
  }
  if (raw && encoder.quantised()) {
    return Error{fmt::format("{} is not an integer, but raw values were asked for", value), "",
                 "leave out the raw option"};
  }
  return encoder.real(value, out);
}

}  // namespace

Result<std::vector<Bytes>> read_csv(std::span<const std::uint8_t> file, const Tensor& target,
                                    const InputOptions& options) {
  MOTE_LET(encoder, Encoder::create(target));
  const auto wanted = static_cast<std::size_t>(elements(target.shape));
  std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  std::vector<Bytes> out;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.empty()) continue;
    const auto cells =
        static_cast<std::size_t>(std::count_if(row.begin(), row.end(), [](char c) { return c == ',' || c == ';'; })) +
        1;
    if (cells != wanted) {
      return Error{fmt::format("has {} numbers where {} takes {}", cells, name_of(target), wanted),
                   fmt::format("line {}", line), "give one row per input"};
    }
    Bytes bytes;
    for (std::size_t column = 1; column <= cells; ++column) {
      const std::size_t comma = std::min(row.find_first_of(",;"), row.size());
      if (Status s = encode(trimmed(row.substr(0, comma)), options.raw, encoder, bytes); !s.ok()) {
        return std::move(s).error().in(fmt::format("line {}, number {}", line, column));
      }
      row.remove_prefix(std::min(comma + 1, row.size()));
    }
    out.push_back(std::move(bytes));
  }
  return out;
}

}  // namespace mote::input
