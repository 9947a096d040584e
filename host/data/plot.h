// A picture of an example: its waveform, and the features that a model would see.
#pragma once

#include <string>

#include "host/data/content.h"
#include "host/signal/extract.h"

namespace mote::data {

// A stand-alone SVG. `features` may be empty; `hop_s` is the time from row to row.
[[nodiscard]] std::string plot_svg(const Content& content, const signal::Features& features, const std::string& title);

}  // namespace mote::data
