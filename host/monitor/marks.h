// The lines that a chip prints of its layers (ports/marks/mote_marks.h), read back from a stream that may lose some of
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mote {

// One inference.
struct MarkedRun {
  std::string model;
  std::uint32_t run = 0;  // counted by the chip
  std::uint32_t clock_hz = 0;
  std::vector<std::uint32_t> cycles;  // by layer
  std::uint64_t total = 0;
};

// What did not arrive whole.
struct MarkLosses {
  std::uint64_t damaged_lines = 0;  // wrong check sum, or no line of ours
  std::uint64_t cut_runs = 0;       // begun, but not complete
  std::uint64_t missing_runs = 0;   // numbers that never came
  std::uint64_t restarts = 0;       // the chip counted from a smaller number again
};

// Takes bytes as they come and gives whole runs; after damage it goes on with the next run that begins.
class MarkReader {
 public:
  // The runs that these bytes complete.
  std::vector<MarkedRun> feed(std::string_view bytes);
  // What remains is a line that was cut.
  void end();
  [[nodiscard]] const MarkLosses& losses() const { return losses_; }

 private:
  void line(std::string_view text, std::vector<MarkedRun>& out);
  void abandon();

  std::string rest_;
  bool too_long_ = false;
  std::optional<MarkedRun> open_;
  std::size_t layers_ = 0;
  std::optional<std::uint32_t> last_run_;
  MarkLosses losses_;
};

}  // namespace mote
