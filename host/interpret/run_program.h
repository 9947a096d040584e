// A planned program on the host, in one arena: what overlaps on the chip overlaps here.
#pragma once

#include <vector>

#include "host/base/result.h"
#include "host/interpret/interpreter.h"
#include "host/program/program.h"

namespace mote {

// records[r][i]: the bytes of graph.inputs[i] in run r; the outputs of every run. States go on from run to run. Every
// byte of the arena that the program has not written holds rubbish. The program must be planned and its kernels must
// run on the host; its constants are not changed. Errors: a kernel that only a chip runs; wrong count or size of
// inputs.
Result<std::vector<std::vector<Bytes>>> run_sequence(Program& program, const std::vector<std::vector<Bytes>>& records);

// One run, from the initial states.
Result<std::vector<Bytes>> run_program(Program& program, const std::vector<Bytes>& inputs);

}  // namespace mote
