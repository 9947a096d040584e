// A line at a time; a run is open from its head to its end.
#include "host/monitor/marks.h"

#include <algorithm>
#include <charconv>

namespace mote {
namespace {

constexpr std::size_t kLongestLine = 200;
constexpr std::uint32_t kMostLayers = 256;

std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t comma = text.find(',');
    out.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::optional<std::uint32_t> number(std::string_view text, int base = 10) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// What stands between '$' and '*', where the check sum is right.
std::optional<std::string_view> payload(std::string_view line) {
  const std::size_t begin = line.rfind('$');  // a cut line may stand before the next one
  if (begin == std::string_view::npos) return std::nullopt;
  line.remove_prefix(begin + 1);
  const std::size_t star = line.find('*');
  if (star == std::string_view::npos || line.size() != star + 3) return std::nullopt;
  unsigned sum = 0;
  for (const char c : line.substr(0, star)) sum ^= static_cast<unsigned char>(c);
  if (number(line.substr(star + 1), 16) != sum) return std::nullopt;
  return line.substr(0, star);
}

}  // namespace

void MarkReader::abandon() {
  if (open_) ++losses_.cut_runs;
  open_.reset();
}

void MarkReader::line(std::string_view text, std::vector<MarkedRun>& out) {
  if (text.find_first_not_of(" \t\r") == std::string_view::npos) return;
  const auto inner = payload(text);
  if (!inner) {
    // What else a program prints is no loss, but a line of ours that is cut is.
    if (text.find('$') != std::string_view::npos || text.find('*') != std::string_view::npos) ++losses_.damaged_lines;
    return;
  }
  const std::vector<std::string_view> f = fields_of(*inner);
  std::vector<std::optional<std::uint32_t>> n;
  for (const std::string_view field : f) n.push_back(number(field));
  if (f[0] == "MOTE" && f.size() == 6 && n[1] == 1U && n[3] && n[4] && n[5] && *n[5] <= kMostLayers) {
    abandon();
    open_ = MarkedRun{std::string(f[2]), *n[3], *n[4], {}, 0};
    layers_ = *n[5];
  } else if (f[0] == "L" && f.size() == 4 && n[1] && n[2] && n[3]) {
    if (!open_) return;  // of a run whose head was lost: it shows as a missing number
    if (*n[1] != open_->run || *n[2] != open_->cycles.size() || open_->cycles.size() == layers_) return abandon();
    open_->cycles.push_back(*n[3]);
    open_->total += *n[3];
  } else if (f[0] == "END" && f.size() == 3 && n[1] && n[2]) {
    if (!open_) return;
    const bool is_whole =
        *n[1] == open_->run && open_->cycles.size() == layers_ && *n[2] == static_cast<std::uint32_t>(open_->total);
    if (!is_whole) return abandon();
    if (last_run_ && open_->run > *last_run_) losses_.missing_runs += open_->run - *last_run_ - 1;
    if (last_run_ && open_->run <= *last_run_) ++losses_.restarts;
    last_run_ = open_->run;
    out.push_back(*std::move(open_));
    open_.reset();
  } else {
    ++losses_.damaged_lines;
  }
}

std::vector<MarkedRun> MarkReader::feed(std::string_view bytes) {
  std::vector<MarkedRun> out;
  for (const char c : bytes) {
    if (c == '\n') {
      if (too_long_) ++losses_.damaged_lines;
      if (!too_long_) line(rest_.ends_with('\r') ? std::string_view(rest_).substr(0, rest_.size() - 1) : rest_, out);
      rest_.clear();
      too_long_ = false;
    } else if (rest_.size() < kLongestLine) {
      rest_ += c;
    } else {
      too_long_ = true;
    }
  }
  return out;
}

void MarkReader::end() {
  if (rest_.find('$') != std::string::npos) ++losses_.damaged_lines;
  rest_.clear();
  abandon();
}

}  // namespace mote
