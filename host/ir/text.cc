// Printer and recursive-descent reader of the graph's text form.
#include "host/ir/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mote {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_word(std::string_view s) {
  return !s.empty() && !(s[0] >= '0' && s[0] <= '9') && std::all_of(s.begin(), s.end(), is_word_char);
}

// ---- printing

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

// Shortest digits that read back as the same value; always distinct from an integer.
template <class Float>
std::string float_text(Float value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  std::string out = fmt::format("{}", value);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

void append_ids(std::string& out, const std::vector<TensorId>& ids) {
  out += '(';
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i != 0) out += ", ";
    out += ids[i] == kNoTensor ? "none" : fmt::format("%{}", ids[i]);
  }
  out += ')';
}

void append_hex(std::string& out, const std::vector<std::uint8_t>& bytes) {
  out += " hex ";
  for (const std::uint8_t b : bytes) {
    out += kHexDigits[b >> 4U];
    out += kHexDigits[b & 15U];
  }
}

void append_tensor(std::string& out, std::size_t id, const Tensor& t) {
  out += fmt::format("tensor %{} ", id);
  append_quoted(out, t.name);
  out += fmt::format(" {}{}", name_of(t.type), text_of(t.shape));
  if (!t.quant.empty() || t.quant.axis != 0) {
    out += " quant(";
    if (t.quant.per_channel() || t.quant.axis != 0) out += fmt::format("axis {}: ", t.quant.axis);
    for (std::size_t i = 0; i < std::min(t.quant.scale.size(), t.quant.zero_point.size()); ++i) {
      out += fmt::format("{}{}@{}", i == 0 ? "" : ", ", float_text(t.quant.scale[i]), t.quant.zero_point[i]);
    }
    out += ')';
  }
  if (t.is_constant) append_hex(out, t.data);
  out += '\n';
}

void append_attrs(std::string& out, const Attrs& attrs) {
  out += " {";
  bool first = true;
  for (const auto& [name, value] : attrs.items()) {
    if (!first) out += ", ";
    first = false;
    if (is_word(name)) {
      out += name;
    } else {
      append_quoted(out, name);
    }
    out += ' ';
    if (const auto* integer = std::get_if<std::int64_t>(&value)) out += std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value)) out += float_text(*real);
    if (const auto* text = std::get_if<std::string>(&value)) append_quoted(out, *text);
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value))
      out += fmt::format("[{}]", fmt::join(*list, ", "));
  }
  out += '}';
}

