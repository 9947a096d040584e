// An in-order pipeline that takes one instruction after the other and says how many cycles each one adds.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "host/cycles/timing.h"

namespace mote {

class Pipeline {
 public:
  explicit Pipeline(const TimingTable& table) : table_(table) {}

  // What the next instruction costs, and what it makes the one before it cost more (a load that it does not follow
  // closely, a branch whose target it is).
  struct Cost {
    double own = 0;
    double before = 0;
  };
  // `taken`: control came here by a branch, not from the instruction before.
  Cost step(const Instruction& in, std::uint64_t address, bool taken);

 private:
  [[nodiscard]] double tail(const Instruction& next) const;
  [[nodiscard]] double refill(const Instruction& target, std::uint64_t address) const;
  [[nodiscard]] double operands_at(const Instruction& in) const;
  [[nodiscard]] bool pairs(const Instruction& in) const;

  const TimingTable& table_;
  double now_ = 0;                  // when the next instruction may begin
  std::array<double, 64> ready_{};  // when an instruction that uses the register as usual may begin
  std::array<const ClassTiming*, 64> maker_{};
  std::array<bool, 64> by_load_{};
  std::map<std::string, double> unit_free_;
  Instruction last_{};
  bool has_last_ = false;
  double last_start_ = 0;
  bool last_is_second_ = false;  // of a pair
  bool last_paired_after_flags_ = false;
};

}  // namespace mote
