// Selection of kernels and description of their parameters.
#include "host/ops/kernel.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace mote {

std::string float_literal(float value) {
  if (std::isnan(value)) return "__builtin_nanf(\"\")";
  if (std::isinf(value)) return value < 0 ? "-__builtin_inff()" : "__builtin_inff()";
  std::string text = fmt::format("{:.9g}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "F";
}

std::int32_t narrow(std::int64_t value) {
  if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max()) {
    std::abort();  // the verifier bounds every dimension by kMaxElements
  }
  return static_cast<std::int32_t>(value);
}

void FieldWriter::operator()(std::string_view name, const float& value) {
  add(name, &value, sizeof value, float_literal(value));
}

void FieldWriter::add(std::string_view name, const void* at, std::size_t bytes, std::string literal) {
  const auto offset = static_cast<std::size_t>(static_cast<const std::uint8_t*>(at) - base_);
  if (offset < covered_ || offset > covered_ + 3) std::abort();  // a field is missing, doubled or out of order
  covered_ = offset + bytes;
  fields_.emplace_back(name, std::move(literal));
}

std::vector<std::pair<std::string, std::string>> FieldWriter::finish() && {
  if (covered_ + 3 < size_ || covered_ > size_) std::abort();  // the last fields are missing
  return std::move(fields_);
}

namespace {

// Whether the constants take more than twice the flash of the model's own, and more than the goal allows beyond that.
bool unfolds_too_much(const KernelCall& call, Goal goal) {
  if (goal == Goal::latency) return false;
  const std::int64_t most = goal == Goal::balanced ? 32768 : 1024;
  return std::any_of(call.constants.begin(), call.constants.end(), [&](const Constant& c) {
    return c.weight_bytes > 0 && std::ssize(c.bytes) > 2 * c.weight_bytes + most;
  });
}

}  // namespace

Status select_kernel(std::span<const KernelRow> rows, std::string_view family, const IsaSet& isas, KernelCall& call,
                     const Pack& pack) {
  const void* params = call.params.bytes.data();
  std::vector<const KernelRow*> fitting;
  const bool portable_only =
      std::find(isas.portable_families.begin(), isas.portable_families.end(), family) != isas.portable_families.end();
  for (const KernelRow& row : rows) {
    if (portable_only && row.isa != "portable") continue;
    const bool has_isa = std::find(isas.names.begin(), isas.names.end(), row.isa) != isas.names.end();
    if (row.family == family && has_isa && row.fits(params) && row.scratch_bytes(params) <= isas.max_scratch_bytes)
      fitting.push_back(&row);
  }
  const auto price = [&](const KernelRow* row) {
    const std::int64_t instructions = row->cost(params);
    switch (isas.goal) {
      case Goal::flash:  // a portable kernel's packing saves flash, or refuses
        return std::pair{std::int64_t{row->isa != "portable" ? 2 : row->packing.empty()}, instructions};
      case Goal::latency:
      case Goal::ram:
      case Goal::balanced: break;
    }
    return std::pair{std::int64_t{0}, instructions};
  };
  std::stable_sort(fitting.begin(), fitting.end(),
                   [&](const KernelRow* a, const KernelRow* b) { return price(a) < price(b); });
  for (const KernelRow* row : fitting) {
    if (!row->packing.empty()) {
      KernelCall packed;
      packed.params = call.params;
      if (!pack || !pack(row->packing, packed)) continue;
      if (unfolds_too_much(packed, isas.goal)) continue;
      call = std::move(packed);
    }
    call.row = row;
    call.scratch_bytes = row->scratch_bytes(call.params.bytes.data());
    return {};
  }
  return Error{fmt::format("no kernel of family {} fits these parameters", family), "", ""};
}

}  // namespace mote
