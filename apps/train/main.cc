// mote-train: the part of mote that links libtorch. `mote train` starts it.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "host/base/process.h"
#include "host/driver/learn.h"

namespace {

using Clock = std::chrono::steady_clock;

std::string bar(double part) {
  constexpr int kWidth = 24;
  const auto full = static_cast<int>(part * kWidth);
  return std::string(static_cast<std::size_t>(full), '#') + std::string(static_cast<std::size_t>(kWidth - full), '.');
}

std::string time_text(double seconds) {
  const auto s = static_cast<int>(seconds);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

// One line that is rewritten on a terminal; elsewhere only what is final is printed.
class Display {
 public:
  void prepare(const std::string& stage, std::size_t done, std::size_t all) {
    if (is_terminal_) fmt::print(stderr, "\r{} [{}] {}/{} ", stage, bar(part(done, all)), done, all);
    if (is_terminal_ && done == all) fmt::print(stderr, "\r\033[K");
  }
  void train(const mote::train::TrainProgress& p) {
    const double done = p.epoch - 1 + part(p.batch, p.batches);
    if (first_ < 0) first_ = p.epoch - 1, begin_ = Clock::now();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    const double left = seconds / std::max(done - first_, 1e-3) * (p.epochs - done);
    if (p.finished != nullptr) {
      const auto& e = *p.finished;
      if (is_terminal_) fmt::print(stderr, "\r\033[K");
      fmt::print("epoch {:3} {} loss {:.4f} accuracy {:5.1f} %   validation loss {:.4f} accuracy {:5.2f} %\n", e.number,
                 e.quantized ? "int8 " : "float", e.train_loss, 100 * e.train_accuracy, e.validation_loss,
                 100 * e.validation_accuracy);
      std::fflush(stdout);
    } else if (is_terminal_) {
      fmt::print(stderr, "\repoch {}/{} [{}] loss {:.4f} accuracy {:.1f} %  at most {} left ", p.epoch, p.epochs,
                 bar(part(p.batch, p.batches)), p.loss, 100 * p.accuracy, time_text(left));
    }
  }

 private:
  static double part(std::size_t done, std::size_t all) {
    return all == 0 ? 1 : static_cast<double>(done) / static_cast<double>(all);
  }
  bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  double first_ = -1;
  Clock::time_point begin_;
};

mote::Status train(const std::string& folder, const std::vector<std::string>& settings, bool restart, bool layers) {
  MOTE_LET(project, mote::Project::open(folder));
  for (const std::string& assignment : settings) MOTE_TRY(project.set(assignment));
  Display display;
  mote::LearnOptions options;
  options.train = mote::train::train;
  options.restart = restart;
  options.each_layer = layers;
  options.prepare_progress = [&](const auto& stage, std::size_t done, std::size_t all) {
    display.prepare(stage, done, all);
  };
  options.train_progress = [&](const auto& p) { display.train(p); };
  MOTE_LET(learned, mote::learn(project, options));
  fmt::print("\n{} parameters, {} multiplications; validation accuracy {:.2f} % in float, {:.2f} % in int8\n",
             learned.parameters, learned.macs, 100 * learned.float_accuracy, 100 * learned.int8_accuracy);
  fmt::print("{:<16} {:<20} {:>8}{}\n", "layer", "operator", "SQNR dB", layers ? "  only it in int8  all but it" : "");
  for (const mote::LayerLoss& l : learned.losses) {
    fmt::print("{:<16} {:<20} {:>8.1f}{}\n", l.name, l.op, l.sqnr_db,
               layers ? fmt::format("  {:>13.2f} %  {:>8.2f} %", 100 * l.score_only, 100 * l.score_but) : "");
  }
  fmt::print("wrote {}\n", mote::model_file(project).string());
  return {};
}

int run(int argc, char** argv) {
  CLI::App app{"Trains the model of a project, quantises it and writes it as .tflite.", "mote train"};
  std::string folder = ".";
  std::vector<std::string> settings;
  bool restart = false;
  bool layers = false;
  app.add_option("--project", folder, "The project's folder")->capture_default_str();
  app.add_option("--set", settings, "A setting for this run, as section.key=value");
  app.add_flag("--restart", restart, "Begin anew instead of going on from the last finished epoch");
  app.add_flag("--layers", layers, "Measure the accuracy with each layer alone in int8, and alone in float");
  CLI11_PARSE(app, argc, argv);
  mote::catch_interrupts();
  if (const mote::Status status = train(folder, settings, restart, layers); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.error().text().c_str());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
