// The harness's files, text and exit through semihosting, and the report of a fault.
#include <cstddef>
#include <cstdint>

#include "ports/harness/port.h"
#include "ports/mcu/bare/bare.h"

namespace mote::harness {
namespace {

// Operations and modes of the Arm semihosting specification, release 2; RISC-V uses the same.
enum Operation : long { kOpen = 0x01, kWrite0 = 0x04, kWrite = 0x05, kRead = 0x06, kExitExtended = 0x20 };
enum Mode : std::uintptr_t { kReadBinary = 1, kWriteBinary = 5 };
constexpr std::uintptr_t kStoppedByApplication = 0x20026;

std::uintptr_t address(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

std::uint32_t length(const char* text) {
  // Volatile keeps the compiler from making a call of strlen out of the loop: the library's is 200 bytes of flash.
  const volatile char* end = text;
  std::uint32_t n = 0;
  while (end[n] != '\0') ++n;
  return n;
}

// kRead and kWrite return the number of bytes that were not moved.
std::uint32_t transfer(Operation operation, int file, const void* data, std::uint32_t bytes) {
  const std::uintptr_t argument[3] = {static_cast<std::uintptr_t>(file), address(data), bytes};
  return bytes - static_cast<std::uint32_t>(mote_semihost(operation, argument));
}

}  // namespace

int open_file(const char* name, bool for_writing) {
  const std::uintptr_t argument[3] = {address(name), for_writing ? kWriteBinary : kReadBinary, length(name)};
  return static_cast<int>(mote_semihost(kOpen, argument));
}

std::uint32_t read_bytes(int file, void* to, std::uint32_t bytes) { return transfer(kRead, file, to, bytes); }
std::uint32_t write_bytes(int file, const void* from, std::uint32_t bytes) {
  return transfer(kWrite, file, from, bytes);
}
void print(const char* text) { mote_semihost(kWrite0, text); }

void stop(int status) {
  const std::uintptr_t argument[2] = {kStoppedByApplication, static_cast<std::uintptr_t>(status)};
  while (true) mote_semihost(kExitExtended, argument);
}

}  // namespace mote::harness

namespace mote::bare {

void report_fault(std::uint32_t pc, std::uint32_t return_address, std::uint32_t data_address, const char* text) {
  const int file = harness::open_file("fault.bin", true);
  const std::uint32_t numbers[3] = {pc, return_address, data_address};
  harness::write_bytes(file, numbers, sizeof numbers);
  harness::write_bytes(file, text, harness::length(text));
  harness::stop(3);
}

}  // namespace mote::bare
