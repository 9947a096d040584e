// Brings recordings into a project's store: finds them, says what they are, reads them on all cores, and tells what
// became of each.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/base/parallel.h"
#include "host/data/dataset.h"

namespace mote::data {

struct ImportOptions {
  std::filesystem::path from;  // a folder, a file, a manifest (.csv, .tsv with a column `path`), a list (.txt of paths)
  std::string label;           // of all; empty: from the manifest, the pattern, or the folder a file lies in
  std::string label_pattern;   // regular expression over the path; its first group is the label
  std::string group_pattern;   // the same for the group; empty: the speaker of `<speaker>_nohash_<n>`, or the file
  std::optional<Split> split;  // of all
  std::string origin = "real";
  std::string key;            // of Edge Impulse signatures
  double series_rate_hz = 0;  // of series that do not state it
  double window_ms = 0;       // cut into windows of this length; 0: whole
  double stride_ms = 0;       // from one to the next; 0: the window's length
};

// A file that was not imported, and why.
struct Problem {
  std::string file;
  std::string what;
};

struct ImportReport {
  std::size_t files = 0;
  std::size_t added = 0;
  std::size_t duplicates = 0;
  std::size_t mixed = 0;
  std::size_t resampled = 0;
  std::size_t narrow = 0;
  std::size_t clipped = 0;  // recordings with samples beyond full scale
  std::size_t unverified = 0;
  std::size_t ignored = 0;  // files of other kinds
  double seconds = 0;       // of what was added
  std::map<std::string, std::size_t> labels;
  std::vector<Problem> broken;
  std::vector<Problem> too_short;
  std::vector<Problem> conflicts;

  [[nodiscard]] std::size_t refused() const { return broken.size() + too_short.size() + conflicts.size(); }
};

// What was stored stays when it is interrupted; the next run of the same import adds the rest.
// Errors: nothing to import; a manifest that cannot be read, with its line; a pattern that is none; disk full.
Result<ImportReport> import_data(const Project& project, const ImportOptions& options, const Progress& progress = {});

}  // namespace mote::data
