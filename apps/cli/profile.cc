// mote profile: where the cycles of a model, or of any bare-metal program, go.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <random>

#include "apps/cli/commands.h"
#include "host/base/file.h"
#include "host/driver/profile.h"
#include "host/input/input.h"
#include "host/input/values.h"

namespace mote::cli {
namespace {

struct Options {
  std::string subject;
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
};

bool is_model(const std::string& path) { return path.ends_with(".tflite") || path.ends_with(".mir"); }

// The inputs from the files, or one of seeded noise.
Result<std::vector<std::vector<Bytes>>> inputs_of(const Graph& graph, const std::vector<std::string>& files) {
  std::vector<std::vector<Bytes>> records;
  if (files.empty()) {
    std::mt19937 random(1);
    records.emplace_back();
    for (const TensorId id : graph.inputs) {
      const Tensor& t = graph.tensor(id);
      std::vector<double> values(static_cast<std::size_t>(elements(t.shape)));
      for (double& v : values) {
        constexpr std::uint32_t kBytes = 256;
        const auto byte = static_cast<double>(random() % kBytes);
        v = t.type == DType::f32       ? byte / 128 - 1
            : t.type == DType::boolean ? (byte < 128 ? 1 : 0)
                                       : byte - (t.type == DType::u8 ? 0 : 128);
      }
      records.back().push_back(encode_values(t.type, values));
    }
    return records;
  }
  if (files.size() != graph.inputs.size()) {
    return Error{fmt::format("{} --input given, the model has {} inputs", files.size(), graph.inputs.size()),
                 graph.source, "give --input once per input of the model"};
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    MOTE_LET(values, load_inputs(files[i], graph.tensor(graph.inputs[i]), InputOptions{}));
    if (i == 0) records.resize(values.size());
    if (values.size() != records.size()) {
      return Error{"has another number of inputs than the first file", files[i], "give files with as many inputs"};
    }
    for (std::size_t r = 0; r < values.size(); ++r) records[r].push_back(std::move(values[r]));
  }
  return records;
}

Result<ProfileReport> profile_model(const Options& options) {
  RunModelOptions run = options.run;
  run.board = options.program.board;
  run.trace_blocks = true;
  run.debug = true;
  run.check = false;
  run.timeout = options.program.timeout;
  if (!options.level.empty()) run.level = "-O" + options.level;
  MOTE_LET(graph, load_model(options.subject));
  MOTE_LET(inputs, inputs_of(graph, options.inputs));
  MOTE_LET(done, run_model(graph, inputs, run));
  return profile_run(done, options.program.timing);
}

Status profile(const Options& given) {
  Options options = given;
  options.program.timeout = std::chrono::seconds(options.timeout_s);
  const bool has_marks = !options.program.from.empty() || !options.program.to.empty();
  if (!is_model(options.subject) && (options.program.from.empty() || options.program.to.empty())) {
    return Error{"which part of the program?", options.subject, "give --from and --to: symbols or addresses"};
  }
  if (is_model(options.subject) && has_marks) {
    return Error{"--from and --to are for programs", options.subject, "a model is measured over its whole inference"};
  }
  auto made = is_model(options.subject) ? profile_model(options) : profile_program(options.subject, options.program);
  if (!made.ok()) return std::move(made).error();
  const ProfileReport& report = made.value();
  if (!options.stacks.empty()) MOTE_TRY(write_file(options.stacks, profile_stacks(report)));
  if (!options.callgrind.empty()) MOTE_TRY(write_file(options.callgrind, profile_callgrind(report)));
  if (!options.events.empty()) MOTE_TRY(write_file(options.events, profile_trace_events(report)));
  if (options.json) {
    fmt::print("{}\n", profile_json(report).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", profile_text(report, options.rows));
  }
  return {};
}

}  // namespace

void add_profile(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "profile", "Where the instructions and the estimated cycles of a model, or of any bare-metal program, go.");
  command->add_option("subject", options->subject, "A model (.tflite, .mir), or a program (ELF)")->required();
  command->add_option("--board", options->program.board, "Board name or folder; its core decides the timing")
      ->capture_default_str();
  command->add_option("--from", options->program.from, "Program: symbol or 0x address where measuring begins");
  command->add_option("--to", options->program.to, "Program: symbol or 0x address before which it ends");
  command
      ->add_option("--windows", options->program.windows,
                   "Program: stop after so many passes from --from to --to (0: when the program ends)")
      ->capture_default_str();
  command->add_option("--input", options->inputs, "Model: inputs, as for 'mote run' (default: noise)");
  add_goal(*command, options->run.compile.goal);
  command->add_option("-O,--level", options->level, "Model: optimisation level of the C++ compiler")
      ->check(CLI::IsMember({"s", "1", "2", "3"}));
  add_timing(*command, options->program.timing);
  command->add_option("--rows", options->rows, "Rows of the tables of functions and lines")->capture_default_str();
  command->add_option("--stacks", options->stacks, "Write collapsed stacks, for flame graphs, to this file");
  command->add_option("--callgrind", options->callgrind, "Write a callgrind file, for KCachegrind, to this file");
  command->add_option("--events", options->events, "Write trace events, for Perfetto, to this file");
  command->add_option("--timeout", options->timeout_s, "Seconds the program may run")->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return profile(*options); }; });
}

}  // namespace mote::cli
