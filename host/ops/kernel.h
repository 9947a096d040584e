// Kernel rows and kernel calls: how the host names, selects and runs a device kernel.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "device/kernels/kernel_row.h"
#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// Runs a kernel on the host. args[i] points to the object behind the i-th parameter, whether a reference or a pointer.
using KernelThunk = void (*)(void* const* args);

// One row of a kernels.inc with its types erased; `params` is the kernel's first parameter.
struct KernelRow {
  std::string_view family;
  std::string_view name;
  std::string_view isa;
  std::string_view header;  // "device/kernels/conv_2d/conv_2d.h"; the source is <folder>/<name>.cc
  bool (*fits)(const void* params);
  std::int64_t (*scratch_bytes)(const void* params);
  std::int64_t (*cost)(const void* params);
  kernels::WalkOrder (*order)(const void* params);
  KernelThunk thunk;         // null: the kernel is for a chip and cannot run here
  std::string_view packing;  // the arguments it wants in place of the family's plain ones; empty: the plain ones
};

namespace kernel_detail {

template <class T>
struct Argument;
template <class T>
struct Argument<const T&> {
  static const T& get(void* p) { return *static_cast<const T*>(p); }
};
template <class T>
struct Argument<T*> {
  static T* get(void* p) { return static_cast<T*>(p); }
};

template <class Function>
struct Signature;
template <class Params, class... Rest>
struct Signature<void (*)(const Params&, Rest...)> {
  using P = Params;
  template <void (*kKernel)(const Params&, Rest...)>
  static void thunk(void* const* args) {
    call<kKernel>(args, std::index_sequence_for<Rest...>{});
  }
  template <void (*kKernel)(const Params&, Rest...), std::size_t... kI>
  static void call(void* const* args, std::index_sequence<kI...> /*unused*/) {
    kKernel(*static_cast<const Params*>(args[0]), Argument<Rest>::get(args[kI + 1])...);
  }
};

}  // namespace kernel_detail

// Builds a row from a kernel function and its properties.
template <auto kKernel, auto kFits, auto kScratch, auto kCost, auto kOrder>
constexpr KernelRow make_row(std::string_view family, std::string_view name, std::string_view isa,
                             std::string_view header) {
  using S = kernel_detail::Signature<decltype(kKernel)>;
  using P = typename S::P;
  return {family,
          name,
          isa,
          header,
          [](const void* p) { return kFits(*static_cast<const P*>(p)); },
          [](const void* p) { return kScratch(*static_cast<const P*>(p)); },
          [](const void* p) { return kCost(*static_cast<const P*>(p)); },
          [](const void* p) { return kOrder(*static_cast<const P*>(p)); },
          &S::template thunk<kKernel>,
          {}};
}

// The row of a kernel that only a chip can run; P is the type of its params.
template <class P, bool (*kFits)(const P&), std::int64_t (*kScratch)(const P&), std::int64_t (*kCost)(const P&),
          kernels::WalkOrder (*kOrder)(const P&)>
constexpr KernelRow make_device_row(std::string_view family, std::string_view name, std::string_view isa,
                                    std::string_view header, std::string_view packing) {
  return {family,
          name,
          isa,
          header,
          [](const void* p) { return kFits(*static_cast<const P*>(p)); },
          [](const void* p) { return kScratch(*static_cast<const P*>(p)); },
          [](const void* p) { return kCost(*static_cast<const P*>(p)); },
          [](const void* p) { return kOrder(*static_cast<const P*>(p)); },
          nullptr,
          packing == "plain" ? "" : packing};
}

// The first of the arguments.
#define MOTE_FIRST(first, ...) first

