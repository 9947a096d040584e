// Streams that are cut and damaged, ports that vanish and return, probes' logs whose energy is known.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <string>

#include "host/base/file.h"
#include "host/monitor/current.h"
#include "host/monitor/marks.h"
#include "host/monitor/port.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::string line(const std::string& text) {
  unsigned sum = 0;
  for (const char c : text) sum ^= static_cast<unsigned char>(c);
  return fmt::format("${}*{:02x}\r\n", text, sum);
}

std::string inference(int run, const std::vector<int>& cycles) {
  std::string out = line(fmt::format("MOTE,1,kws,{},1000000,{}", run, cycles.size()));
  int sum = 0;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    out += line(fmt::format("L,{},{},{}", run, i, cycles[i]));
    sum += cycles[i];
  }
  return out + line(fmt::format("END,{},{}", run, sum));
}

// The check sum of a line worked out by hand: 'A' ^ 'B' is 3.
TEST(Marks, CheckSumIsTheExclusiveOr) { EXPECT_EQ(line("AB"), "$AB*03\r\n"); }

TEST(Marks, WholeRunsComeThroughByteByByte) {
  MarkReader reader;
  std::vector<MarkedRun> runs;
  for (const char c : "hello\r\n" + inference(0, {10, 20}) + inference(1, {11, 21})) {
    for (MarkedRun& r : reader.feed(std::string_view(&c, 1))) runs.push_back(std::move(r));
  }
  reader.end();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[1].model, "kws");
  EXPECT_EQ(runs[1].cycles, (std::vector<std::uint32_t>{11, 21}));
  EXPECT_EQ(runs[1].total, 32U);
  EXPECT_EQ(runs[1].clock_hz, 1000000U);
  EXPECT_EQ(reader.losses().damaged_lines + reader.losses().cut_runs + reader.losses().missing_runs, 0U);
}

// Whatever is cut out of a stream, the runs that arrive are right, and those that do not are counted.
TEST(Marks, ResynchronisesAfterEveryCut) {
  const std::string whole = inference(0, {10, 20}) + inference(1, {11, 21}) + inference(2, {12, 22});
  for (std::size_t begin = 0; begin < whole.size(); ++begin) {
    for (const std::size_t length : {1U, 9U, 40U}) {
      std::string cut = whole;
      cut.erase(begin, length);
      MarkReader reader;
      const std::vector<MarkedRun> runs = reader.feed(cut);
      reader.end();
      const bool only_ends = cut.size() < 2 || begin + length >= whole.size();
      std::uint32_t last = 0;
      for (const MarkedRun& r : runs) {
        EXPECT_EQ(r.cycles, (std::vector<std::uint32_t>{10 + r.run, 20 + r.run})) << begin;
        last = r.run;
      }
      EXPECT_GE(runs.size(), 1U) << begin;
      if (runs.size() < 3) {
        const MarkLosses& l = reader.losses();
        EXPECT_TRUE(l.damaged_lines + l.cut_runs + l.missing_runs > 0 || last < 2 || only_ends || runs.front().run > 0)
            << begin;
      }
    }
  }
}

TEST(Marks, HostileBytesAreOnlyCounted) {
  MarkReader reader;
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 200000; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24);
  }
  EXPECT_TRUE(reader.feed(noise).empty());
  EXPECT_TRUE(reader.feed("$" + std::string(1000000, 'x')).empty());
  EXPECT_TRUE(reader.feed("\n" + line("MOTE,1,kws,0,1,4000000000") + line("L,0,0,1") + line("END,0,1")).empty());
  EXPECT_GT(reader.losses().damaged_lines, 0U);
  EXPECT_EQ(reader.feed(inference(7, {1})).size(), 1U);
}

struct Terminal {
  int master = -1;
  int slave = -1;
  std::string name;

