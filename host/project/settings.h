// Every key that a mote.toml may have: its type, default, range and one line of explanation.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace mote {

enum class SettingType : std::uint8_t { flag, integer, real, text, texts };

// A new key is a new row of kSettings in settings.cc: reading, checking, suggestions and `mote new` follow from it.
struct Setting {
  std::string_view section;
  std::string_view key;
  SettingType type;
  std::string_view fallback;  // as it is written in TOML
  std::string_view comment;
  // Of a text: "a|b|c"; empty: any.
  std::string_view choices = {};  // NOLINT(readability-redundant-member-init): GCC warns where it is left out
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

struct SettingSection {
  std::string_view name;
  std::string_view comment;
};

[[nodiscard]] std::span<const SettingSection> setting_sections();
[[nodiscard]] std::span<const Setting> settings();

}  // namespace mote
