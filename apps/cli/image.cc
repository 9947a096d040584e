// mote image: models as files that firmware loads later. mote runtime: the code that loads them.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "apps/cli/commands.h"
#include "host/base/file.h"
#include "host/driver/image.h"
#include "host/image/image.h"

namespace mote::cli {
namespace {

using nlohmann::json;

struct Options {
  std::string model;
  std::string output;
  std::string name;
  bool json = false;
  CompileOptions compile;
};

struct RuntimeOptions {
  std::vector<std::string> operators;
  std::string folder;
  std::string core = "cortex-m4";
  std::string level = "s";
  bool json = false;
};

json json_of(const std::vector<ImageSummary::Port>& ports) {
  json out = json::array();
  for (const ImageSummary::Port& p : ports) {
    json port = {{"name", p.name},
                 {"type", name_of(p.type)},
                 {"shape", p.shape},
                 {"offset_bytes", p.offset_bytes},
                 {"size_bytes", p.size_bytes}};
    if (!p.quant.empty()) {
      port["scale"] = p.quant.scale[0];
      port["zero_point"] = p.quant.zero_point[0];
    }
    out.push_back(std::move(port));
  }
  return out;
}

std::string json_text(const ImageSummary& s) {
  const json out = {{"name", s.name},
                    {"image_bytes", s.image_bytes},
                    {"arena_bytes", s.arena_bytes},
                    {"most_steps", s.most_steps},
                    {"signed", s.is_signed},
                    {"known_answer", s.has_answer},
                    {"inputs", json_of(s.inputs)},
                    {"outputs", json_of(s.outputs)},
                    {"kernels", s.kernels}};
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string ports_text(std::string_view what, const std::vector<ImageSummary::Port>& ports) {
  std::string out;
  for (const ImageSummary::Port& p : ports) {
    out += fmt::format("  {:<13} '{}' {}{}", what, p.name, name_of(p.type), text_of(p.shape));
    if (!p.quant.empty()) out += fmt::format(", real = {:.6g} * (q - {})", p.quant.scale[0], p.quant.zero_point[0]);
    out += "\n";
  }
  return out;
}

std::string text_of(const ImageSummary& s) {
  std::string out =
      fmt::format("{}: model image of {} bytes, {}, {}\n", s.name, s.image_bytes, s.is_signed ? "signed" : "not signed",
                  s.has_answer ? "with a known answer" : "without a known answer");
  out += fmt::format("  {:<13} {} bytes\n", "arena", s.arena_bytes);
  out += ports_text("input", s.inputs) + ports_text("output", s.outputs);
  return out + fmt::format("  {:<13} {}\n", "kernels", fmt::join(s.kernels, "\n                "));
}

Status write(const Options& options) {
  if (options.model.ends_with(".mim")) {
    MOTE_LET(bytes, read_file(options.model));
    MOTE_LET(summary, read_image(bytes, options.model));
    fmt::print("{}", options.json ? json_text(summary) : text_of(summary));
    return {};
  }
  if (options.output.empty()) {
    return Error{"no file is named that the image shall be written to", options.model, "give -o FILE.mim"};
  }
  MOTE_LET(graph, load_model(options.model, options.name));
  MOTE_LET(image, make_image(graph, options.compile));
  MOTE_TRY(write_file(options.output, {reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size()}));
  MOTE_LET(summary, read_image(image.bytes, options.output));
  fmt::print("{}", options.json ? json_text(summary) : text_of(summary));
  if (!image.replaced.empty() && !options.json) {
    fmt::print("  {:<13} {}: images call the portable kernels instead\n", "note", fmt::join(image.replaced, ", "));
  }
  return {};
}

Status write_runtime(const RuntimeOptions& options) {
  MOTE_LET(sizes, write_runtime_package(options.operators, options.core, "-O" + options.level, options.folder));
  if (options.json) {
    const json out = {{"core", sizes.core},
                      {"compiler", sizes.compiler},
                      {"code_bytes", sizes.code_bytes},
                      {"constants_bytes", sizes.constants_bytes},
                      {"ram_bytes", sizes.ram_bytes}};
    fmt::print("{}\n", out.dump(2));
  } else if (sizes.compiler.empty()) {
    fmt::print("written to {}; its size is not known, as there is no compiler for {}\n", options.folder, sizes.core);
  } else {
    fmt::print("written to {}: {} bytes of code and {} of tables on {} at -O{}\n", options.folder, sizes.code_bytes,
               sizes.constants_bytes, sizes.core, options.level);
  }
  return {};
}

}  // namespace

void add_image(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("image", "Turn a model into an image that firmware loads later, or show an image.");
  command->add_option("model", options->model, "The model (.tflite, .mir), or an image (.mim) to prove and show")
      ->required();
  command->add_option("-o,--output", options->output, "The file to write, NAME.mim");
  command->add_option("--target", options->compile.core, "Core to choose kernels for; 'mote boards' lists them")
      ->capture_default_str();
  add_goal(*command, options->compile.goal);
  command->add_option("--name", options->name, "Name of the model in the image (default: from the file's name)");
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return write(*options); }; });
}

void add_runtime(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<RuntimeOptions>();
  CLI::App* command = app.add_subcommand(
      "runtime", "Write the code that loads model images, with the kernels of the operators you choose.");
  command->add_option(
      "--operators", options->operators,
      "Operators that images may use, as 'mote inspect' names them (default: all that images can call)");
  command->add_option("-o,--output", options->folder, "Folder to write; replaced if mote wrote it before")->required();
  command->add_option("--target", options->core, "Core to choose kernels for; 'mote boards' lists them")
      ->capture_default_str();
  command->add_option("-O,--level", options->level, "Optimisation level of the C++ compiler, for measuring")
      ->check(CLI::IsMember({"s", "1", "2", "3"}))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON instead");
  command->callback([options, &chosen] { chosen = [options] { return write_runtime(*options); }; });
}

}  // namespace mote::cli
