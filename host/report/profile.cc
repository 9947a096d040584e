// Sums by function, line, class, layer; five ways to write them.
#include "host/report/profile.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

#include "host/report/table.h"

namespace mote {
namespace {

using nlohmann::json;

std::vector<ProfileRow> sorted(const std::map<std::string, Cost>& costs) {
  std::vector<ProfileRow> out;
  for (const auto& [name, cost] : costs) out.push_back({name, cost});
  std::ranges::stable_sort(out, [](const ProfileRow& a, const ProfileRow& b) { return a.cost.cycles > b.cost.cycles; });
  return out;
}

std::string whole(double value) { return grouped(static_cast<std::int64_t>(std::llround(value))); }

json json_of(const Cost& cost) {
  return {{"instructions", cost.instructions}, {"cycles", cost.cycles}, {"reads", cost.reads}, {"writes", cost.writes}};
}

json rows_of(const std::vector<ProfileRow>& rows) {
  json out = json::array();
  for (const ProfileRow& row : rows) {
    json one = json_of(row.cost);
    one["name"] = row.name;
    out.push_back(std::move(one));
  }
  return out;
}

std::string table_text(const ProfileReport& report, const std::string& title, const std::vector<ProfileRow>& rows,
                       std::size_t most) {
  Table table({{title, Align::left, true},
               {"instructions", Align::right},
               {"cycles", Align::right},
               {"per instr.", Align::right},
               {"reads", Align::right},
               {"writes", Align::right},
               {"share", Align::right}});
  const double share = 100 / std::max(1.0, report.total.cycles);
  const auto add = [&](const std::string& name, const Cost& c) {
    const double n = static_cast<double>(report.windows);
    table.add({name, whole(static_cast<double>(c.instructions) / n), whole(c.cycles / n),
               c.instructions == 0 ? "" : fmt::format("{:.2f}", c.cycles / static_cast<double>(c.instructions)),
               whole(static_cast<double>(c.reads) / n), whole(static_cast<double>(c.writes) / n),
               fmt::format("{:.1f}%", c.cycles * share)});
  };
  Cost rest;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i < most) {
      add(rows[i].name, rows[i].cost);
    } else {
      rest += rows[i].cost;
    }
  }
  if (rows.size() > most) add(fmt::format("({} more)", rows.size() - most), rest);
  table.add_rule();
  add("total", report.total);
  constexpr std::size_t kWidth = 130;
  return "\n" + table.text(kWidth);
}

std::string windows_text(const ProfileReport& report) {
  Table table({{"window", Align::left},
               {"instructions", Align::right},
               {"cycles", Align::right},
               {"reads", Align::right},
               {"writes", Align::right},
               {"stack", Align::right}});
  for (std::size_t i = 0; i < report.each.size(); ++i) {
    const auto& [cost, stack_bytes, is_rest] = report.each[i];
    table.add({fmt::format("{}{}", i + 1, is_rest ? " and all after it" : ""),
               whole(static_cast<double>(cost.instructions)), whole(cost.cycles),
               whole(static_cast<double>(cost.reads)), whole(static_cast<double>(cost.writes)),
               whole(static_cast<double>(stack_bytes))});
  }
  constexpr std::size_t kWidth = 130;
  return "\n" + table.text(kWidth);
}

// Names go into formats where these characters part fields.
std::string clean(std::string name, std::string_view bad) {
  for (char& c : name) {
    if (bad.find(c) != std::string_view::npos) c = ',';
  }
  return name;
}

}  // namespace

double band_of(const TimingTable& table, const FetchModel& fetch) {
  return fetch.wait_states > 0 ? 2 * table.band_percent : table.band_percent;
}

std::string cycles_text(double cycles, double band_percent, const std::string& rests_on) {
  if (band_percent == 0) return fmt::format("{} (no band; {})", whole(cycles), rests_on);
  return fmt::format("{}, give or take {:.0f}% (rests on {})", whole(cycles), band_percent, rests_on);
}

