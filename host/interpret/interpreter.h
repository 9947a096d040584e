// The host interpreter: runs a graph node by node with the portable kernels. The reference for every other path.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/result.h"
#include "host/ir/graph.h"
#include "host/ops/kernel.h"

namespace mote {

using Bytes = std::vector<std::uint8_t>;

// A lowered graph with one buffer per tensor.
class Interpreter {
 public:
  // Lowers every node. Errors: what lowering reports, with the operator named. The graph must outlive nothing: it is
  // copied.
  static Result<Interpreter> create(const Graph& graph);

  // inputs[i]: the bytes of graph.inputs[i]. Afterwards tensor() holds every activation. States go on from the run
  // before.
  // Errors: wrong count or size.
  Result<std::vector<Bytes>> run(const std::vector<Bytes>& inputs);

  // States take their initial values again.
  void reset();

  [[nodiscard]] const Bytes& tensor(TensorId id) const { return buffers_.at(static_cast<std::size_t>(id)); }
  [[nodiscard]] const Graph& graph() const { return graph_; }

 private:
  void run_call(KernelCall& call);  // not const: kernels take plain pointers to the constants

  Graph graph_;
  std::vector<Lowered> lowered_;  // one per node
  std::vector<Bytes> buffers_;    // one per tensor
  Bytes scratch_;
  std::vector<Bytes> states_;  // as the next run finds them
};

}  // namespace mote
