// CSV, threshold, integral.
#include "host/monitor/current.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string_view>

#include "host/base/file.h"

namespace mote {
namespace {

struct ColumnUnit {
  std::string_view name;
  double factor;
};
constexpr std::array kTimes = {ColumnUnit{"time_s", 1}, ColumnUnit{"time_ms", 1e-3}, ColumnUnit{"time_us", 1e-6}};
constexpr std::array kCurrents = {ColumnUnit{"current_a", 1}, ColumnUnit{"current_ma", 1e-3},
                                  ColumnUnit{"current_ua", 1e-6}, ColumnUnit{"current_na", 1e-9}};

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ',' || c == ';') {
      out.emplace_back();
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '"') {
      out.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

template <std::size_t kUnits>
bool take(const std::array<ColumnUnit, kUnits>& units, const std::string& name, std::size_t at, std::ptrdiff_t& column,
          double& factor) {
  for (const ColumnUnit& unit : units) {
    if (unit.name != name || column >= 0) continue;
    column = static_cast<std::ptrdiff_t>(at);
    factor = unit.factor;
    return true;
  }
  return false;
}

double current_at(const CurrentLog& log, double time) {
  const auto after = std::ranges::lower_bound(log.seconds, time);
  if (after == log.seconds.begin()) return log.amperes.front();
  if (after == log.seconds.end()) return log.amperes.back();
  const auto i = static_cast<std::size_t>(after - log.seconds.begin());
  const double part = (time - log.seconds[i - 1]) / (log.seconds[i] - log.seconds[i - 1]);
  return log.amperes[i - 1] + part * (log.amperes[i] - log.amperes[i - 1]);
}

}  // namespace

Result<CurrentLog> read_current_log(const std::filesystem::path& path) {
  MOTE_LET(text, read_text_file(path));
  CurrentLog out;
  std::ptrdiff_t time = -1;
  std::ptrdiff_t current = -1;
  std::ptrdiff_t marker = -1;
  double time_factor = 1;
  double current_factor = 1;
  std::string_view rest = text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::vector<std::string> cells = cells_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string where = fmt::format("{}:{}", path.string(), number);
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (time < 0) {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (take(kTimes, cells[i], i, time, time_factor) || take(kCurrents, cells[i], i, current, current_factor))
          continue;
        if (cells[i] == "marker") marker = static_cast<std::ptrdiff_t>(i);
      }
      if (time >= 0 && current >= 0) continue;
      return Error{
          "the title line names no time and current", where,
          "name the columns time_s (or _ms, _us) and current_a (or _ma, _ua, _na), and marker if there is one"};
    }
    const auto value = [&](std::ptrdiff_t column, double& to) {
      if (static_cast<std::size_t>(column) >= cells.size()) return false;
      const std::string& cell = cells[static_cast<std::size_t>(column)];
      const auto [stop, error] = std::from_chars(cell.data(), cell.data() + cell.size(), to);
      return error == std::errc() && stop == cell.data() + cell.size() && std::isfinite(to);
    };
    double t = 0;
    double a = 0;
    double m = 0;
    if (!value(time, t) || !value(current, a) || (marker >= 0 && !value(marker, m))) {
      return Error{"is not a line of numbers", where, "the log may be cut here"};
    }
    if (!out.seconds.empty() && t * time_factor <= out.seconds.back()) {
      return Error{"the time does not rise", where, "sort the log by time"};
    }
    out.seconds.push_back(t * time_factor);
    out.amperes.push_back(a * current_factor);
    if (marker >= 0) out.marker.push_back(m);
  }
  if (out.seconds.size() < 2) return Error{"holds no samples", path.string(), ""};
  return out;
}

