// What can be computed while reading: exporters write shapes as little programs over integers.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "host/import/onnx_importer.h"
#include "host/ir/verify.h"

namespace mote::onnx {
namespace {

constexpr std::int64_t kMaxFolded = std::int64_t{1} << 22;  // elements of one result
constexpr std::size_t kMaxIntegers = 1 << 16;               // of a list of axes, sizes or indices

// Integers wrap around as on any machine.
std::int64_t wrap(std::uint64_t v) { return static_cast<std::int64_t>(v); }

std::int64_t combine(std::string_view op, std::int64_t a, std::int64_t b) {
  const auto ua = static_cast<std::uint64_t>(a);
  const auto ub = static_cast<std::uint64_t>(b);
  if (op == "Add") return wrap(ua + ub);
  if (op == "Sub") return wrap(ua - ub);
  if (op == "Mul") return wrap(ua * ub);
  if (op == "Div") return b == 0 ? 0 : b == -1 ? wrap(0 - ua) : a / b;
  if (op == "Mod") return b == 0 || b == -1 ? 0 : (a % b + b) % b;
  if (op == "Max") return std::max(a, b);
  if (op == "Min") return std::min(a, b);
  if (op == "Equal") return a == b ? 1 : 0;
  if (op == "Less") return a < b ? 1 : 0;
  return a > b ? 1 : 0;
}

double combine(std::string_view op, double a, double b) {
  if (op == "Add") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Div") return a / b;
  if (op == "Mod") return std::fmod(a, b);
  if (op == "Max") return std::max(a, b);
  if (op == "Min") return std::min(a, b);
  if (op == "Pow") return std::pow(a, b);
  if (op == "Equal") return a == b ? 1.0 : 0.0;
  if (op == "Less") return a < b ? 1.0 : 0.0;
  return a > b ? 1.0 : 0.0;
}

void put(std::int64_t value, std::int64_t i, Constant& out) {
  const auto at = static_cast<std::size_t>(i * size_bytes(out.type));
  std::memcpy(&out.data[at], &value, static_cast<std::size_t>(size_bytes(out.type)));  // little endian
}

void put_real(double value, std::int64_t i, Constant& out) {
  const auto real = static_cast<float>(value);
  std::memcpy(&out.data[static_cast<std::size_t>(i) * sizeof real], &real, sizeof real);
}

Constant blank(DType type, const Shape& shape) {
  Constant out;
  out.type = type;
  out.shape = shape;
  out.data.resize(static_cast<std::size_t>(elements(shape) * size_bytes(type)));
  return out;
}

std::int64_t to_integer(double v) {
  if (std::isnan(v)) return 0;
  return static_cast<std::int64_t>(std::clamp(std::trunc(v), -9.2e18, 9.2e18));
}

// Element of an operand that belongs to element `i` of a broadcast result.
std::int64_t broadcast_index(std::int64_t i, const Shape& out, const Shape& in) {
  std::int64_t at = 0;
  std::int64_t stride = 1;
  for (std::size_t back = 1; back <= out.size(); ++back) {
    const std::int64_t position = i % out[out.size() - back];
    i /= out[out.size() - back];
    if (back > in.size()) continue;
    const std::int64_t size = in[in.size() - back];
    if (size != 1) at += position * stride;
    stride *= size;
  }
  return at;
}

bool broadcasts(const Shape& a, const Shape& b, Shape& out) {
  out.assign(std::max(a.size(), b.size()), 1);
  for (std::size_t back = 1; back <= out.size(); ++back) {
    const std::int64_t da = back <= a.size() ? a[a.size() - back] : 1;
    const std::int64_t db = back <= b.size() ? b[b.size() - back] : 1;
    if (da != db && da != 1 && db != 1) return false;
    out[out.size() - back] = da == 1 ? db : da;
  }
  return true;
}

}  // namespace

Result<std::vector<std::int64_t>> Importer::integers_of(const Call& call, std::size_t input,
                                                        std::string_view what) const {
  if (!call.has(input)) return Error{fmt::format("lacks its {}", what), "", ""};
  const Value& v = call.in[input];
  if (!v.known()) return not_static(what);
  const Constant& c = *v.constant;
  if ((c.type != DType::s64 && c.type != DType::s32) || c.count() > static_cast<std::int64_t>(kMaxIntegers)) {
    return Error{fmt::format("its {} are {}{}, not a short list of integers", what, name_of(c.type), text_of(c.shape)),
                 "", ""};
  }
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < c.count(); ++i) out.push_back(c.integer(i));
  return out;
}

