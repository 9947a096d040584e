// Any text as a graph: read, verify, and run what is accepted. Reaches the operators' own checks sooner than bytes do.
#include <string_view>

#include "tests/fuzz/run_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mote::Result<mote::Graph> graph = mote::parse_graph({reinterpret_cast<const char*>(data), size});
  if (!graph.ok()) {
    mote::fuzz::require(graph.error().where.starts_with("line "), "errors name the line", graph.error().text());
  } else if (mote::verify(graph.value()).ok()) {
    mote::fuzz::exercise(std::move(graph).value(), {data, size});
  }
  return 0;
}