std::vector<Pulse> find_pulses(const CurrentLog& log, double seconds) {
  const std::vector<double>& signal = log.marker.empty() ? log.amperes : log.marker;
  std::vector<double> sorted = signal;
  std::ranges::sort(sorted);
  const double low = sorted[sorted.size() / 20];
  const double high = sorted[sorted.size() - 1 - sorted.size() / 20];
  // A short inference is a small part of the log: its height is then that of the highest samples.
  const double top = high - low > 0.2 * (sorted.back() - low) ? high : sorted.back();
  // Layers draw differently: whatever is clearly above rest is part of an inference.
  const double level = low + (top - low) * (log.marker.empty() ? 0.25 : 0.5);
  if (!(top > low)) return {};
  const double sample = (log.seconds.back() - log.seconds.front()) / static_cast<double>(log.seconds.size() - 1);
  std::vector<Pulse> out;
  double begin = -1;
  for (std::size_t i = 1; i < signal.size(); ++i) {
    const bool was = signal[i - 1] > level;
    const bool is = signal[i] > level;
    if (was == is) continue;
    const double part = (level - signal[i - 1]) / (signal[i] - signal[i - 1]);
    const double at = log.seconds[i - 1] + part * (log.seconds[i] - log.seconds[i - 1]);
    if (is) {
      begin = at;
    } else if (begin >= 0) {
      if (std::abs(at - begin - seconds) <= 2 * sample + 0.2 * seconds) out.push_back({begin, at});
      begin = -1;
    }
  }
  return out;
}

double energy_between(const CurrentLog& log, double begin, double end, double volts) {
  double coulombs = 0;
  double from = begin;
  double last = current_at(log, begin);
  for (auto at = std::ranges::upper_bound(log.seconds, begin); at != log.seconds.end() && *at < end; ++at) {
    const double current = log.amperes[static_cast<std::size_t>(at - log.seconds.begin())];
    coulombs += (*at - from) * (last + current) / 2;
    from = *at;
    last = current;
  }
  coulombs += (end - from) * (last + current_at(log, end)) / 2;
  return coulombs * volts;
}

Result<MeasuredEnergy> measure_energy(const CurrentLog& log, const std::vector<MarkedRun>& runs, double volts) {
  if (runs.empty() || runs[0].clock_hz == 0) return Error{"there are no inferences to hold against the log", "", ""};
  const std::size_t layers = runs[0].cycles.size();
  double seconds = 0;
  for (const MarkedRun& run : runs) {
    if (run.cycles.size() != layers || run.clock_hz == 0) {
      return Error{"the inferences are of several models", run.model, "log the current of one model at a time"};
    }
    seconds += static_cast<double>(run.total) / run.clock_hz / static_cast<double>(runs.size());
  }
  const std::vector<Pulse> pulses = find_pulses(log, seconds);
  if (pulses.empty()) {
    return Error{fmt::format("no part of the log looks like an inference of {:.3f} ms", seconds * 1000), "",
                 "log a marker channel, sample faster, or let the chip sleep between inferences"};
  }
  MeasuredEnergy out;
  out.pulses = pulses.size();
  out.runs = runs.size();
  out.layer_j.assign(layers, 0);
  const auto count = static_cast<double>(pulses.size());
  double busy_s = 0;
  double busy_j = 0;
  for (std::size_t p = 0; p < pulses.size(); ++p) {
    const MarkedRun& run = runs[std::min(p, runs.size() - 1)];
    const double length = pulses[p].end - pulses[p].begin;
    double begin = pulses[p].begin;
    for (std::size_t l = 0; l < layers; ++l) {
      const double end = begin + length * static_cast<double>(run.cycles[l]) /
                                     static_cast<double>(std::max<std::uint64_t>(1, run.total));
      out.layer_j[l] += energy_between(log, begin, end, volts) / count;
      begin = end;
    }
    busy_s += length;
    busy_j += energy_between(log, pulses[p].begin, pulses[p].end, volts);
  }
  out.inference_j = std::accumulate(out.layer_j.begin(), out.layer_j.end(), 0.0);
  const double whole_s = log.seconds.back() - log.seconds.front();
  const double whole_j = energy_between(log, log.seconds.front(), log.seconds.back(), volts);
  if (whole_s > busy_s) out.idle_w = (whole_j - busy_j) / (whole_s - busy_s);
  return out;
}

}  // namespace mote
