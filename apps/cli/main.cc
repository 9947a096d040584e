// The command line: parses, runs one command, prints its error if it has one.
#include <cstdio>
#include <exception>

#include "apps/cli/commands.h"
#include "apps/cli/custom.h"
#include "apps/cli/operators.h"
#include "apps/cli/quantize.h"
#include "apps/cli/report.h"
#include "host/base/process.h"

namespace {

int run(int argc, char** argv) {
  CLI::App app{"mote: machine learning for microcontrollers, from a model file to measured firmware.", "mote"};
  app.set_version_flag("--version", "mote " MOTE_VERSION);
  app.require_subcommand(1);
  mote::catch_interrupts();
  mote::cli::Action chosen;
  mote::cli::add_new(app, chosen);
  mote::cli::add_data(app, chosen);
  mote::cli::add_report(app, chosen);
  mote::cli::add_inspect(app, chosen);
  mote::cli::add_compile(app, chosen);
  mote::cli::add_quantize(app, chosen);
  mote::cli::add_image(app, chosen);
  mote::cli::add_runtime(app, chosen);
  mote::cli::add_run(app, chosen);
  mote::cli::add_profile(app, chosen);
  mote::cli::add_monitor(app, chosen);
  mote::cli::add_renode(app, chosen);
  mote::cli::add_gate(app, chosen);
  mote::cli::add_train(app, chosen);
  mote::cli::add_test(app, chosen);
  mote::cli::add_boards(app, chosen);
  mote::cli::add_operators(app, chosen);
  mote::cli::add_custom(app, chosen);
  mote::cli::add_custom_folders(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (const mote::Status status = chosen(); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.error().text().c_str());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // memory that ran out; everything else is a Status
    std::fputs("error: ", stderr);
    std::fputs(error.what(), stderr);
    std::fputs("\n", stderr);
    return 1;
  }
}
