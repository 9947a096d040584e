// The option --stream: a model over a window of time as one that takes a hop.
#include "host/passes/stream.h"
#include "apps/cli/stream.h"

namespace mote::cli {

void add_stream(CLI::App& command, std::int64_t& hop_rows) {
  command
      .add_option(
          "--stream", hop_rows,
          "Turn a model over a window [1, time, ...] into one that takes this many new rows per run and keeps the "
          "rest as state")
      ->check(CLI::PositiveNumber);
}

Result<Graph> load_stream(const std::string& file, const std::string& name, std::int64_t hop_rows,
                          const InputShapes& shapes) {
  MOTE_LET(graph, load_model(file, name, shapes));
  if (hop_rows == 0) return graph;
  return stream_graph(graph, hop_rows);
}

}  // namespace mote::cli
