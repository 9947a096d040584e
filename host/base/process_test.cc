// Processes: what they print, how they end, and that none survives.
#include "host/base/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "host/base/file.h"

namespace mote {
namespace {

using namespace std::chrono_literals;

TEST(Process, CapturesBothStreamsAndTheStatus) {
  auto result = run_process({{"sh", "-c", "echo out; echo err >&2; exit 7"}, {}, 5s, ""});
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_EQ(result.value().out, "out\n");
  EXPECT_EQ(result.value().err, "err\n");
  EXPECT_EQ(result.value().status, 7);
  EXPECT_FALSE(result.value().succeeded());
}

TEST(Process, PassesArgumentsUntouchedAndRunsInTheFolder) {
  auto folder = TemporaryFolder::create("mote-process");
  ASSERT_TRUE(folder.ok());
  auto result = run_process({{"sh", "-c", "pwd; printf %s \"$1\"", "sh", "a b;$(x)'"}, folder.value().path(), 5s, ""});
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_EQ(result.value().out, std::filesystem::canonical(folder.value().path()).string() + "\na b;$(x)'");
}

TEST(Process, ReportsTheSignal) {
  auto result = run_process({{"sh", "-c", "kill -SEGV $$"}, {}, 5s, ""});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().signal, SIGSEGV);
}

TEST(Process, TimeLimitKillsTheWholeGroup) {
  const auto begin = std::chrono::steady_clock::now();
  // The grandchild inherits the pipes: the call could not return while it lived.
  auto result = run_process({{"sh", "-c", "sleep 100 & sleep 100"}, {}, 100ms, ""});
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.value().timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(Process, LastWordsReachItsInput) {
  auto result = run_process({{"sh", "-c", "read line; echo got $line"}, {}, 100ms, "stop\n"});
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.value().timed_out);
  EXPECT_EQ(result.value().out, "got stop\n");
}

TEST(Process, KeepsNoMoreThanTheLimit) {
  auto result = run_process({{"head", "-c", "9000000", "/dev/zero"}, {}, 10s, ""});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().status, 0);
  EXPECT_EQ(result.value().out.size(), kMaxCaptureBytes);
}

TEST(Process, MissingProgramNamesThePackage) {
  auto result = run_process({{"no-such-program"}, {}, 1s, ""});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().where, "no-such-program");
  auto found = find_program("no-such-program", "some-package");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().fix, "apt-get install some-package");
}

// In a process of its own, because interrupted() stays true.
TEST(Process, InterruptKillsTheChildAndUnwinds) {
  auto outer = TemporaryFolder::create("mote-process");
  ASSERT_TRUE(outer.ok());
  const auto child_id = outer.value().path() / "child";
  const auto folder_name = outer.value().path() / "folder";
  const pid_t id = fork();
  if (id == 0) {
    catch_interrupts();
    int code = 1;
    {
      auto inner = TemporaryFolder::create("mote-process");
      std::ofstream(folder_name) << inner.value().path().string();
      auto result = run_process({{"sh", "-c",
                                  "echo $$ > " + child_id.string() + ".part; mv " + child_id.string() + ".part " +
                                      child_id.string() + "; exec sleep 100"},
                                 {},
                                 60s,
                                 ""});
      if (!result.ok() && result.error().what == "interrupted") code = 0;
    }
    _exit(code);
  }
  for (int i = 0; i < 500 && !std::filesystem::exists(child_id); ++i) std::this_thread::sleep_for(10ms);
  pid_t sleeping = 0;
  std::ifstream(child_id) >> sleeping;
  ASSERT_GT(sleeping, 0);
  kill(id, SIGINT);
  int status = 0;
  waitpid(id, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_NE(kill(sleeping, 0), 0);
  std::string folder;
  std::getline(std::ifstream(folder_name), folder);
  ASSERT_FALSE(folder.empty());
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace mote
