// Rows of device/runtime/kernels_*.inc.
#include "host/image/kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "device/runtime/checks.h"
#include "host/base/suggest.h"
#include "host/ops/op.h"

namespace mote {
namespace {

struct Row {
  runtime::Kernel kernel;
  std::string_view check;
};

// Rows that only check: most kernels do not exist on this machine.
template <class Function, auto kCheck>
constexpr Row row(const char* name, std::string_view check) {
  return {runtime::make_kernel<Function, kCheck, static_cast<Function>(nullptr)>(name), check};
}

constexpr std::array kRows = {
#define MOTE_IMAGE_KERNEL(kernel, check) row<decltype(&kernels::kernel), &runtime::checks::check>(#kernel, #check),
#include "device/runtime/kernels_armv7em.inc"
#include "device/runtime/kernels_portable.inc"
#undef MOTE_IMAGE_KERNEL
};

// The rows of all operators by name.
const KernelRow* find_row(std::string_view name) {
  for (const OpRow& op : all_ops()) {
    for (const KernelRow& kernel : op.kernels()) {
      if (kernel.name == name) return &kernel;
    }
  }
  return nullptr;
}

// Calls of host kernels through the rows' thunks, which take the params as the first of the arguments.
template <std::size_t kIndex>
void call_here(const void* params, void* const* arguments) {
  static const KernelThunk kThunk = find_row(kRows[kIndex].kernel.name)->thunk;
  std::array<void*, runtime::kMaxArguments + 1> all = {const_cast<void*>(params)};
  std::copy_n(arguments, kRows[kIndex].kernel.count, all.begin() + 1);
  kThunk(all.data());
}

template <std::size_t... kI>
std::array<runtime::Kernel, sizeof...(kI)> make_registry(std::index_sequence<kI...> /*unused*/) {
  const auto here = [](std::size_t i, auto call) {
    runtime::Kernel kernel = kRows[i].kernel;
    const KernelRow* known = find_row(kernel.name);
    if (known != nullptr && known->thunk != nullptr) kernel.call = call;
    return kernel;
  };
  return {here(kI, &call_here<kI>)...};
}

}  // namespace

runtime::Registry image_registry() {
  static const auto kKernels = make_registry(std::make_index_sequence<kRows.size()>{});
  return {kKernels.data(), static_cast<std::uint32_t>(kKernels.size())};
}

std::optional<std::string_view> image_check(std::string_view kernel) {
  for (const Row& r : kRows) {
    if (kernel == r.kernel.name) return r.check;
  }
  return std::nullopt;
}

Result<std::vector<std::string>> image_kernels(const std::vector<std::string>& operators,
                                               const std::vector<std::string>& isas) {
  std::set<std::string> out;
  std::vector<std::string> names;
  for (const OpRow& op : all_ops()) names.emplace_back(op.name);
  for (const std::string& wanted : operators.empty() ? names : operators) {
    const auto op = std::ranges::find(all_ops(), wanted, &OpRow::name);
    if (op == all_ops().end()) {
      const std::string near = nearest(wanted, names);
      return Error{"there is no such operator", wanted, near.empty() ? "" : fmt::format("did you mean '{}'?", near)};
    }
    bool any = false;
    for (const KernelRow& kernel : op->kernels()) {
      if (!image_check(kernel.name) || std::ranges::find(isas, kernel.isa) == isas.end()) continue;
      out.emplace(kernel.name);
      any = true;
    }
    if (!any && !operators.empty() && !op->kernels().empty()) {
      return Error{"has no kernel that a model image can call", wanted,
                   "compile models that need it into the firmware with 'mote compile'"};
    }
  }
  return std::vector<std::string>(out.begin(), out.end());
}

}  // namespace mote
