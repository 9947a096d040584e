// mote custom: a user's own operator, tested; --custom: models that have it.
#include "apps/cli/custom.h"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/driver/custom.h"

namespace mote::cli {
namespace {

struct Options {
  std::string folder;
  std::uint32_t seed = 1;
  std::size_t runs = 20;
  bool json = false;
};

Status test(const Options& options) {
  MOTE_LET(results, test_custom(options.folder, options.seed, options.runs));
  std::size_t failed = 0;
  nlohmann::json out = nlohmann::json::array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const CustomTestResult& r = results[i];
    if (!r.passed()) ++failed;
    if (options.json) {
      out.push_back({{"runs", r.runs},
                     {"unit", r.unit},
                     {"worst", r.worst},
                     {"mean", r.mean},
                     {"tolerance", r.tolerance},
                     {"faults", r.faults},
                     {"passed", r.passed()}});
      continue;
    }
    fmt::print("test {}: {} runs, error {:.4g} {} at most (mean {:.3g}, allowed {:.4g}): {}\n", i, r.runs, r.worst,
               r.unit, r.mean, r.tolerance, r.passed() ? "passed" : "FAILED");
    for (const std::string& fault : r.faults) fmt::print("  the kernel {}\n", fault);
  }
  if (options.json) fmt::print("{}\n", out.dump(2));
  if (failed == 0) return {};
  return Error{fmt::format("{} of {} tests failed", failed, results.size()), options.folder,
               "mend the kernel or its reference, or state the tolerance that is meant"};
}

Status header(const Options& options) {
  MOTE_LET(text, custom_header(options.folder));
  fmt::print("{}", text);
  return {};
}

}  // namespace

void add_custom(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* custom = app.add_subcommand("custom", "An operator of your own: a kernel and its description in a folder.");
  custom->require_subcommand(1);
  CLI::App* test_command = custom->add_subcommand(
      "test", "Run the kernel on random inputs beside its float reference, between guard bytes.");
  test_command->add_option("folder", options->folder, "Folder with operator.toml and the kernel")->required();
  test_command->add_option("--seed", options->seed, "Seed of the inputs")->capture_default_str();
  test_command->add_option("--runs", options->runs, "Inputs per test")->capture_default_str();
  test_command->add_flag("--json", options->json, "Print JSON instead");
  test_command->callback([options, &chosen] { chosen = [options] { return test(*options); }; });
  CLI::App* header_command =
      custom->add_subcommand("header", "Print the declarations that kernel and reference must define.");
  header_command->add_option("folder", options->folder, "Folder with operator.toml")->required();
  header_command->callback([options, &chosen] { chosen = [options] { return header(*options); }; });
}

void add_custom_folders(CLI::App& app, Action& chosen) {
  auto folders = std::make_shared<std::vector<std::string>>();
  for (const char* name : {"inspect", "compile", "run", "profile"}) {
    app.get_subcommand(name)->add_option("--custom", *folders,
                                         "Folder of an operator of your own that the model has; may be repeated");
  }
  app.final_callback([folders, &chosen] {
    if (folders->empty()) return;
    chosen = [folders, command = std::move(chosen)]() -> Status {
      for (const std::string& folder : *folders) {
        if (auto kind = load_custom(folder); !kind.ok()) return std::move(kind).error();
      }
      return command();
    };
  });
}

}  // namespace mote::cli
