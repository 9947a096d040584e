// The harness on a POSIX computer: stdio for files, a painted context for the stack, signals for faults and time-outs.
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "ports/harness/port.h"

namespace mote::harness {
namespace {

constexpr int kMaxFiles = 8;
std::FILE* files[kMaxFiles];
int file_count = 0;

// The stack that models run on: pages that may not be touched, then kStackBytes.
constexpr std::size_t kGuardBytes = 64 * 1024;
constexpr std::size_t kStackBytes = 64 * 1024;
constexpr unsigned char kPaint = 0xA5;
unsigned char* stack = nullptr;
ucontext_t program;
ucontext_t painted;

Invoke next_invoke = nullptr;
std::uint8_t* next_arena = nullptr;
void invoke_next() { next_invoke(next_arena); }

[[noreturn]] void fail(const char* text) {
  std::perror(text);
  std::exit(2);
}

// Writes fault.bin as the chips do, but with 64-bit addresses, and ends the program.
void on_signal(int signal, siginfo_t* info, void* context) {
  const auto* machine = &static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  const auto pc = static_cast<std::uint64_t>(machine->gregs[REG_RIP]);
#elif defined(__aarch64__)
  const auto pc = static_cast<std::uint64_t>(machine->pc);
#else
  const auto pc = ~std::uint64_t{0} + 0 * sizeof machine;
#endif
  const auto address = reinterpret_cast<std::uint64_t>(info->si_addr);
  const auto guard = reinterpret_cast<std::uint64_t>(stack);
  const bool is_overflow = signal == SIGSEGV && address >= guard - kGuardBytes && address < guard;
  const char* text = is_overflow ? "stack overflow" : signal == SIGTERM ? "stopped from outside" : strsignal(signal);
  const std::uint64_t numbers[3] = {pc, ~std::uint64_t{0}, signal == SIGTERM ? ~std::uint64_t{0} : address};
  if (std::FILE* file = std::fopen("fault.bin", "wb")) {
    std::fwrite(numbers, sizeof numbers, 1, file);
    std::fputs(text, file);
    std::fclose(file);
  }
  _exit(3);
}

}  // namespace

int open_file(const char* name, bool for_writing) {
  if (file_count == kMaxFiles) return -1;
  files[file_count] = std::fopen(name, for_writing ? "wb" : "rb");
  return files[file_count] == nullptr ? -1 : file_count++;
}

std::uint32_t read_bytes(int file, void* to, std::uint32_t bytes) {
  return static_cast<std::uint32_t>(std::fread(to, 1, bytes, files[file]));
}

std::uint32_t write_bytes(int file, const void* from, std::uint32_t bytes) {
  return static_cast<std::uint32_t>(std::fwrite(from, 1, bytes, files[file]));
}

void print(const char* text) { std::fputs(text, stderr); }
void stop(int status) { std::exit(status); }

std::uint32_t invoke_on_painted_stack(Invoke invoke, std::uint8_t* arena) {
  std::memset(stack, kPaint, kStackBytes);
  next_invoke = invoke;
  next_arena = arena;
  getcontext(&painted);
  painted.uc_stack.ss_sp = stack;
  painted.uc_stack.ss_size = kStackBytes;
  painted.uc_link = &program;
  makecontext(&painted, invoke_next, 0);
  if (swapcontext(&program, &painted) != 0) fail("harness: no stack for the model");
  std::size_t unused = 0;
  while (unused < kStackBytes && stack[unused] == kPaint) ++unused;
  return static_cast<std::uint32_t>(kStackBytes - unused);
}

std::uint32_t stack_high_water_bytes() { return 0; }

}  // namespace mote::harness

int main() {
  using namespace mote::harness;
  void* memory = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, kGuardBytes, PROT_NONE) != 0) fail("harness: no stack");
  stack = static_cast<unsigned char*>(memory) + kGuardBytes;
  static unsigned char handler_stack[64 * 1024];
  stack_t other = {};
  other.ss_sp = handler_stack;
  other.ss_size = sizeof handler_stack;
  sigaltstack(&other, nullptr);
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTERM, SIGTRAP, SIGABRT};
  for (const int signal : signals) sigaction(signal, &action, nullptr);
  return run();
}
