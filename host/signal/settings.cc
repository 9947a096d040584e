// From settings to a configuration.
#include "host/signal/settings.h"

namespace mote::signal {

Result<FrontEnd> front_end_of(const Project& project) {
  FrontEndConfig c;
  MOTE_LET(block, parse_block(project.text("signal.block")));
  c.block = block;
  if (block == Block::micro) {
    c = micro_front_end_config(project.states("signal.hop_ms") ? project.real("signal.hop_ms") : 20);
    c.micro.tables = project.text("signal.micro_tables") == "graph" ? MicroTables::graph : MicroTables::library;
  }
  // Block micro has defaults of its own: what the project does not state stays as published.
  const auto wanted = [&](const char* name) { return block != Block::micro || project.states(name); };
  const auto integer = [&](const char* name) { return static_cast<int>(project.integer(name)); };
  c.sample_rate_hz = integer("data.sample_rate_hz");
  if (wanted("signal.frame_ms")) c.frame_ms = project.real("signal.frame_ms");
  if (wanted("signal.hop_ms")) c.hop_ms = project.real("signal.hop_ms");
  if (wanted("signal.window")) c.window = project.text("signal.window") == "hamming" ? Window::hamming : Window::hann;
  if (wanted("signal.pre_emphasis")) c.pre_emphasis = project.real("signal.pre_emphasis");
  if (wanted("signal.bands")) c.bands = integer("signal.bands");
  if (wanted("signal.low_hz")) c.low_hz = project.real("signal.low_hz");
  if (wanted("signal.high_hz")) c.high_hz = project.real("signal.high_hz");
  if (wanted("signal.mel_scale")) {
    c.mel_scale = project.text("signal.mel_scale") == "slaney" ? MelScale::slaney : MelScale::htk;
  }
  if (wanted("signal.floor_log2")) c.floor_log2 = project.real("signal.floor_log2");
  if (wanted("signal.coefficients")) c.coefficients = integer("signal.coefficients");
  c.delta_reach = integer("signal.delta_reach");
  c.delta_orders = integer("signal.delta_orders");
  return FrontEnd::create(c);
}

}  // namespace mote::signal
