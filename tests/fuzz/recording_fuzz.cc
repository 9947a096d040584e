// Any bytes as a recording that somebody brings: Edge Impulse's JSON or CBOR, or a time series as text.
#include "host/data/read.h"
#include "tests/fuzz/run_graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mote::fuzz::require;
  if (size < 1) return 0;
  const std::span<const std::uint8_t> file(data + 1, size - 1);
  mote::data::ReadOptions options;
  options.max_s = 60;
  if ((data[0] & 4U) != 0) options.series_rate_hz = 100;
  if ((data[0] & 8U) != 0) options.key = "a key";
  const auto kind = static_cast<mote::data::Kind>(data[0] >> 4U & 1U);  // sound or series
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const auto read = (data[0] & 3U) == 0   ? mote::data::read_series_text(text, options)
                    : (data[0] & 3U) == 1 ? mote::data::read_acquisition(file, true, kind, options)
                                          : mote::data::read_acquisition(file, false, kind, options);
  if (!read.ok()) {
    require(!read.error().what.empty(), "errors say what");
    return 0;
  }
  require(read.value().content.rate_hz >= 0, "a rate");
  return 0;
}
