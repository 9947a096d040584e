// What can be wrong with a data set before anything is learned from it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/data/dataset.h"

namespace mote::data {

struct ClassCount {
  std::size_t count[3] = {};  // by split
  std::size_t synthetic = 0;
  std::size_t groups = 0;
  double seconds = 0;
  double shortest_s = 0;
  double median_s = 0;
  double longest_s = 0;
};

struct Stats {
  std::vector<std::string> classes;
  std::vector<ClassCount> counts;
  std::size_t shorter = 0;  // than the model's clip: padded
  std::size_t longer = 0;   // of which the loudest part is taken
  std::string hash;
};
[[nodiscard]] Stats stats_of(const Dataset& dataset);

struct CheckReport {
  std::vector<std::string> errors;    // training on this would mislead
  std::vector<std::string> warnings;  // worth knowing
  std::size_t files = 0;              // contents read and compared with their hashes
  std::size_t groups = 0;
};

// That no group, no recording and no content is in two splits; that every file holds what its hash says; that every
// class has examples to learn from, to choose by and to test with.
[[nodiscard]] CheckReport check(const Dataset& dataset);

}  // namespace mote::data