Result<std::optional<std::vector<std::int64_t>>> Importer::either(const Call& call, std::string_view attribute,
                                                                  std::size_t input) const {
  if (call.has(input)) {
    MOTE_LET(list, integers_of(call, input, attribute.empty() ? "axes" : attribute));
    return std::optional(std::move(list));
  }
  const Attribute* a = call.attribute(attribute);
  if (a == nullptr) return std::optional<std::vector<std::int64_t>>();
  return std::optional(a->ints);
}

Result<std::size_t> Importer::axis_of(std::int64_t axis, std::size_t rank) const {
  const auto r = static_cast<std::int64_t>(rank);
  if (axis < -r || axis >= r) return Error{fmt::format("axis {} of a value with {} dimensions", axis, rank), "", ""};
  return static_cast<std::size_t>(axis < 0 ? axis + r : axis);
}

Result<std::optional<Value>> Importer::fold(const Call& call) {
  const std::string& op = call.node->op;
  const auto nothing = [] { return std::optional<Value>(); };
  if (call.in.empty()) return nothing();
  for (std::size_t i = 0; i < call.in.size(); ++i) {
    if (!call.in[i].known() || (call.in[i].real && call.in[i].constant->type != DType::f32)) return nothing();
  }
  const Constant& first = *call.in[0].constant;
  std::int64_t total = 0;
  for (const Value& v : call.in) total += v.constant->count();
  if (total > kMaxFolded) return nothing();
  MOTE_TRY(charge(total));

  if (op == "Concat") {
    MOTE_LET(axis, axis_of(call.integer("axis", 0), first.shape.size()));
    Shape shape = first.shape;
    shape[axis] = 0;
    for (const Value& v : call.in) {
      Shape rest = v.shape;
      if (rest.size() != shape.size() || v.constant->type != first.type) return nothing();
      shape[axis] += rest[axis];
      rest[axis] = first.shape[axis];
      if (rest != first.shape) return nothing();
    }
    Constant out = blank(first.type, shape);
    std::int64_t outer = 1;
    for (std::size_t d = 0; d < axis; ++d) outer *= shape[d];
    std::size_t to = 0;
    for (std::int64_t o = 0; o < outer; ++o) {
      for (const Value& v : call.in) {
        const std::size_t run = v.constant->data.size() / static_cast<std::size_t>(outer);
        std::copy_n(v.constant->data.begin() + static_cast<std::ptrdiff_t>(run * static_cast<std::size_t>(o)), run,
                    out.data.begin() + static_cast<std::ptrdiff_t>(to));
        to += run;
      }
    }
    return std::optional(known(std::move(out)));
  }
  if (op == "Slice") {
    MOTE_LET(starts, either(call, "starts", 1));
    MOTE_LET(ends, either(call, "ends", 2));
    MOTE_LET(axes, either(call, "axes", 3));
    MOTE_LET(steps, either(call, "steps", 4));
    if (first.shape.size() != 1 || !starts || !ends || starts->size() != 1 || ends->size() != 1 ||
        (axes && axes->size() != 1) || (steps && steps->size() != 1)) {
      return Error{"cuts a constant along more than one axis", "", "export with constant folding on"};
    }
    const std::int64_t size = first.shape[0];
    const std::int64_t by = steps ? (*steps)[0] : 1;
    if (by == 0 || by < -kMaxFolded || by > kMaxFolded) return Error{fmt::format("has the step {}", by), "", ""};
    const auto position = [&](std::int64_t p) {
      p = std::clamp<std::int64_t>(p, -size - 1, size);
      return std::clamp<std::int64_t>(p < 0 ? p + size : p, by > 0 ? 0 : -1, by > 0 ? size : size - 1);
    };
    std::vector<std::int64_t> picked;
    const std::int64_t last = position((*ends)[0]);
    for (std::int64_t i = position((*starts)[0]); by > 0 ? i < last : i > last; i += by) picked.push_back(i);
    Constant out = blank(first.type, {static_cast<std::int64_t>(picked.size())});
    const auto width = static_cast<std::size_t>(size_bytes(first.type));
    for (std::size_t i = 0; i < picked.size(); ++i) {
      std::memcpy(&out.data[i * width], &first.data[static_cast<std::size_t>(picked[i]) * width], width);
    }
    return std::optional(known(std::move(out)));
  }
  if (op == "Gather") {
    if (call.in.size() != 2) return nothing();
    MOTE_LET(axis, axis_of(call.integer("axis", 0), first.shape.size()));
    MOTE_LET(indices, integers_of(call, 1, "indices"));
    Shape shape(first.shape.begin(), first.shape.begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), call.in[1].shape.begin(), call.in[1].shape.end());
    shape.insert(shape.end(), first.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, first.shape.end());
    if (!indices.empty()) MOTE_TRY(check_shape(shape));
    if (elements(shape) > kMaxFolded) return Error{"gathers an absurd number of elements", "", ""};
    MOTE_TRY(charge(elements(shape)));
    std::int64_t outer = 1;
    for (std::size_t d = 0; d < axis; ++d) outer *= first.shape[d];
    const std::int64_t size = first.shape[axis];
    const std::size_t run = first.count() == 0 ? 0 : first.data.size() / static_cast<std::size_t>(outer * size);
    Constant out = blank(first.type, shape);
    std::size_t to = 0;
    for (std::int64_t o = 0; o < outer; ++o) {
      for (std::int64_t i : indices) {
        if (i < -size || i >= size)
          return Error{fmt::format("index {} is outside axis {} of {}", i, axis, text_of(first.shape)), "", ""};
        if (i < 0) i += size;
        std::copy_n(first.data.begin() + static_cast<std::ptrdiff_t>(run) * (o * size + i), run,
                    out.data.begin() + static_cast<std::ptrdiff_t>(to));
        to += run;
      }
    }
    return std::optional(known(std::move(out)));
  }
  if (op == "Where") {
    if (call.in.size() != 3) return nothing();
    const Constant& a = *call.in[1].constant;
    const Constant& b = *call.in[2].constant;
    Shape two, shape;
    if (first.type != DType::boolean || a.type != b.type || !broadcasts(a.shape, b.shape, two) ||
        !broadcasts(two, first.shape, shape) || elements(shape) > kMaxFolded) {
      return nothing();
    }
    MOTE_TRY(charge(elements(shape)));
    Constant out = blank(a.type, shape);
    const auto width = static_cast<std::size_t>(size_bytes(a.type));
    for (std::int64_t i = 0; i < out.count(); ++i) {
      const bool yes = first.integer(broadcast_index(i, shape, first.shape)) != 0;
      const Constant& from = yes ? a : b;
      std::memcpy(&out.data[static_cast<std::size_t>(i) * width],
                  &from.data[static_cast<std::size_t>(broadcast_index(i, shape, from.shape)) * width], width);
    }
    return std::optional(known(std::move(out)));
  }
  if (op == "Expand") {
    MOTE_LET(wanted, integers_of(call, 1, "shape"));
    Shape shape;
    if (wanted.size() > kMaxRank || std::any_of(wanted.begin(), wanted.end(), [](std::int64_t d) { return d < 1; }) ||
        !broadcasts(first.shape, wanted, shape)) {
      return Error{fmt::format("{} does not expand to {}", text_of(first.shape), text_of(wanted)), "", ""};
    }
    MOTE_TRY(check_shape(shape));
    if (elements(shape) > kMaxFolded) return Error{"expands to an absurd number of elements", "", ""};
    MOTE_TRY(charge(elements(shape)));
    Constant out = blank(first.type, shape);
    const auto width = static_cast<std::size_t>(size_bytes(first.type));
    for (std::int64_t i = 0; i < out.count(); ++i) {
      std::memcpy(&out.data[static_cast<std::size_t>(i) * width],
                  &first.data[static_cast<std::size_t>(broadcast_index(i, shape, first.shape)) * width], width);
    }
    return std::optional(known(std::move(out)));
  }
  if (call.in.size() == 1) {
    static const std::map<std::string, double (*)(double), std::less<>> kUnary = {
        {"Sqrt", [](double v) { return std::sqrt(v); }},   {"Exp", [](double v) { return std::exp(v); }},
        {"Abs", [](double v) { return std::abs(v); }},     {"Neg", [](double v) { return -v; }},
        {"Floor", [](double v) { return std::floor(v); }}, {"Ceil", [](double v) { return std::ceil(v); }},
        {"Log", [](double v) { return std::log(v); }},     {"Round", [](double v) { return std::nearbyint(v); }}};
    const auto at = kUnary.find(op);
    if (at == kUnary.end()) return nothing();
    Constant out = blank(first.type, first.shape);
    for (std::int64_t i = 0; i < out.count(); ++i) {
      if (first.is_real()) {
        put_real(at->second(first.real(i)), i, out);
      } else {
        put(to_integer(at->second(first.real(i))), i, out);
      }
    }
    return std::optional(known(std::move(out)));
  }
  static const std::set<std::string, std::less<>> kBinary = {"Add", "Sub", "Mul",   "Div",  "Mod",    "Max",
                                                             "Min", "Pow", "Equal", "Less", "Greater"};
  const Constant& second = *call.in[1].constant;
  Shape shape;
  if (call.in.size() != 2 || !kBinary.contains(op) || !broadcasts(first.shape, second.shape, shape) ||
      first.type != second.type || elements(shape) > kMaxFolded || (op == "Pow" && !first.is_real())) {
    return nothing();
  }
  MOTE_TRY(charge(elements(shape)));
  const bool compares = op == "Equal" || op == "Less" || op == "Greater";
  Constant out = blank(compares ? DType::boolean : first.type, shape);
  for (std::int64_t i = 0; i < out.count(); ++i) {
    const std::int64_t a = broadcast_index(i, shape, first.shape);
    const std::int64_t b = broadcast_index(i, shape, second.shape);
    if (first.is_real()) {
      const double v = combine(op, first.real(a), second.real(b));
      if (compares) {
        put(v != 0.0 ? 1 : 0, i, out);
      } else {
        put_real(v, i, out);
      }
    } else {
      put(combine(op, first.integer(a), second.integer(b)), i, out);
    }
  }
  return std::optional(known(std::move(out)));
}

