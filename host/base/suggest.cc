// Edit distance over a short list of names.
#include "host/base/suggest.h"

#include <algorithm>
#include <numeric>

namespace mote {
namespace {

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  constexpr std::size_t kLongestName = 64;  // nobody means a known name with a longer one
  if (name.size() > kLongestName) return "";
  std::string best;
  std::size_t fewest = std::max<std::size_t>(name.size() / 2, 2) + 1;
  for (const std::string& candidate : known) {
    if (const std::size_t n = edits(name, candidate); n < fewest) fewest = n, best = candidate;
  }
  return best;
}

}  // namespace mote
