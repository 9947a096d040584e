// The option --stream, which compile, inspect and run share.
#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

#include "host/base/result.h"
#include "host/driver/compile.h"
#include "host/ir/graph.h"

namespace mote::cli {

void add_stream(CLI::App& command, std::int64_t& hop_rows);

// The model of a file, as a stream where hop_rows is not 0.
Result<Graph> load_stream(const std::string& file, const std::string& name, std::int64_t hop_rows,
                          const InputShapes& shapes = {});

}  // namespace mote::cli
