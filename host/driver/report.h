// One page about a project: its data, how training went, what the model gets right and wrong, what it costs on the
// chip.
#pragma once

#include <string>

#include "host/base/result.h"
#include "host/project/project.h"

namespace mote {

struct ProjectReportOptions {
  bool measure = true;           // run the model on the project's board, for memory and instructions
  std::size_t most_errors = 24;  // wrong answers that are shown with their sound
};

// A self-contained HTML page. What is not there yet (a model, an evaluation) is left out, and said.
// Reads model.tflite, model.json and evaluation.json of the build folder. Errors: no data; a file of these that is
// damaged; what running the model reports.
Result<std::string> project_report(const Project& project, const ProjectReportOptions& options = {});

}  // namespace mote
