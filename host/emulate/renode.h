// Files for Renode, another emulator: a platform, a script that runs a program to a symbol, and a test of it.
#pragma once

#include <string>

#include "host/base/result.h"
#include "host/emulate/board.h"

namespace mote {

struct RenodeFiles {
  std::string platform;  // .repl
  std::string script;    // .resc
  std::string test;      // .robot
};

// For a program file of that name, on a machine with the board's core and memory. The script and the test run until the
// instruction `symbol`. `name` is that of the files, without extension. Errors: a core that Renode's documentation does
// not name; characters that the files' formats would misread.
Result<RenodeFiles> renode_files(const Board& board, const std::string& name, const std::string& program,
                                 const std::string& symbol);

}  // namespace mote
