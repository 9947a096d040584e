// The seam between the harness and a machine: what ports/mcu/<family> must provide to run generated models.
#pragma once

#include <cstdint>

namespace mote::harness {

using Invoke = void (*)(std::uint8_t* arena);

// Files of the computer that runs the emulator. open_file returns a negative number when it fails; read_bytes and
// write_bytes return how many bytes were moved.
int open_file(const char* name, bool for_writing);
std::uint32_t read_bytes(int file, void* to, std::uint32_t bytes);
std::uint32_t write_bytes(int file, const void* from, std::uint32_t bytes);

// Prints a line of text, the newline included, for the person who runs the firmware.
void print(const char* text);
// Ends the program; the status becomes the emulator's.
[[noreturn]] void stop(int status);

// Calls invoke(arena) on a freshly painted stack and returns how many bytes of it were used, the call included.
// The instruction after the call carries the symbol mote_invoke_return, so that counts begin at invoke and end there.
std::uint32_t invoke_on_painted_stack(Invoke invoke, std::uint8_t* arena);
// The most stack that the whole program ever used, in bytes; 0 where the port cannot know.
std::uint32_t stack_high_water_bytes();

// The program, once memory is set up. Returns the exit status.
int run();

}  // namespace mote::harness
