// Memory and devices that the emulated machine lacks, added to it so that programs linked for other chips run.
#pragma once

#include <stdbool.h>

#include "plugin.h"

// ram=ORIGIN:BYTES, devices=ORIGIN:BYTES, over=0|1 (1: in front of what the machine has there). False: none of them.
bool memory_option(const char* text);
bool memory_is_wanted(void);
// To be called when a processor is there and before it starts. Ends the program where this QEMU has no way to add
// memory.
void memory_add(void);
// Calls `write` for every device register that was waited for, with the number of values that were made up for it.
void memory_waits(void (*write)(uint64_t address, uint64_t count, void* user), void* user);
