// Custom operators from a user's folder: operator.toml says what the operator is, <kernel>.cc computes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"

namespace mote {

// Reads the folder, compiles the kernel for this computer and makes it an operator: every model that is read from now
// on may have it. A folder that was loaded already stays as it is. Errors: what is wrong with the description, a key
// that is none (with the nearest), a kernel that does not compile.
Result<OpKind> load_custom(const std::filesystem::path& folder);

// The declaration of the kernel and its parameters that the folder's description asks for.
Result<std::string> custom_header(const std::filesystem::path& folder);

// What a [[test]] of the description showed.
struct CustomTestResult {
  std::size_t runs = 0;
  std::string unit;                 // "LSB" where outputs are quantised, else "absolute"
  double worst = 0;                 // the largest error of an output element
  double mean = 0;                  // its mean
  double tolerance = 0;             // what the description allows
  std::vector<std::string> faults;  // memory that the kernel should have left alone, outputs that depend on rubbish
  [[nodiscard]] bool passed() const { return worst <= tolerance && faults.empty(); }
};

// Runs the kernel on random inputs beside the float reference <kernel>_reference.cc, between guard bytes.
// Errors: as load_custom; no test, or no reference, in the folder; a test that the description's own rules refuse.
Result<std::vector<CustomTestResult>> test_custom(const std::filesystem::path& folder, std::uint32_t seed,
                                                  std::size_t runs);

}  // namespace mote