ProfileReport profile_report(const Profile& profile, const TimingTable& table, const FetchModel& fetch,
                             const FunctionNames& names, const LineTable& lines,
                             const std::vector<ProfiledLayer>& layers) {
  ProfileReport out;
  out.timing = table.name;
  out.rests_on = table.rests_on;
  out.band_percent = band_of(table, fetch);
  out.windows = std::max<std::uint64_t>(1, profile.window_count);
  out.each = profile.windows;
  out.stack_bytes = profile.calls.at(0).stack_bytes;
  out.fetch_stalls = profile.fetch_stalls;
  out.total = profile.total;
  // Without symbols, a function is what was called.
  const auto name_at = [&](std::uint64_t address) {
    std::string name = names(address);
    if (!name.empty()) return name;
    std::uint64_t entry = 0;
    for (const auto& [id, call] : profile.calls) {
      if (call.entry <= address) entry = std::max(entry, call.entry);
    }
    return entry == 0 ? std::string("(start)") : fmt::format("{:#x}", entry);
  };
  std::map<std::string, Cost> functions;
  std::map<std::string, Cost> by_line;
  std::map<std::string, Cost> classes;
  for (const auto& [address, in] : profile.instructions) {
    functions[name_at(address)] += in.cost;
    const SourceLine line = lines.at(address);
    by_line[line.file.empty() ? "(no line)" : fmt::format("{}:{}", line.file, line.line)] += in.cost;
    classes[std::string(name_of(in.timing))] += in.cost;
  }
  out.functions = sorted(functions);
  out.lines = sorted(by_line);
  out.classes = sorted(classes);
  for (const auto& [id, call] : profile.calls) {
    out.calls.push_back({id == 0 ? "(window)" : name_at(call.entry), id, call.parent, call.count, call.self, call.total,
                         call.stack_bytes});
  }
  if (layers.empty()) return out;
  Cost rest = profile.total;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    Cost cost;
    std::uint64_t stack_bytes = 0;
    for (const auto& [id, call] : profile.calls) {
      if (id == 0 || call.entry != layers[l].entry) continue;
      cost += call.total;
      stack_bytes = std::max(stack_bytes, call.stack_bytes);
    }
    out.layer_stack_bytes.push_back(stack_bytes);
    out.layers.push_back({fmt::format("{} {}", l, layers[l].op), cost});
    out.layer_kernels.push_back(layers[l].kernel);
    rest.instructions -= cost.instructions;
    rest.cycles -= cost.cycles;
    rest.reads -= cost.reads;
    rest.writes -= cost.writes;
  }
  out.layers.push_back({"between operators", rest});
  out.layer_kernels.emplace_back();
  return out;
}

std::string profile_text(const ProfileReport& report, std::size_t rows) {
  const auto n = static_cast<double>(report.windows);
  std::string out = report.title + "\n";
  out += fmt::format("  instructions  {}{}\n", whole(static_cast<double>(report.total.instructions) / n),
                     report.windows > 1 ? fmt::format(" (mean of {} windows)", report.windows) : "");
  out +=
      fmt::format("  cycles        {}\n", cycles_text(report.total.cycles / n, report.band_percent, report.rests_on));
  out += fmt::format("  timing        {}\n", report.timing);
  if (report.fetch_stalls > 0) {
    out += fmt::format("  wait states   {} of the cycles\n", whole(report.fetch_stalls / n));
  }
  if (report.stack_bytes > 0)
    out += fmt::format("  stack         {} bytes at most\n", grouped(static_cast<std::int64_t>(report.stack_bytes)));
  for (const std::string& note : report.notes) out += fmt::format("  note          {}\n", note);
  if (report.each.size() > 1 && report.layers.empty()) out += windows_text(report);
  if (!report.layers.empty()) {
    std::vector<ProfileRow> named = report.layers;
    for (std::size_t i = 0; i < named.size(); ++i) {
      if (!report.layer_kernels[i].empty()) named[i].name += "  " + report.layer_kernels[i];
    }
    if (report.arena_bytes > 0) out += fmt::format("  arena         {} bytes\n", grouped(report.arena_bytes));
    out += table_text(report, "operator", named, named.size());
  }
  out += table_text(report, "function", report.functions, rows);
  if (report.lines.size() > 1) out += table_text(report, "line", report.lines, rows);
  out += table_text(report, "class", report.classes, kTimingClasses);
  return out;
}

