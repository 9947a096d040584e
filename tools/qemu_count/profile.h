// The profiling half of the plugin: which blocks ran after which, in which call, between two addresses.
#pragma once

#include "plugin.h"

// "arm", "riscv32": the machine that is emulated.
void profile_target(const char* name);
// profile=FILE, from=ADDRESS, to=ADDRESS|return (where the function at `from` was called), windows=COUNT (0: all, until
// the program ends), functions=FILE. False: not one of them. Ends the program with a message where a value is wrong.
bool profile_option(const char* text);
bool profile_is_on(void);
// Also registers what it needs with every block.
void profile_translated(struct qemu_plugin_tb* tb);
// Writes what was seen.
void profile_finish(void);