// Expands a kernels.inc into rows. Define MOTE_KERNEL_HEADER first; see host/ops/conv_2d.cc. The last argument, the
// order, may be absent: then none is promised.
#define MOTE_KERNEL(family, kernel, isa, fits, scratch, cost, ...)                                      \
  make_row < &kernels::kernel, &kernels::fits<kernel_detail::Signature<decltype(&kernels::kernel)>::P>, \
      &kernels::scratch<kernel_detail::Signature<decltype(&kernels::kernel)>::P>,                       \
      &kernels::cost<kernel_detail::Signature<decltype(&kernels::kernel)>::P>,                          \
      &kernels::MOTE_FIRST(__VA_ARGS__ __VA_OPT__(, ) no_order, ) <                                     \
          kernel_detail::Signature<decltype(&kernels::kernel)>::P >> (#family, #kernel, #isa, MOTE_KERNEL_HEADER),

// The same for a kernel that only a chip can run; `packing` is `plain` where it takes the family's plain arguments.
#define MOTE_DEVICE_KERNEL(family, kernel, isa, fits, scratch, cost, packing, ...)                            \
  make_device_row<kernel_detail::Signature<decltype(&kernels::kernel)>::P, &kernels::fits, &kernels::scratch, \
                  &kernels::cost, &kernels::MOTE_FIRST(__VA_ARGS__ __VA_OPT__(, ) no_order, )>(               \
      #family, #kernel, #isa, MOTE_KERNEL_HEADER, #packing),

// A float as a C++ literal that reads back to the same bits.
[[nodiscard]] std::string float_literal(float value);

// A verified dimension as the int32 that kernels take. value in [-2^31, 2^31).
[[nodiscard]] std::int32_t narrow(std::int64_t value);

// A parameter struct, as bytes for the interpreter and as named values for the C++ writer.
struct ParamsBlob {
  std::string type;    // "Conv2dParams"
  std::string header;  // "contract/ops/conv_2d_params.h"
  std::vector<std::uint8_t> bytes;
  std::vector<std::pair<std::string, std::string>> fields;  // name, C++ literal; in declaration order
};

// Collects the fields of a params struct; checks that they cover it in order, without gaps but for padding.
class FieldWriter {
 public:
  FieldWriter(const void* base, std::size_t size) : base_(static_cast<const std::uint8_t*>(base)), size_(size) {}
  void operator()(std::string_view name, const std::int32_t& value) {
    add(name, &value, sizeof value, std::to_string(value));
  }
  void operator()(std::string_view name, const float& value);
  template <std::size_t kN>
  void operator()(std::string_view name, const std::int32_t (&values)[kN]) {
    std::string text = "{";
    for (std::size_t i = 0; i < kN; ++i) text += (i == 0 ? "" : ", ") + std::to_string(values[i]);
    add(name, &values, sizeof values, text + "}");
  }
  // The fields; aborts when a field of the struct was forgotten, which a test of the operator finds at once.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> finish() &&;

 private:
  void add(std::string_view name, const void* at, std::size_t bytes, std::string literal);
  const std::uint8_t* base_;
  std::size_t size_;
  std::size_t covered_ = 0;
  std::vector<std::pair<std::string, std::string>> fields_;
};

// `fields` is a callable (const P&, FieldWriter&) that names every field of P in order.
template <class P, class Fields>
ParamsBlob params_blob(std::string type, std::string header, const P& params, Fields&& fields) {
  static_assert(std::is_trivially_copyable_v<P> && std::is_standard_layout_v<P>);
  FieldWriter writer(&params, sizeof params);
  fields(params, writer);
  const auto* raw = reinterpret_cast<const std::uint8_t*>(&params);
  return {std::move(type), std::move(header), {raw, raw + sizeof params}, std::move(writer).finish()};
}

// A constant that lowering derived: multipliers, packed weights, a table.
struct Constant {
  std::string label;  // "multiplier"; unique within the call
  DType type = DType::s8;
  std::vector<std::uint8_t> bytes;
  std::int64_t weight_bytes = 0;  // of it, the model's own weights and biases in another order; for reports
};

template <class T>
Constant constant(std::string label, DType type, const std::vector<T>& values) {
  const auto* raw = reinterpret_cast<const std::uint8_t*>(values.data());
  return {std::move(label), type, {raw, raw + values.size() * sizeof(T)}, 0};
}

// One argument of a kernel call after the params, in the order of the kernel's signature.
struct KernelArg {
  enum class Kind : std::uint8_t { tensor, constant, scratch };
  Kind kind = Kind::tensor;
  TensorId tensor = kNoTensor;  // Kind::tensor: an activation or a constant tensor of the graph
  std::size_t constant = 0;     // Kind::constant: index into KernelCall::constants

  static KernelArg of(TensorId id) { return {Kind::tensor, id, 0}; }
  static KernelArg of_constant(std::size_t index) { return {Kind::constant, kNoTensor, index}; }
  static KernelArg of_scratch() { return {Kind::scratch, kNoTensor, 0}; }
};

// Which pixels of the first input an output pixel of a [N,H,W,C] tensor is made from: the window whose first row is
// h * stride_h - pad_top, and likewise its first column.
struct Footprint {
  std::int64_t window_h = 1, window_w = 1;  // in input pixels, dilation included
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t pad_top = 0, pad_left = 0;
};

// Legal in-place execution: output `output` (a position in Node::outputs) may share the memory of input `input`.
struct InPlace {
  std::size_t input;
  std::size_t output;
};

// One call of a device kernel.
struct KernelCall {
  const KernelRow* row = nullptr;
  ParamsBlob params;
  std::vector<Constant> constants;
  std::vector<KernelArg> args;
  std::int64_t scratch_bytes = 0;  // live during this call only

  // Adds a derived constant as the next argument.
  void add_constant(Constant c) {
    args.push_back(KernelArg::of_constant(constants.size()));
    constants.push_back(std::move(c));
  }
  void add_tensor(TensorId id) { args.push_back(KernelArg::of(id)); }
  void add_scratch() { args.push_back(KernelArg::of_scratch()); }
};

// The params of a call as the struct that they are.
template <class P>
P params_of(const KernelCall& call) {
  P p{};
  std::memcpy(&p, call.params.bytes.data(), sizeof p);
  return p;
}

// What one node becomes: kernel calls in order (concatenation makes one per input). A node without calls is an alias:
// its first output is its first input's bytes under another shape.
struct Lowered {
  std::vector<KernelCall> calls;
  std::vector<InPlace> in_place;       // legal for all the calls together
  std::optional<Footprint> footprint;  // of an operator over windows, which is one call

  static Lowered alias() { return {}; }
  static Lowered of(KernelCall call, std::vector<InPlace> in_place = {}) {
    Lowered out;
    out.calls.push_back(std::move(call));
    out.in_place = std::move(in_place);
    return out;
  }
  [[nodiscard]] bool is_alias() const { return calls.empty(); }
};

// What the choice of kernels makes small.
enum class Goal : std::uint8_t {
  latency,   // instructions
  ram,       // the arena, then instructions; the memory planner asks for kernels with less scratch
  flash,     // code: the portable kernels, plain loops that take the constants as the model has them
  balanced,  // instructions, unless little of them saves much RAM
};
inline constexpr std::string_view kGoalNames[] = {"latency", "ram", "flash", "balanced"};

// The instruction sets a target has, best first; "portable" is always among them.
struct IsaSet {
  std::vector<std::string> names = {"portable"};
  Goal goal = Goal::balanced;
  std::int64_t max_scratch_bytes = std::numeric_limits<std::int64_t>::max();  // of a kernel that may be chosen
  std::vector<std::string> portable_families;  // for which only the portable kernel is wanted
};

// Fills a call that has only its params with the arguments of a packing; false when the values of the constants rule
// the packing out.
using Pack = std::function<bool(std::string_view packing, KernelCall& call)>;

// The best row of `family` by the goal, among those that the target has, that fit and whose packing, if any, `pack` can
// make; one that unfolds weights to more than twice their bytes, and a kilobyte (balanced: 32), only for latency. Fills
// call.row and call.scratch_bytes, replaces the plain arguments in `call` by the packed ones. Errors: no row fits.
Status select_kernel(std::span<const KernelRow> rows, std::string_view family, const IsaSet& isas, KernelCall& call,
                     const Pack& pack = {});

}  // namespace mote
