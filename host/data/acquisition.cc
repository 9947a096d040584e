// Edge Impulse's Data Acquisition Format, JSON or CBOR.
// Source: docs.edgeimpulse.com, "Data acquisition format": protected, signature, payload; the signature is the
// HMAC-SHA256 of the file with 64 zeros in the signature's place.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "host/base/hash.h"
#include "host/data/read.h"
#include "host/data/resample.h"

namespace mote::data {
namespace {

using nlohmann::json;

constexpr std::size_t kSignatureChars = 64;
constexpr const char* kNotOurs = "is not in Edge Impulse's acquisition format";
constexpr const char* kSaveAgain = "export it again";

// Whether CBOR nests no deeper than a recording does: the parser recurses, so this is found out before it runs.
bool is_shallow(std::span<const std::uint8_t> file) {
  constexpr std::size_t kMaxDepth = 16;
  constexpr std::uint64_t kEndless = ~std::uint64_t{0};
  std::vector<std::uint64_t> left;  // items still to come, of every open array and map
  std::size_t at = 0;
  do {
    if (at >= file.size()) return false;
    const std::uint8_t head = file[at++];
    const unsigned type = head >> 5U;
    const unsigned info = head & 31U;
    std::uint64_t argument = info;
    if (info >= 24 && info <= 27) {
      const std::size_t bytes = std::size_t{1} << (info - 24);
      if (bytes > file.size() - at) return false;
      argument = 0;
      for (std::size_t i = 0; i < bytes; ++i) argument = argument << 8U | file[at++];
    } else if (info >= 28 && info <= 30) {
      return false;
    }
    if (head == 0xFF) {  // the end of something endless
      if (left.empty() || left.back() != kEndless) return false;
      left.pop_back();
    } else if (type == 4 || type == 5) {
      if (left.size() >= kMaxDepth || argument > file.size()) return false;
      left.push_back(info == 31 ? kEndless : type == 5 ? 2 * argument : argument);
      if (left.back() != 0) continue;
      left.pop_back();
    } else if (type == 2 || type == 3) {
      if (info == 31 || argument > file.size() - at) return false;
      at += argument;
    } else if (type == 6) {
      continue;  // a tag: its item follows
    }
    while (!left.empty() && left.back() != kEndless) {
      left.back() -= 1;
      if (left.back() != 0) break;
      left.pop_back();
    }
  } while (!left.empty());
  return true;
}

// Whether the signature is right. Compared in full, so that time tells nothing.
Status check_signature(std::string bytes, const json& root, const std::string& key) {
  const std::string signature = root.value("signature", "");
  const auto is_hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
  if (signature.size() != kSignatureChars || !std::ranges::all_of(signature, is_hex)) {
    return Error{"has no HS256 signature", "", "sign it, or import without a key"};
  }
  const std::size_t at = bytes.find(signature);
  if (at == std::string::npos) return Error{"has a signature that cannot be found in it", "", kSaveAgain};
  bytes.replace(at, kSignatureChars, kSignatureChars, '0');
  std::string expected = hmac_sha256_hex(key, bytes);
  unsigned different = 0;
  for (std::size_t i = 0; i < kSignatureChars; ++i) {
    different |= static_cast<unsigned>(std::tolower(static_cast<unsigned char>(signature[i])) ^ expected[i]);
  }
  if (different == 0) return {};
  return Error{"has a signature that does not fit", "", "it was changed after signing, or the key is another one"};
}

Result<double> finite(const json& value, std::size_t row) {
  if (value.is_number() && std::isfinite(value.get<double>())) return value.get<double>();
  return Error{"is not a finite number", fmt::format("value {}", row), kSaveAgain};
}

Result<Recording> read_payload(const json& payload, Kind kind, const ReadOptions& options) {
  const double interval_ms = payload.at("interval_ms").get<double>();
  const json& sensors = payload.at("sensors");
  const json& values = payload.at("values");
  if (!sensors.is_array() || sensors.empty() || sensors.size() > 1024 || !values.is_array() || values.empty()) {
    return Error{"holds no values", "", kSaveAgain};
  }
  if (!(interval_ms >= 0) || !std::isfinite(interval_ms)) return Error{"has no sound interval_ms", "", kSaveAgain};
  const double rate_hz = interval_ms > 0 ? 1000 / interval_ms : 0;
  const std::size_t channels = sensors.size();
  std::vector<float> all;
  for (std::size_t row = 0; row < values.size(); ++row) {
    const json& v = values[row];
    if (v.is_array() ? v.size() != channels : channels != 1) {
      return Error{fmt::format("has {} numbers for {} sensors", v.is_array() ? v.size() : 1, channels),
                   fmt::format("value {}", row), kSaveAgain};
    }
    for (std::size_t c = 0; c < channels; ++c) {
      MOTE_LET(x, finite(v.is_array() ? v[c] : v, row));
      all.push_back(static_cast<float>(x));
    }
  }
  Recording out;
  Content& content = out.content;
  content.kind = kind;
  const bool sound = channels == 1 && sensors[0].value("name", "") == "audio";
  if (kind != Kind::sound) {
    content.rate_hz = rate_hz;
    content.steps = values.size();
    content.channels = channels;
    content.series = std::move(all);
  } else {
    if (!sound) return Error{"holds no sound, but sensors", "", "set data.kind = \"series\" in mote.toml"};
    if (rate_hz < 1) return Error{"has no sound interval_ms", "", kSaveAgain};
    for (float& x : all) x /= 32768;
    // interval_ms has few digits: 0.0625 is 16 kHz, 0.02268 is meant to be 44.1 kHz.
    const double stated = std::round(rate_hz / 50) * 50;
    const double from = std::abs(stated - rate_hz) < 0.001 * rate_hz ? stated : rate_hz;
    out.repairs.resampled = from != options.rate_hz;
    out.repairs.was_narrow = from < options.rate_hz;
    MOTE_LET(resampled, resample(all, from, options.rate_hz));
    content.rate_hz = options.rate_hz;
    content.sound = to_int16(resampled, out.repairs.clipped);
    content.steps = content.sound.size();
  }
  if (content.seconds() > options.max_s) {
    return Error{fmt::format("lasts {:.1f} s, longer than data.max_s = {}", content.seconds(), options.max_s), "",
                 "cut it, or raise data.max_s in mote.toml"};
  }
  return out;
}

}  // namespace

Result<Recording> read_acquisition(std::span<const std::uint8_t> file, bool cbor, Kind kind,
                                   const ReadOptions& options) {
  if (cbor && !is_shallow(file)) return Error{"is not CBOR that can be read", "", kSaveAgain};
  try {
    const json root = cbor ? json::from_cbor(file.begin(), file.end()) : json::parse(file.begin(), file.end());
    const json& head = root.at("protected");
    const std::string algorithm = head.value("alg", "none");
    if (head.value("ver", "") != "v1") return Error{"is of an unknown version", "", "version v1 is known"};
    const bool is_signed = algorithm != "none";
    if (is_signed && algorithm != "HS256") {
      return Error{fmt::format("is signed by '{}'", algorithm.substr(0, 16)), "", "HS256 and none are known"};
    }
    if (!options.key.empty()) {
      if (!is_signed) return Error{"is not signed, but a key was given", "", "sign it, or import without a key"};
      MOTE_TRY(check_signature(std::string(file.begin(), file.end()), root, options.key));
    }
    MOTE_LET(out, read_payload(root.at("payload"), kind, options));
    out.repairs.unverified = options.key.empty();
    return out;
  } catch (const json::exception&) {
    return Error{kNotOurs, "", kSaveAgain};
  }
}

}  // namespace mote::data