json profile_json(const ProfileReport& report) {
  json out = {{"title", report.title},
              {"timing", report.timing},
              {"rests_on", report.rests_on},
              {"windows", report.windows},
              {"fetch_stall_cycles", report.fetch_stalls},
              {"total", json_of(report.total)},
              {"functions", rows_of(report.functions)},
              {"lines", rows_of(report.lines)},
              {"classes", rows_of(report.classes)}};
  out["stack_bytes"] = report.stack_bytes;
  out["notes"] = report.notes;
  for (const WindowCost& w : report.each) {
    json one = json_of(w.cost);
    one["stack_bytes"] = w.stack_bytes;
    if (w.is_rest) one["is_rest"] = true;
    out["each_window"].push_back(std::move(one));
  }
  out["band_percent"] = report.band_percent > 0 ? json(report.band_percent) : json(nullptr);
  if (!report.layers.empty()) {
    out["layers"] = rows_of(report.layers);
    for (std::size_t i = 0; i < report.layers.size(); ++i) out["layers"][i]["kernel"] = report.layer_kernels[i];
    for (std::size_t i = 0; i < report.layer_stack_bytes.size(); ++i) {
      out["layers"][i]["stack_bytes"] = report.layer_stack_bytes[i];
    }
    out["arena_bytes"] = report.arena_bytes;
    for (const ProfiledBuffer& b : report.arena) {
      out["arena"].push_back({{"name", b.name},
                              {"offset_bytes", b.offset_bytes},
                              {"size_bytes", b.size_bytes},
                              {"begin_cycles", b.begin_cycles},
                              {"end_cycles", b.end_cycles}});
    }
  }
  return out;
}

std::string profile_stacks(const ProfileReport& report) {
  std::string out;
  std::map<std::uint64_t, std::string> paths;
  for (const ProfileCall& call : report.calls) {
    const std::string name = clean(call.function, "; \n");
    paths[call.id] = call.id == 0 ? name : paths[call.parent] + ";" + name;
    const long long cycles = std::llround(call.self.cycles);
    if (cycles > 0) out += fmt::format("{} {}\n", paths[call.id], cycles);
  }
  return out;
}

std::string profile_callgrind(const ProfileReport& report) {
  std::string out = "# callgrind format\nversion: 1\ncreator: mote\npositions: line\n";
  out += "events: Instructions Cycles Reads Writes\n";
  const auto numbers = [](const Cost& c) {
    return fmt::format("{} {} {} {}", c.instructions, std::llround(c.cycles), c.reads, c.writes);
  };
  out += "summary: " + numbers(report.total) + "\n";
  for (const ProfileCall& call : report.calls) {
    out += fmt::format("\nfn={}\n0 {}\n", clean(call.function, "\n"), numbers(call.self));
    for (const ProfileCall& callee : report.calls) {
      if (callee.id == 0 || callee.parent != call.id) continue;
      out +=
          fmt::format("cfn={}\ncalls={} 0\n0 {}\n", clean(callee.function, "\n"), callee.count, numbers(callee.total));
    }
  }
  return out;
}

std::string profile_trace_events(const ProfileReport& report) {
  json events = json::array();
  std::map<std::uint64_t, double> next;  // where the next child of a call begins
  for (const ProfileCall& call : report.calls) {
    const double begin = call.id == 0 ? 0 : next[call.parent];
    if (call.id != 0) next[call.parent] = begin + call.total.cycles;
    next[call.id] = begin;
    events.push_back({{"name", call.function},
                      {"ph", "X"},
                      {"ts", begin},
                      {"dur", call.total.cycles},
                      {"pid", 1},
                      {"tid", 1},
                      {"args",
                       {{"calls", call.count},
                        {"instructions", call.total.instructions},
                        {"reads", call.total.reads},
                        {"writes", call.total.writes}}}});
  }
  const json out = {{"traceEvents", events}, {"displayTimeUnit", "ms"}};
  return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace mote
