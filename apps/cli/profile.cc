// mote profile: where the cycles of a model, or of any bare-metal program, go.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "host/base/file.h"
#include "host/cycles/hardware.h"
#include "host/driver/profile.h"
#include "host/driver/records.h"

namespace mote::cli {
namespace {

struct Options {
  std::string subject;
  InputShapes shapes;
  std::vector<std::string> inputs;
  std::string level;
  ProfileProgramOptions program;
  RunModelOptions run;
  std::size_t rows = 12;
  int timeout_s = 600;
  bool json = false;
  std::string stacks;
  std::string callgrind;
  std::string events;
  std::string html;
  std::string hardware;
  double every_s = 0;
  double capacitor_uf = 0;
  std::string battery;
};

bool is_model(const std::string& path) {
  return path.ends_with(".tflite") || path.ends_with(".onnx") || path.ends_with(".mir");
}

// A board of ours with the core, to run its code on.
Result<std::string> board_with_core(const std::string& core) {
  for (const std::string& name : board_names()) {
    MOTE_LET(board, load_board(name));
    if (board.core.name == core && board.emulator) return name;
  }
  return Error{fmt::format("no emulated board has a {}", core), "", "give --board"};
}

// Everything that the hardware decides; true: there is one.
Result<bool> apply_hardware(Options& options, Hardware& hardware) {
  if (options.hardware.empty()) {
    if (options.every_s == 0 && options.battery.empty() && options.capacitor_uf == 0) return false;
    return Error{"--every, --battery and --capacitor need a board that can be bought", "", "give --hardware NAME"};
  }
  if (options.every_s == 0 && !options.battery.empty()) {
    return Error{"a battery's life needs a period", "", "give --every SECONDS"};
  }
  MOTE_LET(found, load_hardware(options.hardware));
  hardware = std::move(found);
  if (options.program.board.empty()) {
    MOTE_LET(board, board_with_core(hardware.core));
    options.program.board = std::move(board);
  }
  MOTE_LET(board, load_board(options.program.board));
  if (board.core.name != hardware.core) {
    return Error{fmt::format("board '{}' has a {}, hardware '{}' a {}", board.name, board.core.name, hardware.name,
                             hardware.core),
                 "", "leave --board out"};
  }
  TimingOptions& timing = options.program.timing;
  if (timing.wait_states == 0) timing.wait_states = static_cast<int>(hardware.wait_states);
  if (timing.cached_lines == 0) timing.cached_lines = static_cast<int>(hardware.cache_lines);
  return true;
}

Result<Energy> energy_for(const Options& options, const Hardware& hardware, const ProfileReport& report) {
  Duty duty{options.every_s, 0};
  if (!options.battery.empty()) {
    MOTE_LET(battery, find_battery(options.battery));
    duty.battery_mwh = battery.volts * battery.milliampere_hours;
  }
  return energy_of(hardware, report.total.cycles / static_cast<double>(report.windows), duty);
}

std::string energy_text(const Options& options, const Hardware& hardware, const Energy& energy,
                        const ProfileReport& report, const FirmwareSizes& sizes) {
  constexpr double kMilli = 1000;
  std::string out = fmt::format("\non {}\n", hardware.description);
  const double band = hardware.energy_band_percent + report.band_percent;
  out += fmt::format("  time          {:.3f} ms at {:.0f} MHz, give or take {:.0f}%\n", energy.seconds * kMilli,
                     hardware.clock_hz / 1e6, report.band_percent);
  out += fmt::format("  energy        {:.1f} uJ an inference, give or take {:.0f}% (rests on {})\n",
                     energy.inference_uj, band, hardware.rests_on);
  out += fmt::format("  capacitor     {:.1f} uF gives one inference while falling from {:.1f} V to {:.1f} V\n",
                     energy.capacitor_uf, 1.5 * hardware.volts, hardware.volts);
  if (options.capacitor_uf > 0) {
    const double inferences = options.capacitor_uf / energy.capacitor_uf;
    out += fmt::format("  one charge    of {:.1f} uF gives {:.1f} inferences: {}\n", options.capacitor_uf, inferences,
                       inferences >= 1 + band / 100 ? "fits"
                       : inferences >= 1            ? "fits, but not within the error"
                                                    : "DOES NOT FIT");
  }
  if (options.every_s > 0) {
    out += fmt::format("  average       {:.1f} uW with an inference every {} s{}\n", energy.average_uw, options.every_s,
                       energy.seconds > options.every_s ? ", WHICH IT DOES NOT KEEP UP WITH" : "");
  }
  if (energy.battery_days > 0) {
    out += fmt::format("  battery       {:.0f} days from {}, without self-discharge, radio and sensors\n",
                       energy.battery_days, options.battery);
  }
  if (sizes.flash > 0) {
    const auto fits = [](std::uint64_t need, double has) {
      return static_cast<double>(need) <= has ? "fits" : "DOES NOT FIT";
    };
    out += fmt::format("  memory        {} of {:.0f} bytes of flash: {}; {} of {:.0f} bytes of RAM: {}\n", sizes.flash,
                       hardware.flash_bytes, fits(sizes.flash, hardware.flash_bytes), sizes.ram, hardware.ram_bytes,
                       fits(sizes.ram, hardware.ram_bytes));
  }
  return out;
}

std::vector<HtmlTile> energy_tiles(const Options& options, const Hardware& hardware, const Energy& energy,
                                   const ProfileReport& report) {
  const std::string band = fmt::format("give or take {:.0f}%", hardware.energy_band_percent + report.band_percent);
  std::vector<HtmlTile> out = {
      {"time", fmt::format("{:.3f} ms", energy.seconds * 1000),
       fmt::format("{} at {:.0f} MHz", hardware.name, hardware.clock_hz / 1e6)},
      {"energy", fmt::format("{:.1f} uJ", energy.inference_uj), band + "; rests on " + hardware.rests_on},
      {"capacitor", fmt::format("{:.1f} uF", energy.capacitor_uf), "whose charge is enough for one inference"}};
  if (options.every_s > 0) {
    out.push_back({"average power", fmt::format("{:.1f} uW", energy.average_uw),
                   fmt::format("an inference every {} s", options.every_s)});
  }
  if (energy.battery_days > 0)
    out.push_back({"battery", fmt::format("{:.0f} days", energy.battery_days), options.battery});
  return out;
}

Result<ProfileReport> profile_model(const Options& options, FirmwareSizes& sizes) {
  RunModelOptions run = options.run;
  run.board = options.program.board;
  run.trace_blocks = true;
  run.debug = true;
  run.check = false;
  run.timeout = options.program.timeout;
  if (!options.level.empty()) run.compile.level = "-O" + options.level;
  MOTE_LET(graph, load_model(options.subject, "", options.shapes));
  std::vector<std::vector<Bytes>> inputs = noise_records(graph, 1, 1);
  if (!options.inputs.empty()) {
    MOTE_LET(read, load_records(graph, options.inputs));
    inputs = std::move(read);
  }
  MOTE_LET(done, run_model(graph, inputs, run));
  sizes = done.sizes;
  return profile_run(done, options.program.timing);
}

Status profile(const Options& given) {
  Options options = given;
  options.program.timeout = std::chrono::seconds(options.timeout_s);
  const bool has_marks = !options.program.from.empty() || !options.program.to.empty() || options.program.call;
  if (!is_model(options.subject) && options.program.from.empty()) {
    return Error{"which part of the program?", options.subject,
                 "give --from and --to: symbols or addresses; --from alone measures the function there"};
  }
  if (is_model(options.subject) && has_marks) {
    return Error{"--from and --to are for programs", options.subject, "a model is measured over its whole inference"};
  }
  Hardware hardware;
  MOTE_LET(has_hardware, apply_hardware(options, hardware));
  if (options.program.board.empty()) options.program.board = RunModelOptions{}.board;
  FirmwareSizes sizes;
  auto made =
      is_model(options.subject) ? profile_model(options, sizes) : profile_program(options.subject, options.program);
  if (!made.ok()) return std::move(made).error();
  const ProfileReport& report = made.value();
  if (!options.stacks.empty()) MOTE_TRY(write_file(options.stacks, profile_stacks(report)));
  if (!options.callgrind.empty()) MOTE_TRY(write_file(options.callgrind, profile_callgrind(report)));
  if (!options.events.empty()) MOTE_TRY(write_file(options.events, profile_trace_events(report)));
  MOTE_LET(energy, has_hardware ? energy_for(options, hardware, report) : Result<Energy>(Energy{}));
  if (!options.html.empty()) {
    const std::vector<HtmlTile> tiles =
        has_hardware ? energy_tiles(options, hardware, energy, report) : std::vector<HtmlTile>();
    MOTE_TRY(write_file(options.html, profile_html(report, tiles)));
  }
  if (!options.json) {
    fmt::print("{}{}", profile_text(report, options.rows),
               has_hardware ? energy_text(options, hardware, energy, report, sizes) : "");
    return {};
  }
  nlohmann::json out = profile_json(report);
  if (has_hardware) {
    out["hardware"] = {{"name", hardware.name},
                       {"seconds", energy.seconds},
                       {"inference_uj", energy.inference_uj},
                       {"band_percent", hardware.energy_band_percent + report.band_percent},
                       {"rests_on", hardware.rests_on},
                       {"capacitor_uf", energy.capacitor_uf}};
    if (options.capacitor_uf > 0) out["hardware"]["inferences_per_charge"] = options.capacitor_uf / energy.capacitor_uf;
    if (options.every_s > 0) out["hardware"]["average_uw"] = energy.average_uw;
    if (energy.battery_days > 0) out["hardware"]["battery_days"] = energy.battery_days;
  }
  fmt::print("{}\n", out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  return {};
}

}  // namespace

void add_profile(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  options->program.board.clear();
  CLI::App* command = app.add_subcommand(
      "profile", "Where the instructions and the estimated cycles of a model, or of any bare-metal program, go.");
  command->add_option("subject", options->subject, "A model (.tflite, .onnx, .mir), or a program (ELF)")->required();
  add_shapes(*command, options->shapes);
  command->add_option(
      "--board", options->program.board,
      "Board name or folder; its core decides the timing (default: one with the hardware's core, or mps2-an386)");
  command->add_option("--from", options->program.from, "Program: symbol or 0x address where measuring begins");
  command->add_option(
      "--to", options->program.to,
      "Program: symbol or 0x address before which it ends (default: where the function at --from returns)");
  command->add_flag("--call", options->program.call,
                    "Program: call the function at --from, with zeros as arguments, instead of starting the program");
  command
      ->add_option("--windows", options->program.windows,
                   "Program: stop after so many passes from --from to --to (0: when the program ends)")
      ->capture_default_str();
  command->add_option("--input", options->inputs, "Model: inputs, as for 'mote run' (default: noise)");
  add_goal(*command, options->run.compile.goal);
  command->add_option("-O,--level", options->level, "Model: optimisation level of the C++ compiler")
      ->check(CLI::IsMember({"s", "1", "2", "3"}));
  add_timing(*command, options->program.timing);
  command->add_option("--hardware", options->hardware,
                      "A board of ports/hardware, or a .toml file: prints time, energy, and what fits");
  command->add_option("--every", options->every_s, "Seconds from one inference to the next: prints average power")
      ->check(CLI::PositiveNumber);
  command->add_option("--capacitor", options->capacitor_uf, "Microfarads: says whether one charge gives an inference")
      ->check(CLI::PositiveNumber);
  command->add_option("--battery", options->battery, "cr2032, aaa, aa or lipo500: prints its life");
  command->add_option("--rows", options->rows, "Rows of the tables of functions and lines")->capture_default_str();
  command->add_option("--html", options->html, "Write a page with all tables, flame graph and memory to this file");
  command->add_option("--stacks", options->stacks, "Write collapsed stacks, for flame graphs, to this file");
  command->add_option("--callgrind", options->callgrind, "Write a callgrind file, for KCachegrind, to this file");
  command->add_option("--events", options->events, "Write trace events, for Perfetto, to this file");
  command->add_option("--timeout", options->timeout_s, "Seconds the program may run")->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return profile(*options); }; });
}

}  // namespace mote::cli