Result<Importer::Values> Importer::folded_only(Call& call) {
  MOTE_LET(folded, fold(call));
  if (folded) return Values{*folded};
  return Error{"is supported where its operands are constant only", "",
               "export the model with static shapes (constant folding on)"};
}

Result<Importer::Values> Importer::constant(Call& call) {
  for (const Attribute& a : call.node->attributes) {
    if (a.name == "value" && a.t) {
      MOTE_LET(c, constant_of(*a.t, external_));
      MOTE_TRY(charge(c.count()));
      return Values{known(std::move(c))};
    }
    if (a.name == "value_int" || a.name == "value_ints") {
      const bool one = a.name == "value_int";
      const std::vector<std::int64_t> values = one ? std::vector{a.i} : a.ints;
      Constant c = blank(DType::s64, one ? Shape{} : Shape{static_cast<std::int64_t>(values.size())});
      for (std::size_t i = 0; i < values.size(); ++i) put(values[i], static_cast<std::int64_t>(i), c);
      return Values{known(std::move(c))};
    }
    if (a.name == "value_float" || a.name == "value_floats") {
      const bool one = a.name == "value_float";
      const std::vector<float> values = one ? std::vector{a.f} : a.floats;
      Constant c = blank(DType::f32, one ? Shape{} : Shape{static_cast<std::int64_t>(values.size())});
      if (!values.empty()) std::memcpy(c.data.data(), values.data(), values.size() * sizeof(float));
      return Values{known(std::move(c))};
    }
  }
  return Error{"has no value of numbers", "", "export the model without strings and sparse tensors"};
}

