// mote report: one page about a project.
#include <fmt/format.h>

#include "apps/cli/report.h"
#include "host/base/file.h"
#include "host/driver/report.h"

namespace mote::cli {

void add_report(CLI::App& app, Action& chosen) {
  struct Options {
    std::string project = ".";
    std::string out;
    bool no_board = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "report", "Write one self-contained page: data, features, training, evaluation, memory and layers on the chip.");
  command->add_option("--project", options->project, "Folder with the mote.toml")->capture_default_str();
  command->add_option("--out", options->out, "The page (default: build/report.html of the project)");
  command->add_flag("--no-board", options->no_board, "Do not run the model on the project's board");
  command->callback([options, &chosen] {
    chosen = [options]() -> Status {
      MOTE_LET(project, Project::open(options->project));
      ProjectReportOptions how;
      how.measure = !options->no_board;
      MOTE_LET(page, project_report(project, how));
      const std::string out = options->out.empty() ? (project.build_folder() / "report.html").string() : options->out;
      MOTE_TRY(write_file(out, page));
      fmt::print("{} ({:.1f} MB)\n", out, static_cast<double>(page.size()) / 1e6);
      return {};
    };
  });
}

}  // namespace mote::cli