  Terminal() {
    std::array<char, 200> path{};
    if (openpty(&master, &slave, path.data(), nullptr, nullptr) == 0) name = path.data();
  }
  void send(const std::string& text) const { EXPECT_EQ(write(master, text.data(), text.size()), ssize_t(text.size())); }
  void hang_up() {
    close(slave);
    close(master);
    master = slave = -1;
  }
  ~Terminal() {
    if (master >= 0) hang_up();
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
};

TEST(Port, VanishesAndReturns) {
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const fs::path path = work.value().path() / "port";
  constexpr std::chrono::milliseconds kWait{20};
  EXPECT_FALSE(Port::open(path, 115200).ok());
  Terminal first;
  ASSERT_FALSE(first.name.empty());
  fs::create_symlink(first.name, path);
  EXPECT_FALSE(Port::open(path, 12345).ok());
  auto port = Port::open(path, 115200);
  ASSERT_TRUE(port.ok()) << port.error().text();
  std::string got;
  EXPECT_EQ(port.value().read(got, kWait), Port::State::open);  // nothing yet
  first.send("a\r\nb");
  for (int i = 0; i < 100 && got.size() < 4; ++i) EXPECT_EQ(port.value().read(got, kWait), Port::State::open);
  EXPECT_EQ(got, "a\r\nb");
  first.hang_up();
  fs::remove(path);
  Port::State state = Port::State::open;
  for (int i = 0; i < 100 && state != Port::State::gone; ++i) state = port.value().read(got, kWait);
  EXPECT_EQ(state, Port::State::gone);
  EXPECT_EQ(port.value().read(got, kWait), Port::State::gone);
  Terminal second;
  fs::create_symlink(second.name, path);
  for (int i = 0; i < 100 && state != Port::State::open; ++i) state = port.value().read(got, kWait);
  second.send("c");
  for (int i = 0; i < 100 && got.size() < 5; ++i) (void)port.value().read(got, kWait);
  EXPECT_EQ(got, "a\r\nbc");
  EXPECT_EQ(port.value().returns(), 1);
}

TEST(Port, AFileEnds) {
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const fs::path path = work.value().path() / "log.txt";
  ASSERT_TRUE(write_file(path, "abc").ok());
  auto port = Port::open(path, 115200);
  ASSERT_TRUE(port.ok());
  std::string got;
  constexpr std::chrono::milliseconds kWait{1};
  EXPECT_EQ(port.value().read(got, kWait), Port::State::open);
  EXPECT_EQ(port.value().read(got, kWait), Port::State::ended);
  EXPECT_EQ(got, "abc");
  EXPECT_FALSE(Port::open(work.value().path(), 115200).ok());
}

// 1 kHz, 1 mA asleep; inferences of 40 ms at 11 mA from 100 and from 300 ms on, the second half of each at 21 mA.
std::string probe(bool has_marker) {
  std::string out = has_marker ? "time_ms,current_mA,marker\n" : "time_ms,current_mA\n";
  for (int t = 0; t < 500; ++t) {
    const int phase = t >= 300 ? t - 300 : t - 100;
    const bool busy = phase >= 0 && phase < 40;
    const int current = !busy ? 1 : phase < 20 ? 11 : 21;
    out += has_marker ? fmt::format("{},{},{}\n", t, current, busy ? 1 : 0) : fmt::format("{},{}\n", t, current);
  }
  return out;
}

// At 3 V, 20 ms of 11 mA are 660 uJ and 20 ms of 21 mA are 1260 uJ; edges between samples blur a sample's worth.
TEST(Current, EnergyIsDividedAmongTheLayers) {
  auto work = TemporaryFolder::create("mote");
  ASSERT_TRUE(work.ok());
  const fs::path file = work.value().path() / "probe.csv";
  const MarkedRun run{"kws", 0, 1000000, {20000, 20000}, 40000};
  for (const bool has_marker : {false, true}) {
    ASSERT_TRUE(write_file(file, probe(has_marker)).ok());
    auto log = read_current_log(file);
    ASSERT_TRUE(log.ok()) << log.error().text();
    auto energy = measure_energy(log.value(), {run, run}, 3.0);
    ASSERT_TRUE(energy.ok()) << energy.error().text();
    EXPECT_EQ(energy.value().pulses, 2U);
    EXPECT_NEAR(energy.value().layer_j[0], 660e-6, 40e-6);
    EXPECT_NEAR(energy.value().layer_j[1], 1260e-6, 70e-6);
    EXPECT_NEAR(energy.value().inference_j, 1920e-6, 70e-6);
    EXPECT_NEAR(energy.value().idle_w, 3e-3, 0.3e-3);
    MarkedRun longer = run;
    longer.total = 400000;
    EXPECT_FALSE(measure_energy(log.value(), {longer}, 3.0).ok());
    EXPECT_FALSE(measure_energy(log.value(), {}, 3.0).ok());
  }
  for (const char* bad : {"", "a,b\n1,2\n", "time_s,current_a\n1,x\n", "time_s,current_a\n2,1\n1,1\n",
                          "time_s,current_a\n1,1\n2\n", "time_s,current_a\n", "time_s,current_a\n1,nan\n2,1\n"}) {
    ASSERT_TRUE(write_file(file, bad).ok());
    EXPECT_FALSE(read_current_log(file).ok()) << bad;
  }
}

}  // namespace
}  // namespace mote
