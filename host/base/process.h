// Running another program: no shell, output captured, a time limit, and nothing left behind after Ctrl-C.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace mote {

struct ProcessOptions {
  std::vector<std::string> argv;         // argv[0] is looked up in PATH
  std::filesystem::path folder;          // working directory; empty: the caller's
  std::chrono::milliseconds timeout{0};  // 0: none
  std::string last_words;                // written to its stdin when the time is up; empty: SIGTERM is sent instead
};

struct ProcessResult {
  int status = 0;  // exit status; meaningless when signal != 0
  int signal = 0;  // the signal that ended it, or 0
  bool timed_out = false;
  std::string out;  // stdout and stderr; what exceeds kMaxCaptureBytes is dropped
  std::string err;

  [[nodiscard]] bool succeeded() const { return status == 0 && signal == 0 && !timed_out; }
};

inline constexpr std::size_t kMaxCaptureBytes = std::size_t{4} << 20;

// Runs a program to its end. After the time limit it gets `last_words` or SIGTERM, and SIGKILL two seconds later; its
// children die with it, and it dies with the caller. Safe to call from several threads.
// Errors: cannot be started; interrupted() became true (the program was killed).
Result<ProcessResult> run_process(const ProcessOptions& options);

// The file that `program` names in PATH. Errors: none, with `package` as what to install.
Result<std::filesystem::path> find_program(const std::string& program, std::string_view package);

// Turns the first Ctrl-C (or SIGTERM, SIGHUP) into interrupted(), so that callers unwind and remove what they made;
// a second one ends the program at once. For apps.
void catch_interrupts();
[[nodiscard]] bool interrupted();

}  // namespace mote
