// Reads boards; multiplies.
#include "host/cycles/hardware.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "host/base/file.h"
#include "host/base/resources.h"
#include "host/base/suggest.h"

namespace mote {
namespace {

constexpr std::string_view kFolder = "ports/hardware/";
constexpr std::string_view kSuffix = ".toml";
constexpr const char* kHelp = "see docs/guides/energy.md";

// Alkaline and lithium cells, by their makers' data sheets at small currents.
constexpr std::array kBatteries = {Battery{"cr2032", 3.0, 225}, Battery{"aaa", 3.0, 1100}, Battery{"aa", 3.0, 2500},
                                   Battery{"lipo500", 3.7, 500}};

Result<Hardware> read_hardware(std::string_view text, std::string name, const std::string& where) {
  const auto error = [&](std::string what) { return Error{std::move(what), where, kHelp}; };
  try {
    const toml::table table = toml::parse(text, where);
    Hardware out;
    out.name = std::move(name);
    for (const auto& [key, field] : {std::pair{"description", &out.description}, std::pair{"core", &out.core},
                                     std::pair{"rests_on", &out.rests_on}, std::pair{"price", &out.price}}) {
      const auto value = table[key].value<std::string>();
      if (!value) return error(fmt::format("'{}' is missing", key));
      *field = *value;
    }
    const std::vector<std::pair<std::string_view, double*>> figures = {
        {"clock_hz", &out.clock_hz},
        {"wait_states", &out.wait_states},
        {"cache_lines", &out.cache_lines},
        {"flash_bytes", &out.flash_bytes},
        {"ram_bytes", &out.ram_bytes},
        {"volts", &out.volts},
        {"active_ua_per_mhz", &out.active_ua_per_mhz},
        {"sleep_ua", &out.sleep_ua},
        {"energy_band_percent", &out.energy_band_percent}};
    for (const auto& [key, field] : figures) {
      const auto value = table[key]["value"].value<double>();
      const auto source = table[key]["source"].value<std::string>();
      if (!value || !(*value >= 0)) return error(fmt::format("'{}' is missing, or has no value of 0 or more", key));
      if (!source || source->empty()) return error(fmt::format("'{}' names no source", key));
      *field = *value;
      if (std::ranges::find(out.sources, *source) == out.sources.end()) out.sources.push_back(*source);
    }
    for (const auto& [key, value] : table) {
      const bool known = key == "description" || key == "core" || key == "rests_on" || key == "price" ||
                         std::ranges::any_of(figures, [&](const auto& f) { return f.first == key.str(); });
      if (!known) return error(fmt::format("'{}' is not a key here", key.str()));
    }
    for (const double needed : {out.clock_hz, out.volts, out.active_ua_per_mhz}) {
      if (needed <= 0) return error("clock, voltage and active current must be above 0");
    }
    return out;
  } catch (const toml::parse_error& e) {
    return Error{std::string(e.description()), fmt::format("{}:{}", where, e.source().begin.line), kHelp};
  }
}

}  // namespace

std::vector<std::string> hardware_names() {
  std::vector<std::string> out;
  for (const Resource& r : resource_table()) {
    if (!r.path.starts_with(kFolder) || !r.path.ends_with(kSuffix)) continue;
    out.emplace_back(r.path.substr(kFolder.size(), r.path.size() - kFolder.size() - kSuffix.size()));
  }
  std::ranges::sort(out);
  return out;
}

Result<Hardware> load_hardware(std::string_view name_or_path) {
  if (name_or_path.ends_with(kSuffix)) {
    MOTE_LET(text, read_text_file(std::filesystem::path(name_or_path)));
    return read_hardware(text, std::string(name_or_path), std::string(name_or_path));
  }
  const std::string path = fmt::format("{}{}{}", kFolder, name_or_path, kSuffix);
  if (const auto text = find_resource(path)) return read_hardware(*text, std::string(name_or_path), path);
  const std::string near = nearest(name_or_path, hardware_names());
  return Error{fmt::format("unknown hardware '{}'", name_or_path), "",
               fmt::format("{}known: {}", near.empty() ? "" : fmt::format("did you mean '{}'? ", near),
                           fmt::join(hardware_names(), ", "))};
}

Result<Battery> find_battery(std::string_view name) {
  const auto at = std::ranges::find(kBatteries, name, &Battery::name);
  if (at != kBatteries.end()) return *at;
  return Error{fmt::format("unknown battery '{}'", name), "", "known: cr2032, aaa (two), aa (two), lipo500"};
}

Energy energy_of(const Hardware& hardware, double cycles, const Duty& duty) {
  constexpr double kHertzPerMegahertz = 1e6;
  constexpr double kSecondsPerDay = 86400;
  constexpr double kMicrojoulesPerMilliwattHour = 3.6e6;
  Energy out;
  out.seconds = cycles / hardware.clock_hz;
  const double active_uw = hardware.active_ua_per_mhz * hardware.clock_hz / kHertzPerMegahertz * hardware.volts;
  out.inference_uj = active_uw * out.seconds;
  // E = C (V1^2 - V0^2) / 2 with V1 = 1.5 V0.
  const double drop = (1.5 * 1.5 - 1) * hardware.volts * hardware.volts / 2;
  out.capacitor_uf = out.inference_uj / drop;
  if (duty.period_s <= 0) return out;
  const double asleep = std::max(0.0, duty.period_s - out.seconds);
  const double period = std::max(duty.period_s, out.seconds);
  out.average_uw = (out.inference_uj + asleep * hardware.sleep_ua * hardware.volts) / period;
  if (duty.battery_mwh > 0)
    out.battery_days = duty.battery_mwh * kMicrojoulesPerMilliwattHour / out.average_uw / kSecondsPerDay;
  return out;
}

}  // namespace mote
