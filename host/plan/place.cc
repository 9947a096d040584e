// Placement. Every left-justified placement is the first-fit result of some order (place buffers by rising offset), and
// an optimal placement can always be left-justified, so searching first-fit orders loses nothing.
#include "host/plan/place.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

namespace mote {
namespace {

constexpr std::int64_t kSearchBudget = 300'000;  // placements tried; well under a second

constexpr std::size_t kExchangeBudget = 10'000'000;  // pairs of buffers looked at

using Order = std::vector<std::size_t>;

bool alive_together(const Buffer& a, const Buffer& b) { return a.first <= b.last && b.first <= a.last; }

class Placer {
 public:
  Placer(std::span<const Buffer> buffers, std::span<const Lead> leads)
      : buffers_(buffers), offset_(buffers.size(), -1) {
    neighbours_.resize(buffers.size());
    for (std::size_t a = 0; a < buffers.size(); ++a) {
      for (std::size_t b = 0; b < buffers.size(); ++b) {
        if (a != b && alive_together(buffers[a], buffers[b]))
          neighbours_[a].push_back({b, buffers[a].size_bytes, buffers[b].size_bytes});
      }
    }
    for (const Lead& lead : leads) {
      const auto below = static_cast<std::size_t>(lead.below);
      const auto above = static_cast<std::size_t>(lead.above);
      for (Neighbour& n : neighbours_[below]) n.above_me = n.other == above ? lead.lead_bytes : n.above_me;
      for (Neighbour& n : neighbours_[above]) n.below_me = n.other == below ? lead.lead_bytes : n.below_me;
    }
    // It rises only where a buffer begins.
    for (const Buffer& at : buffers) bound_ = std::max(bound_, distinct_bytes(buffers, leads, at.first));
  }

  Placed run() {
    const std::vector<std::function<bool(std::size_t, std::size_t)>> orders = {
        [&](std::size_t a, std::size_t b) { return buffers_[a].size_bytes > buffers_[b].size_bytes; },
        [&](std::size_t a, std::size_t b) { return buffers_[a].first < buffers_[b].first; },
        [&](std::size_t a, std::size_t b) { return area(a) > area(b); },
        [&](std::size_t a, std::size_t b) { return length(a) > length(b); },
        // Outputs before the inputs that they reach into, which have to lie above them.
        [&](std::size_t a, std::size_t b) { return buffers_[a].first > buffers_[b].first; },
        [&](std::size_t a, std::size_t b) {
          return std::pair(buffers_[a].size_bytes, buffers_[a].first) >
                 std::pair(buffers_[b].size_bytes, buffers_[b].first);
        },
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
    if (best_ > bound_ && steps_ > kSearchBudget) exchange();
    return {best_offset_, best_, bound_};
  }

 private:
  std::int64_t length(std::size_t i) const { return buffers_[i].last - buffers_[i].first + 1; }
  std::int64_t area(std::size_t i) const { return length(i) * buffers_[i].size_bytes; }

  // The lowest offset at which buffer i agrees with every placed neighbour.
  std::int64_t first_fit(std::size_t i) {
    taken_.clear();
    for (const Neighbour& n : neighbours_[i]) {
      if (offset_[n.other] >= 0) taken_.emplace_back(offset_[n.other] - n.above_me, offset_[n.other] + n.below_me);
    }
    std::sort(taken_.begin(), taken_.end());
    std::int64_t at = 0;
    for (const auto& [begin, end] : taken_) {
      if (at <= begin) break;
      at = std::max(at, end);
    }
    return at;
  }

  void keep_if_better(std::int64_t peak) {
    if (!best_offset_.empty() && peak >= best_) return;
    best_ = peak;
    best_offset_ = offset_;
  }

  // Moves what reaches highest, or something at random, forward in the order of the best placement, while that helps.
  void exchange() {
    std::mt19937 random(1);
    Order order(buffers_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return best_offset_[a] < best_offset_[b]; });
    const std::size_t tries = kExchangeBudget / (buffers_.size() * buffers_.size());
    std::int64_t height = best_;
    for (std::size_t i = 0; i < tries && best_ > bound_; ++i) {
      Order other = order;
      std::size_t from = random() % other.size();
      if (i % 2 == 0) {
        for (std::size_t k = 0; k < other.size(); ++k) {
          if (offset_[other[k]] + buffers_[other[k]].size_bytes == height) from = k;
        }
      }
      const std::size_t to = random() % (from + 1);
      std::rotate(other.begin() + static_cast<std::ptrdiff_t>(to), other.begin() + static_cast<std::ptrdiff_t>(from),
                  other.begin() + static_cast<std::ptrdiff_t>(from) + 1);
      const std::int64_t peak = greedy(other);
      if (peak > height) continue;
      height = peak;
      order = std::move(other);
    }
  }

  std::int64_t greedy(const Order& order) {
    std::fill(offset_.begin(), offset_.end(), -1);
    std::int64_t peak = 0;
    for (const std::size_t i : order) {
      offset_[i] = first_fit(i);
      peak = std::max(peak, offset_[i] + buffers_[i].size_bytes);
    }
    keep_if_better(peak);
    return peak;
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
  // A buffer that is alive together with another, and how far apart their beginnings must be.
  struct Neighbour {
    std::size_t other;
    std::int64_t above_me;  // where the other lies above
    std::int64_t below_me;  // where the other lies below
  };

  std::vector<std::vector<Neighbour>> neighbours_;
  std::vector<std::int64_t> offset_;
  std::vector<std::pair<std::int64_t, std::int64_t>> taken_;  // first_fit's open intervals that are excluded
  std::vector<std::int64_t> best_offset_;
  std::int64_t best_ = 0;
  std::int64_t bound_ = 0;
  std::int64_t steps_ = 0;
};

}  // namespace

std::int64_t distinct_bytes(std::span<const Buffer> buffers, std::span<const Lead> leads, std::int64_t step) {
  const auto alive = [&](const Buffer& b) { return b.first <= step && step <= b.last; };
  std::int64_t sum = 0;
  for (const Buffer& b : buffers) sum += alive(b) ? b.size_bytes : 0;
  for (const Lead& lead : leads) {
    const Buffer& below = buffers[static_cast<std::size_t>(lead.below)];
    const Buffer& above = buffers[static_cast<std::size_t>(lead.above)];
    if (alive(below) && alive(above)) sum -= std::min(below.size_bytes - lead.lead_bytes, above.size_bytes);
  }
  return sum;
}

Placed place_buffers(std::span<const Buffer> buffers, std::span<const Lead> leads) {
  return Placer(buffers, leads).run();
}

}  // namespace mote