// ---- reading

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Graph> run() {
    Graph g;
    MOTE_TRY(expect_word("graph"));
    MOTE_TRY(string(g.name));
    MOTE_TRY(expect_word("from"));
    MOTE_TRY(string(g.source));
    while (true) {
      skip_space();
      if (at_ == text_.size()) break;
      token_ = at_;
      const std::string_view word = word_here();
      if (word == "tensor") {
        MOTE_TRY(tensor(g));
      } else if (word == "node") {
        MOTE_TRY(node(g));
      } else if (word == "inputs" || word == "outputs") {
        auto& ids = word == "inputs" ? g.inputs : g.outputs;
        if (!ids.empty()) return error(fmt::format("a second list of {}", word));
        MOTE_TRY(id_list(ids));
      } else if (word == "state") {
        MOTE_TRY(state(g));
      } else {
        return error("expected 'tensor', 'node', 'inputs', 'outputs' or 'state'");
      }
    }
    return g;
  }

 private:
  // At the token read last.
  [[nodiscard]] Error error(std::string what, std::string fix = "") const {
    const std::string_view before = text_.substr(0, token_);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == std::string_view::npos ? token_ + 1 : token_ - newline;
    return {std::move(what), fmt::format("line {}, column {}", line, column), std::move(fix)};
  }

  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool next_is(char c) {
    skip_space();
    token_ = at_;
    return at_ < text_.size() && text_[at_] == c;
  }

  bool accept(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  Status expect(char c) {
    if (accept(c)) return {};
    return error(fmt::format("expected '{}'", c));
  }

  std::string_view word_here() {
    skip_space();
    token_ = at_;
    while (at_ < text_.size() && is_word_char(text_[at_])) ++at_;
    return text_.substr(token_, at_ - token_);
  }

  Status expect_word(std::string_view word) {
    if (word_here() == word) return {};
    return error(fmt::format("expected '{}'", word));
  }

  static std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return std::nullopt;
  }

  // The byte that two hexadecimal digits at `at` stand for.
  [[nodiscard]] std::optional<std::uint8_t> hex_byte(std::size_t at) const {
    if (at + 1 >= text_.size()) return std::nullopt;
    const auto high = hex_digit(text_[at]);
    const auto low = hex_digit(text_[at + 1]);
    if (!high || !low) return std::nullopt;
    return static_cast<std::uint8_t>(*high << 4U | *low);
  }

  Status string(std::string& out) {
    MOTE_TRY(expect('"'));
    while (at_ < text_.size() && text_[at_] != '\n') {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return {};
      }
      if (c != '\\') {
        out += c;
        ++at_;
        continue;
      }
      const char escaped = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (escaped == '"' || escaped == '\\') {
        out += escaped;
        at_ += 2;
        continue;
      }
      const auto byte = escaped == 'x' ? hex_byte(at_ + 2) : std::nullopt;
      if (!byte) {
        token_ = at_;
        return error("unknown escape in a string", "write \\\", \\\\ or \\x and two hexadecimal digits");
      }
      out += static_cast<char>(*byte);
      at_ += 4;
    }
    return error("a string without its closing quote");
  }

  // A number's characters; which of them make sense is from_chars's business.
  std::string_view number_here() {
    skip_space();
    token_ = at_;
    while (at_ < text_.size() &&
           (is_word_char(text_[at_]) || text_[at_] == '-' || text_[at_] == '+' || text_[at_] == '.'))
      ++at_;
    return text_.substr(token_, at_ - token_);
  }

  template <class T>
  static bool convert(std::string_view digits, T& out) {
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return code == std::errc() && end == digits.data() + digits.size();
  }

  template <class T>
  Status number(T& out, std::string_view what) {
    const std::string_view digits = number_here();
    if (convert(digits, out)) return {};
    return error(fmt::format("expected {}", what));
  }

  Status id(TensorId& out) {
    if (!accept('%')) {
      if (word_here() != "none") return error("expected a tensor as %number, or none");
      out = kNoTensor;
      return {};
    }
    MOTE_TRY(number(out, "a tensor number"));
    if (out < 0) return error("a tensor number below 0");
    return {};
  }

  // item, item, ... close; also none at all.
  template <class Item>
  Status list(char close, const Item& item) {
    if (accept(close)) return {};
    while (true) {
      MOTE_TRY(item());
      if (accept(close)) return {};
      if (!accept(',')) return error(fmt::format("expected ',' or '{}'", close));
    }
  }

  Status id_list(std::vector<TensorId>& out) {
    MOTE_TRY(expect('('));
    return list(')', [&]() -> Status {
      TensorId value = 0;
      MOTE_TRY(id(value));
      out.push_back(value);
      return {};
    });
  }

  Status integer_list(std::vector<std::int64_t>& out) {
    MOTE_TRY(expect('['));
    return list(']', [&]() -> Status {
      std::int64_t value = 0;
      MOTE_TRY(number(value, "an integer"));
      out.push_back(value);
      return {};
    });
  }

  Status quant(Quant& q) {
    MOTE_TRY(expect('('));
    const std::size_t start = at_;
    if (word_here() == "axis") {
      MOTE_TRY(number(q.axis, "an axis"));
      MOTE_TRY(expect(':'));
    } else {
      at_ = start;
    }
    return list(')', [&]() -> Status {
      float scale = 0.0F;
      std::int32_t zero_point = 0;
      MOTE_TRY(number(scale, "a scale"));
      MOTE_TRY(expect('@'));
      MOTE_TRY(number(zero_point, "a zero point"));
      q.scale.push_back(scale);
      q.zero_point.push_back(zero_point);
      return {};
    });
  }

  Status state(Graph& g) {
    State s;
    MOTE_TRY(string(s.name));
    MOTE_TRY(id(s.in));
    MOTE_TRY(expect('-'));
    MOTE_TRY(expect('>'));
    MOTE_TRY(id(s.out));
    MOTE_TRY(expect_word("hex"));
    MOTE_TRY(hex_bytes(s.initial));
    g.states.push_back(std::move(s));
    return {};
  }

  Status hex_bytes(std::vector<std::uint8_t>& out) {
    skip_space();
    token_ = at_;
    while (at_ < text_.size() && is_word_char(text_[at_])) {
      const auto byte = hex_byte(at_);
      token_ = at_;
      if (!byte) return error("expected pairs of hexadecimal digits");
      out.push_back(*byte);
      at_ += 2;
    }
    return {};
  }

  Status tensor(Graph& g) {
    TensorId number = 0;
    MOTE_TRY(id(number));
    if (static_cast<std::size_t>(number) != g.tensors.size()) {
      return error(fmt::format("expected tensor %{}: tensors are numbered in order", g.tensors.size()));
    }
    Tensor t;
    MOTE_TRY(string(t.name));
    const std::string_view type = word_here();
    const auto dtype = dtype_from_name(type);
    if (!dtype) return error(fmt::format("unknown element type '{}'", type), "use f32, s8, u8, s16, s32, s64 or bool");
    t.type = *dtype;
    MOTE_TRY(integer_list(t.shape));
    // What follows is optional; the next line begins with a word of its own.
    std::size_t start = at_;
    if (word_here() == "quant") {
      MOTE_TRY(quant(t.quant));
      start = at_;
    } else {
      at_ = start;
    }
    if (word_here() == "hex") {
      t.is_constant = true;
      MOTE_TRY(hex_bytes(t.data));
    } else {
      at_ = start;
    }
    g.tensors.push_back(std::move(t));
    return {};
  }

  Status value(AttrValue& out) {
    if (next_is('"')) {
      std::string text;
      MOTE_TRY(string(text));
      out = std::move(text);
      return {};
    }
    if (next_is('[')) {
      std::vector<std::int64_t> values;
      MOTE_TRY(integer_list(values));
      out = std::move(values);
      return {};
    }
    const std::string_view digits = number_here();
    std::int64_t integer = 0;
    double real = 0.0;
    if (convert(digits, integer)) {
      out = integer;
    } else if (convert(digits, real)) {
      out = real;
    } else {
      return error("expected a number, a string or a list of integers");
    }
    return {};
  }

  Status node(Graph& g) {
    Node n;
    const std::string_view kind_name = word_here();
    const auto kind = op_from_name(kind_name);
    if (!kind) return error(fmt::format("unknown operator '{}'", kind_name));
    n.kind = *kind;
    MOTE_TRY(string(n.name));
    if (!next_is('(')) {
      MOTE_TRY(expect_word("at"));
      MOTE_TRY(number(n.source_index, "an operator's index"));
    }
    MOTE_TRY(id_list(n.inputs));
    MOTE_TRY(expect('-'));
    MOTE_TRY(expect('>'));
    MOTE_TRY(id_list(n.outputs));
    MOTE_TRY(expect('{'));
    const auto attribute = [&]() -> Status {
      std::string name;
      if (next_is('"')) {
        MOTE_TRY(string(name));
      } else {
        name = word_here();
        if (!is_word(name)) return error("expected the name of an attribute");
      }
      if (n.attrs.find(name) != nullptr) return error(fmt::format("attribute '{}' is given twice", name));
      AttrValue v;
      MOTE_TRY(value(v));
      n.attrs.set(name, std::move(v));
      return {};
    };
    MOTE_TRY(list('}', attribute));
    g.nodes.push_back(std::move(n));
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t token_ = 0;
};

}  // namespace

std::string print_graph(const Graph& graph) {
  std::string out = "graph ";
  append_quoted(out, graph.name);
  out += " from ";
  append_quoted(out, graph.source);
  out += '\n';
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) append_tensor(out, i, graph.tensors[i]);
  for (const Node& n : graph.nodes) {
    out += fmt::format("node {} ", name_of(n.kind));
    append_quoted(out, n.name);
    if (n.source_index != -1) out += fmt::format(" at {}", n.source_index);
    out += ' ';
    append_ids(out, n.inputs);
    out += " -> ";
    append_ids(out, n.outputs);
    append_attrs(out, n.attrs);
    out += '\n';
  }
  out += "inputs ";
  append_ids(out, graph.inputs);
  out += "\noutputs ";
  append_ids(out, graph.outputs);
  out += '\n';
  for (const State& s : graph.states) {
    out += "state ";
    append_quoted(out, s.name);
    out += fmt::format(" %{} -> %{}", s.in, s.out);
    append_hex(out, s.initial);
    out += '\n';
  }
  return out;
}

Result<Graph> parse_graph(std::string_view text) { return Parser(text).run(); }

}  // namespace mote
