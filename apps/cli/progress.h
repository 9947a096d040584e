// A bar on the terminal for long work: share done, and the time that is left.
#pragma once

#include <chrono>
#include <string>

#include "host/base/parallel.h"

namespace mote::cli {

// Draws on stderr when that is a terminal; otherwise it is silent but for a line every ten seconds.
class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();
  void update(std::size_t done, std::size_t total);
  [[nodiscard]] Progress progress() {
    return [this](std::size_t done, std::size_t total) { update(done, total); };
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string title_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point begin_;
  Clock::time_point last_;
};

}  // namespace mote::cli
