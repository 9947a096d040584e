// How firmware registers the kernels that model images may call, and what a call must prove before it is made.
#pragma once

#include <cstdint>
#include <type_traits>

#include "contract/arena.h"
#include "contract/wire/model_image.h"

namespace mote::runtime {

inline constexpr int kMaxArguments = 8;

// Counts saturate here: nothing in memory has as many elements.
inline constexpr std::int64_t kTooMany = std::int64_t{1} << 31;

// The product of counts in [0, 2^31]; each product of two fits 63 bits.
template <class... Rest>
[[nodiscard]] constexpr std::int64_t product(std::int64_t first, Rest... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return first;
  } else {
    const std::int64_t whole = first * product(rest...);
    return whole > kTooMany ? kTooMany : whole;
  }
}

[[nodiscard]] constexpr bool is_within(std::int32_t value, std::int32_t least, std::int32_t most) {
  return value >= least && value <= most;
}

// A call as an image describes it, for the checks: how much memory there is behind each argument. Every question that
// is answered with yes is remembered, so that all of a call can be held against its scratch in the end.
class Call {
 public:
  struct Argument {
    const std::uint8_t* data = nullptr;  // null: there is none
    std::uint32_t room = 0;              // bytes from there to the end of the arena or image, on the last turn
    std::uint32_t begin = 0;             // where it begins in the arena on the first turn
    std::uint32_t step = 0;              // how far it moves from turn to turn
    std::uint32_t moves = 0;             // in all, to the last one
    bool is_constant = false;            // in the image
    bool is_scratch = false;
    std::uint32_t bytes = 0;  // that the kernel touches
    std::uint32_t element_bytes = 1;
  };

  // Whether argument i holds so many elements of its type, which is not void.
  [[nodiscard]] bool has(int i, std::int64_t elements) { return has(i, elements, arguments[i].element_bytes); }
  [[nodiscard]] bool has(int i, std::int64_t elements, std::uint32_t element_bytes);
  // Whether it is memory of its own, aligned like the arena.
  [[nodiscard]] bool has_scratch(int i, std::int64_t bytes);
  // Whether it is a constant of so many shifts that requantisation allows.
  [[nodiscard]] bool has_shifts(int i, std::int64_t elements);
  // What the call does at most, in multiplications or elements moved; for those who bound the time.
  [[nodiscard]] bool does(std::int64_t steps) {
    work = steps;
    return true;
  }
  // Whether nothing else that the call touches reaches into its scratch: some kernels keep addresses there.
  [[nodiscard]] bool leaves_scratch_alone() const;

  Argument arguments[kMaxArguments];
  int count = 0;
  std::int64_t work = 0;
};

// One kernel that a firmware carries.
struct Kernel {
  const char* name;
  bool (*check)(const void* params, Call& call);
  void (*call)(const void* params, void* const* arguments);
  std::uint16_t params_bytes;
  std::uint8_t count;                         // of arguments
  std::uint8_t element_bytes[kMaxArguments];  // of each; with kWritten, one that the kernel writes
  static constexpr std::uint8_t kWritten = 0x80;
};

struct Registry {
  const Kernel* kernels;
  std::uint32_t count;
};

namespace detail {

template <class T>
[[nodiscard]] constexpr std::uint8_t element_of() {
  constexpr bool kIsConstant = !std::is_same_v<T, std::remove_const_t<T>>;
  if constexpr (std::is_same_v<std::remove_const_t<T>, void>) {
    return kIsConstant ? 1 : 1 | Kernel::kWritten;
  } else {
    return kIsConstant ? sizeof(T) : sizeof(T) | Kernel::kWritten;
  }
}

template <class Function>
struct Signature;
template <class P, class... T>
struct Signature<void (*)(const P&, T*...)> {
  using Params = P;
  static constexpr int kCount = sizeof...(T);
  static_assert(kCount <= kMaxArguments);
  // The image holds the struct as it lies in memory: words, in the order of their declaration.
  static_assert(std::is_standard_layout_v<P> && std::is_trivially_copyable_v<P> && alignof(P) == 4);

  template <void (*kKernel)(const P&, T*...)>
  static void call(const void* params, void* const* arguments) {
    const auto next = [&arguments] { return *arguments++; };
    // Braces evaluate from left to right.
    Caller<kKernel>{*static_cast<const P*>(params), static_cast<T*>(next())...};
  }
  template <void (*kKernel)(const P&, T*...)>
  struct Caller {
    Caller(const P& params, T*... arguments) { kKernel(params, arguments...); }
  };
};

template <class P, bool (*kCheck)(const P&, Call&)>
bool check(const void* params, Call& call) {
  return kCheck(*static_cast<const P*>(params), call);
}

template <class P, class... T>
constexpr Kernel row(const char* name, void (* /*signature*/)(const P&, T*...), bool (*checks)(const void*, Call&),
                     void (*calls)(const void*, void* const*)) {
  return {name, checks, calls, sizeof(P), sizeof...(T), {element_of<T>()...}};
}

}  // namespace detail

// The row of a kernel with the check of its family. `kKernel` null: a row that only checks, of Function's type.
template <class Function, auto kCheck, Function kKernel>
[[nodiscard]] constexpr Kernel make_kernel(const char* name) {
  using Types = detail::Signature<Function>;
  using P = typename Types::Params;
  if constexpr (kKernel == nullptr) {
    return detail::row(name, Function{}, &detail::check<P, kCheck>, nullptr);
  } else {
    return detail::row(name, Function{}, &detail::check<P, kCheck>, &Types::template call<kKernel>);
  }
}

// A row of a registry: MOTE_RUNTIME_KERNEL(conv_2d_s8_portable, conv_2d), with the names in
// device/runtime/kernels_*.inc.
#define MOTE_RUNTIME_KERNEL(kernel, check)                                                          \
  ::mote::runtime::make_kernel<decltype(&::mote::kernels::kernel), &::mote::runtime::checks::check, \
                               &::mote::kernels::kernel>(#kernel)

}  // namespace mote::runtime