Result<Importer::Values> Importer::shape(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  Shape shape = call.in[0].shape;
  if (call.node->op == "Size") {
    Constant c = blank(DType::s64, {});
    put(elements(shape), 0, c);
    return Values{known(std::move(c))};
  }
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto bound = [rank](std::int64_t i) { return std::clamp<std::int64_t>(i < 0 ? i + rank : i, 0, rank); };
  const std::int64_t start = bound(std::max(call.integer("start", 0), -rank));
  const std::int64_t end = std::max(start, bound(std::max(call.integer("end", rank), -rank)));
  Constant c = blank(DType::s64, {end - start});
  for (std::int64_t d = start; d < end; ++d) put(shape[static_cast<std::size_t>(d)], d - start, c);
  return Values{known(std::move(c))};
}

Result<Importer::Values> Importer::cast(Call& call) {
  if (!call.has(0)) return Error{"lacks its input", "", ""};
  const Value& x = call.in[0];
  const std::optional<DType> to = dtype_of(call.integer("to", 0));
  if (!to) return Error{fmt::format("casts to {}, which is not supported", type_name(call.integer("to", 0))), "", ""};
  const DType from = x.known() ? x.constant->type : graph_.tensor(x.id).type;
  if (from == *to || (x.real && *to == DType::f32)) return Values{x};
  if (!x.known()) {
    return Error{fmt::format("casts {} to {} while the model runs", name_of(from), name_of(*to)), "",
                 "export the model with one element type"};
  }
  if (x.real) return Error{"casts quantised constants", "", "export the model again"};
  MOTE_TRY(charge(x.constant->count()));
  Constant out = blank(*to, x.shape);
  for (std::int64_t i = 0; i < out.count(); ++i) {
    if (*to == DType::f32) {
      put_real(x.constant->real(i), i, out);
    } else if (*to == DType::boolean) {
      put(x.constant->real(i) != 0.0 ? 1 : 0, i, out);
    } else {
      put(x.constant->is_real() ? to_integer(x.constant->real(i)) : x.constant->integer(i), i, out);
    }
  }
  return Values{known(std::move(out))};
}

