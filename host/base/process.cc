// Processes through fork, exec and poll.
#include "host/base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace mote {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");

extern "C" void on_interrupt(int /*signal*/) { g_interrupted.store(true); }

// A pipe whose ends close themselves.
struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) == 0) read_end = ends[0], write_end = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() { close_read(), close_write(); }
  [[nodiscard]] bool ok() const { return read_end >= 0; }
  void close_read() { close_end(read_end); }
  void close_write() { close_end(write_end); }

 private:
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

// Moves what is ready into `text`; closes the pipe at its end.
void drain(Pipe& pipe, std::string& text) {
  std::array<char, 16384> buffer{};
  const ssize_t n = read(pipe.read_end, buffer.data(), buffer.size());
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) return pipe.close_read();
  const std::size_t room = kMaxCaptureBytes - std::min(kMaxCaptureBytes, text.size());
  text.append(buffer.data(), std::min(room, static_cast<std::size_t>(n)));
}

// What the child does between fork and exec: async-signal-safe calls only. Reports errno through `report`.
[[noreturn]] void become(char* const* argv, const char* program, const char* folder, pid_t parent, const Pipe& in,
                         const Pipe& out, const Pipe& err, const Pipe& report) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before prctl
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (dup2(in.read_end, 0) >= 0 && dup2(out.write_end, 1) >= 0 && dup2(err.write_end, 2) >= 0 &&
      (*folder == '\0' || chdir(folder) == 0)) {
    execv(program, argv);
  }
  const int code = errno;
  [[maybe_unused]] const ssize_t written = write(report.write_end, &code, sizeof code);
  _exit(127);
}

// A started child; killed with its group and reaped if still there.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (reaped_) return;
    send(SIGKILL);
    waitpid(id_, nullptr, 0);
  }
  void send(int signal) const { kill(-id_, signal); }
  // True once it has ended; fills status and signal.
  bool poll_end(ProcessResult& result) {
    int status = 0;
    if (!reaped_ && waitpid(id_, &status, WNOHANG) == id_) {
      reaped_ = true;
      if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
      send(SIGKILL);  // whatever it left running in its group
    }
    return reaped_;
  }

 private:
  pid_t id_;
  bool reaped_ = false;
};

}  // namespace

Result<fs::path> find_program(const std::string& program, std::string_view package) {
  const auto usable = [](const fs::path& path) { return !fs::is_directory(path) && access(path.c_str(), X_OK) == 0; };
  if (program.find('/') != std::string::npos) {
    if (usable(program)) return fs::absolute(program);
  } else {
    const char* variable = std::getenv("PATH");
    std::string_view rest = variable != nullptr ? variable : "";
    while (!rest.empty()) {
      const std::size_t colon = rest.find(':');
      const fs::path path = fs::path(rest.substr(0, colon)) / program;
      if (usable(path)) return path;
      rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    }
  }
  return Error{"program not found", program,
               package.empty() ? "check PATH" : fmt::format("apt-get install {}", package)};
}

Result<ProcessResult> run_process(const ProcessOptions& options) {
  if (options.argv.empty()) return Error{"no program given", "", ""};
  const std::string& name = options.argv.front();
  MOTE_LET(program, find_program(name, ""));
  std::vector<char*> argv;
  for (const std::string& argument : options.argv) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  Pipe in, out, err, report;
  if (!in.ok() || !out.ok() || !err.ok() || !report.ok()) {
    return Error{fmt::format("no pipe: {}", std::strerror(errno)), name, ""};
  }
  const std::string folder = options.folder.string();
  const pid_t parent = getpid();
  const pid_t id = fork();
  if (id < 0) return Error{fmt::format("cannot be started: {}", std::strerror(errno)), name, ""};
  if (id == 0) become(argv.data(), program.c_str(), folder.c_str(), parent, in, out, err, report);
  setpgid(id, id);  // here too, so that the group exists whoever runs first
  Child child(id);
  // The read end stays open where words may be written, so that a child that just ended cannot cause SIGPIPE.
  out.close_write(), err.close_write(), report.close_write();
  if (options.last_words.empty()) in.close_read(), in.close_write();

  int code = 0;
  ssize_t reported = 0;
  do {
    reported = read(report.read_end, &code, sizeof code);
  } while (reported < 0 && errno == EINTR);
  if (reported > 0) return Error{fmt::format("cannot be started: {}", std::strerror(code)), name, ""};

  ProcessResult result;
  const auto begin = Clock::now();
  const auto deadline = begin + options.timeout;
  constexpr std::chrono::seconds kGrace{2};
  constexpr int kSliceMs = 50;  // how late an interrupt may be seen
  bool killed = false;
  while (true) {
    if (interrupted()) return Error{"interrupted", name, ""};
    const bool ended = child.poll_end(result);
    if (ended && out.read_end < 0 && err.read_end < 0) break;
    const auto now = Clock::now();
    if (!ended && options.timeout.count() > 0) {
      if (!result.timed_out && now >= deadline) {
        result.timed_out = true;
        const std::string& words = options.last_words;
        if (words.empty()) {
          child.send(SIGTERM);
        } else {
          // Far below a pipe's capacity, so it cannot block.
          [[maybe_unused]] const ssize_t n = write(in.write_end, words.data(), words.size());
        }
      }
      if (!killed && now >= deadline + kGrace) {
        killed = true;
        child.send(SIGKILL);
      }
    }
    std::array<pollfd, 2> waiting{{{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}}};
    int wait_ms = kSliceMs;
    if (!ended && options.timeout.count() > 0 && !result.timed_out) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now).count() + 1;
      wait_ms = static_cast<int>(std::min<std::int64_t>(left, kSliceMs));
    }
    // Both pipes closed but still running: there is nothing to poll for but its end.
    if (out.read_end < 0 && err.read_end < 0) wait_ms = std::min(wait_ms, 5);
    if (poll(waiting.data(), waiting.size(), wait_ms) <= 0) continue;
    if (waiting[0].revents != 0) drain(out, result.out);
    if (waiting[1].revents != 0) drain(err, result.err);
  }
  return result;
}

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

bool interrupted() { return g_interrupted.load(); }

}  // namespace mote
