// Platform descriptions and scripts as Renode's documentation has them (renode.readthedocs.io: "Describing platforms",
// "Working with machines", "Testing with Renode").
#include "host/emulate/renode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace mote {
namespace {

bool is_plain(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
  });
}

Result<std::string> processor_of(const Board& board) {
  if (board.core.family == "riscv") {
    return std::string(
        "cpu: CPU.RiscV32 @ sysbus\n    cpuType: \"rv32imc_zicsr\"\n    timeProvider: empty\n    hartId: 0\n");
  }
  if (board.core.family == "cortex-m") {
    const std::string type = board.core.name == "cortex-m0plus" ? "cortex-m0+" : board.core.name;
    return fmt::format(
        "nvic: IRQControllers.NVIC @ sysbus 0xE000E000\n    -> cpu@0\n\ncpu: CPU.CortexM @ sysbus\n    cpuType: "
        "\"{}\"\n"
        "    nvic: nvic\n",
        type);
  }
  return Error{fmt::format("Renode has no {}", board.core.name), board.name, "choose a board with a chip"};
}

}  // namespace

Result<RenodeFiles> renode_files(const Board& board, const std::string& name, const std::string& program,
                                 const std::string& symbol) {
  for (const std::string& text : {name, program, symbol}) {
    if (is_plain(text)) continue;
    return Error{"a Renode script can name this only with letters, digits and _ - . /", text, "rename it"};
  }
  MOTE_LET(processor, processor_of(board));
  RenodeFiles out;
  out.platform = fmt::format(
      "// Core and memory of {}; no peripherals.\n{}\nflash: Memory.MappedMemory @ sysbus {:#x}\n    size: {:#x}\n\n"
      "ram: Memory.MappedMemory @ sysbus {:#x}\n    size: {:#x}\n",
      board.name, processor, board.flash->origin, board.flash->bytes, board.ram->origin, board.ram->bytes);
  const std::string vectors = board.core.family == "cortex-m"
                                  ? fmt::format("cpu VectorTableOffset {:#x}\n", board.flash->origin)
                                  : std::string();
  out.script = fmt::format(
      ":name: {0}\n:description: runs {1} to {2} and says how many instructions that took\n\n"
      "$bin?=@{1}\n\nmach create \"{0}\"\nmachine LoadPlatformDescription @{0}.repl\n\n"
      "macro reset\n\"\"\"\n    sysbus LoadELF $bin\n    {3}"
      "    cpu AddHook `sysbus GetSymbolAddress \"{2}\"` \"self.InfoLog('reached {2}'); self.IsHalted = True\"\n"
      "\"\"\"\nrunMacro $reset\n",
      name, program, symbol, vectors);
  out.test = fmt::format(
      "*** Settings ***\nSuite Setup       Setup\nSuite Teardown    Teardown\nTest Teardown     Test Teardown\n"
      "Resource          ${{RENODEKEYWORDS}}\n\n*** Variables ***\n${{SCRIPT}}         ${{CURDIR}}/{0}.resc\n\n"
      "*** Test Cases ***\nReaches {1}\n    Execute Command           include @${{SCRIPT}}\n"
      "    Create Log Tester         60\n    Start Emulation\n    Wait For Log Entry        reached {1}\n"
      "    ${{count}}=                 Execute Command    cpu ExecutedInstructions\n"
      "    Log To Console            instructions: ${{count}}\n",
      name, symbol);
  return out;
}

}  // namespace mote
