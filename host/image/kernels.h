// The kernels that model images may call, as the host sees them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/runtime/kernel.h"
#include "host/base/result.h"

namespace mote {

// All of them, with the checks of the chip. Only portable kernels can be called here; of others the call is null.
[[nodiscard]] runtime::Registry image_registry();

// The function of device/runtime/checks.h that proves calls of a kernel; nothing where images cannot call it.
[[nodiscard]] std::optional<std::string_view> image_check(std::string_view kernel);

// The kernels of these operators (names as in contract/ops/ops.def; none: of all) that images may call on a target with
// these instruction sets. Errors: an unknown operator; one whose kernels images cannot call.
Result<std::vector<std::string>> image_kernels(const std::vector<std::string>& operators,
                                               const std::vector<std::string>& isas);

}  // namespace mote
