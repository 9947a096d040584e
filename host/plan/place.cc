// Placement. Every left-justified placement is the first-fit result of some order (place buffers by rising offset), and
// an optimal placement can always be left-justified, so searching first-fit orders loses nothing.
#include "host/plan/place.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace mote {
namespace {

constexpr std::int64_t kSearchBudget = 300'000;  // placements tried; well under a second

using Order = std::vector<std::size_t>;

bool alive_together(const Buffer& a, const Buffer& b) { return a.first <= b.last && b.first <= a.last; }

class Placer {
 public:
  explicit Placer(std::span<const Buffer> buffers) : buffers_(buffers), offset_(buffers.size(), -1) {
    neighbours_.resize(buffers.size());
    for (std::size_t a = 0; a < buffers.size(); ++a) {
      for (std::size_t b = 0; b < buffers.size(); ++b) {
        if (a != b && alive_together(buffers[a], buffers[b])) neighbours_[a].push_back(b);
      }
    }
    for (const Buffer& at : buffers) {  // the live sum rises only where a buffer begins
      std::int64_t sum = 0;
      for (const Buffer& b : buffers) {
        if (b.first <= at.first && at.first <= b.last) sum += b.size_bytes;
      }
      bound_ = std::max(bound_, sum);
    }
  }

  Placed run() {
    const std::vector<std::function<bool(std::size_t, std::size_t)>> orders = {
        [&](std::size_t a, std::size_t b) { return buffers_[a].size_bytes > buffers_[b].size_bytes; },
        [&](std::size_t a, std::size_t b) { return buffers_[a].first < buffers_[b].first; },
        [&](std::size_t a, std::size_t b) { return area(a) > area(b); },
        [&](std::size_t a, std::size_t b) { return length(a) > length(b); },
    };
    for (const auto& less : orders) {
      Order order(buffers_.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_sort(order.begin(), order.end(), less);
      greedy(order);
      if (best_ == bound_) break;
    }
    if (best_ > bound_) {
      std::fill(offset_.begin(), offset_.end(), -1);
      search(0, 0, 0);
    }
    return {best_offset_, best_, bound_};
  }

 private:
  std::int64_t length(std::size_t i) const { return buffers_[i].last - buffers_[i].first + 1; }
  std::int64_t area(std::size_t i) const { return length(i) * buffers_[i].size_bytes; }

  // The lowest offset at which buffer i meets no placed neighbour.
  std::int64_t first_fit(std::size_t i) {
    taken_.clear();
    for (const std::size_t n : neighbours_[i]) {
      if (offset_[n] >= 0) taken_.emplace_back(offset_[n], offset_[n] + buffers_[n].size_bytes);
    }
    std::sort(taken_.begin(), taken_.end());
    std::int64_t at = 0;
    for (const auto& [begin, end] : taken_) {
      if (at + buffers_[i].size_bytes <= begin) break;
      at = std::max(at, end);
    }
    return at;
  }

  void keep_if_better(std::int64_t peak) {
    if (!best_offset_.empty() && peak >= best_) return;
    best_ = peak;
    best_offset_ = offset_;
  }

  void greedy(const Order& order) {
    std::fill(offset_.begin(), offset_.end(), -1);
    std::int64_t peak = 0;
    for (const std::size_t i : order) {
      offset_[i] = first_fit(i);
      peak = std::max(peak, offset_[i] + buffers_[i].size_bytes);
    }
    keep_if_better(peak);
  }

  // Places one more buffer at an offset no lower than the last; `peak` is the height so far.
  void search(std::size_t placed, std::int64_t floor, std::int64_t peak) {
    if (placed == buffers_.size()) {
      keep_if_better(peak);
      return;
    }
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      if (offset_[i] >= 0) continue;
      if (best_ == bound_ || ++steps_ > kSearchBudget) return;
      const std::int64_t at = first_fit(i);
      const std::int64_t height = std::max(peak, at + buffers_[i].size_bytes);
      if (at < floor || height >= best_) continue;
      offset_[i] = at;
      search(placed + 1, at, height);
      offset_[i] = -1;
    }
  }

  std::span<const Buffer> buffers_;
  std::vector<std::vector<std::size_t>> neighbours_;
  std::vector<std::int64_t> offset_;
  std::vector<std::pair<std::int64_t, std::int64_t>> taken_;
  std::vector<std::int64_t> best_offset_;
  std::int64_t best_ = 0;
  std::int64_t bound_ = 0;
  std::int64_t steps_ = 0;
};

}  // namespace

Placed place_buffers(std::span<const Buffer> buffers) { return Placer(buffers).run(); }

}  // namespace mote
