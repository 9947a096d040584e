// Draws the bar.
#include "apps/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace mote::cli {
namespace {

std::string duration(double seconds) {
  const auto s = std::lround(seconds);
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace

ProgressBar::ProgressBar(std::string title)
    : title_(std::move(title)), terminal_(isatty(STDERR_FILENO) == 1), begin_(Clock::now()), last_(begin_) {}

ProgressBar::~ProgressBar() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressBar::update(std::size_t done, std::size_t total) {
  const auto now = Clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
  if (now - last_ < pause || total == 0) return;
  last_ = now;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const double spent = std::chrono::duration<double>(now - begin_).count();
  const std::string left = done == 0 ? "?" : duration(spent * (1 - share) / share);
  if (!terminal_) {
    fmt::print(stderr, "{}: {} of {}, {} left\n", title_, done, total, left);
    return;
  }
  constexpr std::size_t kCells = 30;
  const auto full = std::min(kCells, static_cast<std::size_t>(share * kCells));
  fmt::print(stderr, "\r\x1b[K{} [{}{}] {} of {}, {} left", title_, std::string(full, '#'),
             std::string(kCells - full, '.'), done, total, left);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace mote::cli
