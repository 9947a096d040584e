// Real boards as data: clock, memories and currents, and what they make of a number of cycles.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace mote {

// ports/hardware/<name>.toml. Every figure there names its source.
struct Hardware {
  std::string name;
  std::string description;
  std::string core;  // names a board to emulate its code on by its core, and the timing table
  std::string rests_on;
  std::string price;  // "low", "middle", "high"
  double clock_hz = 0;
  double wait_states = 0;
  double cache_lines = 0;
  double flash_bytes = 0;
  double ram_bytes = 0;
  double volts = 0;
  double active_ua_per_mhz = 0;
  double sleep_ua = 0;
  double energy_band_percent = 0;
  std::vector<std::string> sources;
};

[[nodiscard]] std::vector<std::string> hardware_names();
// By name, or by the path of a .toml file. Errors: unknown; a field that is missing, has no source or makes no sense.
Result<Hardware> load_hardware(std::string_view name_or_path);

struct Battery {
  std::string_view name;
  double volts;
  double milliampere_hours;
};
// "cr2032", "aaa" (two), "aa" (two), "lipo500". Errors: unknown.
Result<Battery> find_battery(std::string_view name);

struct Energy {
  double seconds = 0;  // of one inference
  double inference_uj = 0;
  double average_uw = 0;    // at the period; 0 without one
  double battery_days = 0;  // 0 without a battery
  double capacitor_uf = 0;  // that one inference empties from 1.5 times the supply voltage to it
};

struct Duty {
  double period_s = 0;  // 0: no duty cycle
  double battery_mwh = 0;
};

[[nodiscard]] Energy energy_of(const Hardware& hardware, double cycles, const Duty& duty = {});

}  // namespace mote
