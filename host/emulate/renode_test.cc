// The files hold together: names, addresses, balanced blocks; hostile names are refused. Renode itself is not run here.
#include "host/emulate/renode.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

TEST(Renode, FilesNameTheBoardsCoreAndMemory) {
  auto board = load_board("mps2-an386");
  ASSERT_TRUE(board.ok());
  auto files = renode_files(board.value(), "kws", "kws.elf", "mote_invoke_return");
  ASSERT_TRUE(files.ok()) << files.error().text();
  const RenodeFiles& f = files.value();
  for (const char* text : {"cpuType: \"cortex-m4\"", "IRQControllers.NVIC @ sysbus 0xE000E000", "-> cpu@0",
                           "flash: Memory.MappedMemory @ sysbus 0x0\n    size: 0x400000",
                           "ram: Memory.MappedMemory @ sysbus 0x20000000\n    size: 0x400000"}) {
    EXPECT_NE(f.platform.find(text), std::string::npos) << f.platform;
  }
  for (const char* text : {"$bin?=@kws.elf", "machine LoadPlatformDescription @kws.repl", "macro reset\n\"\"\"\n",
                           "GetSymbolAddress \"mote_invoke_return\"", "runMacro $reset"}) {
    EXPECT_NE(f.script.find(text), std::string::npos) << f.script;
  }
  for (const char* text : {"*** Settings ***", "${RENODEKEYWORDS}", "*** Test Cases ***", "${CURDIR}/kws.resc",
                           "Wait For Log Entry        reached mote_invoke_return"}) {
    EXPECT_NE(f.test.find(text), std::string::npos) << f.test;
  }
}

TEST(Renode, RefusesWhatItsFilesWouldMisread) {
  auto board = load_board("mps2-an386");
  ASSERT_TRUE(board.ok());
  for (const char* bad : {"", "a b", "a\"b", "a\nb", "$a", "`x`"}) {
    EXPECT_FALSE(renode_files(board.value(), bad, "a.elf", "f").ok()) << bad;
    EXPECT_FALSE(renode_files(board.value(), "a", bad, "f").ok()) << bad;
    EXPECT_FALSE(renode_files(board.value(), "a", "a.elf", bad).ok()) << bad;
  }
  auto host = load_board("host");
  ASSERT_TRUE(host.ok());
  EXPECT_FALSE(renode_files(host.value(), "a", "a.elf", "f").ok());
}

}  // namespace
}  // namespace mote
