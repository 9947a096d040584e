// Reads what `readelf --debug-dump=decodedline` prints.
#include "host/cycles/places.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "host/base/process.h"

namespace mote {

Result<LineTable> LineTable::read(const std::filesystem::path& program) {
  constexpr std::chrono::minutes kLimit{1};
  MOTE_LET(readelf, find_program("readelf", "binutils"));
  MOTE_LET(
      dump,
      run_process(
          {{"env", "LC_ALL=C", readelf.string(), "-W", "--debug-dump=decodedline", program.string()}, {}, kLimit, ""}));
  LineTable out;
  std::map<std::string, std::size_t> known;
  // "name.cc   12   0x1a2   x", or "-" for the line where a sequence ends.
  std::istringstream lines(dump.out);
  for (std::string text; std::getline(lines, text);) {
    std::istringstream words(text);
    std::vector<std::string> word;
    for (std::string w; words >> w;) word.push_back(std::move(w));
    std::size_t at = 2;
    while (at < word.size() && !word[at].starts_with("0x")) ++at;
    if (at >= word.size()) continue;
    const std::string& number = word[at - 1];
    const bool ends = number == "-";
    if (!ends && !std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; })) continue;
    std::string file = word[0];
    for (std::size_t i = 1; i + 1 < at; ++i) file += " " + word[i];
    const std::size_t index = known.try_emplace(file, known.size()).first->second;
    if (index == out.files_.size()) out.files_.push_back(file);
    constexpr std::size_t kMostDigits = 9;
    out.rows_.push_back(
        {std::stoull(word[at], nullptr, 16), index, ends || number.size() > kMostDigits ? 0 : std::stoi(number), ends});
  }
  // Where a sequence ends and another begins, the beginning counts.
  std::ranges::stable_sort(out.rows_, [](const Row& a, const Row& b) {
    return a.address != b.address ? a.address < b.address : a.ends && !b.ends;
  });
  return out;
}

SourceLine LineTable::at(std::uint64_t address) const {
  auto row = std::ranges::upper_bound(rows_, address, {}, &Row::address);
  if (row == rows_.begin()) return {};
  --row;
  return row->ends ? SourceLine{} : SourceLine{files_[row->file], row->line};
}

}  // namespace mote
