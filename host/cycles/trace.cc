// A line at a time.
#include "host/cycles/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "host/base/file.h"

namespace mote {
namespace {

// The words of a line, read as hexadecimal numbers.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}
  std::string_view word() {
    const std::size_t begin = std::min(rest_.find_first_not_of(' '), rest_.size());
    const std::size_t end = std::min(rest_.find(' ', begin), rest_.size());
    const std::string_view out = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end);
    return out;
  }
  std::uint64_t number() {
    std::uint64_t out = 0;
    const std::string_view text = word();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
    if (error != std::errc() || end != text.data() + text.size()) ok_ = false;
    return out;
  }
  void code(std::array<std::uint8_t, 8>& out) {
    const std::string_view text = word();
    if (text.empty() || text.size() > 2 * out.size() || text.size() % 2 != 0) ok_ = false;
    for (std::size_t i = 0; ok_ && i < text.size(); i += 2) {
      const auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, out[i / 2], 16);
      if (error != std::errc() || end != text.data() + i + 2) ok_ = false;
    }
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool is_consistent(const Trace& trace) {
  for (const auto& [id, block] : trace.blocks) {
    if (block.instructions.empty()) return false;
  }
  for (const auto& [id, call] : trace.calls) {
    if (id == 0 || (call.entry == 0 && call.parent != 0) || (call.parent != 0 && !trace.calls.contains(call.parent)) ||
        call.parent >= id)
      return false;
  }
  const auto is_there = [&](std::uint64_t call) { return call == 0 || trace.calls.contains(call); };
  if (!std::ranges::all_of(trace.windows, is_there, &TracedWindow::call)) return false;
  return std::ranges::all_of(trace.edges, [&](const TracedEdge& e) {
    const auto block = trace.blocks.find(e.block);
    return block != trace.blocks.end() && e.first <= e.last && e.first < block->second.instructions.size() &&
           e.last <= block->second.instructions.size() && is_there(e.call) &&
           (e.previous == 0 || trace.blocks.contains(e.previous));
  });
}

}  // namespace

Result<Trace> read_trace(const std::filesystem::path& path) {
  MOTE_LET(text, read_text_file(path));
  Trace out;
  TracedBlock* block = nullptr;
  std::uint64_t missing = 0;
  bool ended = false;
  std::size_t number = 0;
  std::string_view rest = text;
  while (!rest.empty() && !ended) {
    ++number;
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;
    Fields fields(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    const std::string_view kind = fields.word();
    bool known = true;
    if (kind == "i" && block != nullptr && missing > 0) {
      TracedInstruction& in = block->instructions.emplace_back();
      in.address = fields.number();
      fields.code(in.code);
      for (std::uint64_t* value : {&in.reads, &in.writes, &in.read_bytes, &in.written_bytes, &in.unaligned}) {
        *value = fields.number();
      }
      --missing;
    } else if (missing > 0) {
      known = false;
    } else if (kind == "b") {
      const std::uint64_t id = fields.number();
      missing = fields.number();
      block = &out.blocks[id];
      known = id != 0 && block->instructions.empty();
    } else if (kind == "n") {
      const std::uint64_t id = fields.number();
      TracedCall& call = out.calls[id];
      call.parent = fields.number();
      call.entry = fields.number();
      call.lowest_sp = fields.number();
    } else if (kind == "e") {
      TracedEdge& e = out.edges.emplace_back();
      for (std::uint64_t* value :
           {&e.call, &e.block, &e.previous, &e.first, &e.last, &e.count, &e.reads, &e.writes, &e.unaligned}) {
        *value = fields.number();
      }
    } else if (kind == "w") {
      TracedWindow& window = out.windows.emplace_back();
      for (std::uint64_t* value : {&window.instructions, &window.call, &window.sp}) *value = fields.number();
    } else if (kind == "p") {
      TracedWait& wait = out.waits.emplace_back();
      wait.address = fields.number();
      wait.count = fields.number();
    } else if (kind == "h") {
      out.hang = fields.number();
    } else {
      ended = kind == "end";
      known = ended;
    }
    if (!known || !fields.ok()) {
      return Error{fmt::format("line {} of the trace is not understood", number), path.string(), ""};
    }
  }
  if (!ended) return Error{fmt::format("the trace is cut after line {}", number), path.string(), "run it again"};
  if (!is_consistent(out)) return Error{"the trace refers to what is not in it", path.string(), "run it again"};
  return out;
}

}  // namespace mote
