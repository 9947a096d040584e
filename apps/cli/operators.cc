// mote operators: what a model may be made of.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/cli/operators.h"
#include "host/report/operators.h"

namespace mote::cli {

void add_operators(CLI::App& app, Action& chosen) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("operators", "List the operators, their element types and instruction sets.");
  auto as_page = std::make_shared<bool>(true);
  command->add_flag("--markdown", *as_page, "Print the page docs/operators.md (this is the default)");
  command->add_flag("--json", *as_json, "Print JSON instead");
  command->callback([as_json, as_page, &chosen] {
    chosen = [as_json]() -> Status {
      fmt::print("{}", *as_json ? operators_json().dump(1) + "\n" : operators_markdown());
      return {};
    };
  });
}

}  // namespace mote::cli