Result<Importer::Values> Importer::constant_of_shape(Call& call) {
  MOTE_LET(shape, integers_of(call, 0, "shape"));
  if (shape != Shape{0}) MOTE_TRY(check_shape(shape));
  if (elements(shape) > kMaxFolded) return Error{"makes an absurd number of elements", "", ""};
  MOTE_TRY(charge(elements(shape)));
  const Attribute* value = call.attribute("value");
  Constant one = blank(DType::f32, {1});
  if (value != nullptr && value->t) {
    MOTE_LET(stated, constant_of(*value->t, external_));
    if (stated.count() != 1) return Error{"has more than one value", "", ""};
    one = std::move(stated);
  }
  Constant out = blank(one.type, shape);
  for (std::size_t i = 0; i < out.data.size(); ++i) out.data[i] = one.data[i % one.data.size()];
  return Values{known(std::move(out))};
}

Result<Importer::Values> Importer::range(Call& call) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (!call.has(i) || !call.in[i].known() || call.in[i].constant->count() != 1) return not_static("its bounds");
    if (call.in[i].constant->is_real()) return Error{"counts in real numbers", "", "export with constant folding on"};
  }
  const std::int64_t start = call.in[0].constant->integer(0);
  const std::int64_t limit = call.in[1].constant->integer(0);
  const std::int64_t step = call.in[2].constant->integer(0);
  const auto bad = [](std::int64_t v) { return v < -kMaxElements || v > kMaxElements; };
  if (step == 0 || bad(start) || bad(limit) || bad(step)) return Error{"has absurd bounds", "", ""};
  const std::int64_t distance = step > 0 ? limit - start : start - limit;
  const std::int64_t size = step > 0 ? step : -step;
  const std::int64_t count = distance <= 0 ? 0 : (distance + size - 1) / size;
  if (count > kMaxFolded) return Error{"makes an absurd number of elements", "", ""};
  MOTE_TRY(charge(count));
  Constant out = blank(call.in[0].constant->type, {count});
  for (std::int64_t i = 0; i < count; ++i) put(start + i * step, i, out);
  return Values{known(std::move(out))};
}

}  // namespace mote::onnx
