// Images through stb_image, with bounded memory.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "host/input/formats.h"

namespace {

// What one allocation inside the decoder may take: a file of a few bytes can unpack to gigabytes.
thread_local std::size_t allocation_limit = 0;

// Zeroed, because the decoder reads tables that a damaged file never filled; zeros keep it within their bounds.
void* limited_malloc(std::size_t size) { return size > allocation_limit ? nullptr : std::calloc(1, size); }
void* limited_realloc(void* old, std::size_t size) {
  return size > allocation_limit ? nullptr : std::realloc(old, size);
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are the library's
#define STBI_MALLOC(size) limited_malloc(size)
#define STBI_REALLOC(old, size) limited_realloc(old, size)
#define STBI_FREE(old) std::free(old)
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 16384
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
// NOLINTEND(readability-identifier-naming)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace mote::input {
namespace {

struct Extent {
  std::int64_t height, width, channels;
};

// [1,H,W,C], [H,W,C], [1,H,W] with C in 1, 3, 4.
std::optional<Extent> extent_of(const Shape& shape) {
  Shape s = shape;
  if (s.size() == 4 && s[0] == 1) s.erase(s.begin());
  if (s.size() == 3 && (s[2] == 1 || s[2] == 3 || s[2] == 4)) return Extent{s[0], s[1], s[2]};
  if (s.size() == 3 && s[0] == 1) return Extent{s[1], s[2], 1};
  return std::nullopt;
}

double real_of(std::uint8_t pixel, PixelRange range) {
  switch (range) {
    case PixelRange::zero_to_one: return pixel / 255.0;
    case PixelRange::minus_one_to_one: return pixel / 127.5 - 1.0;
    default: return pixel;
  }
}

// The range that an 8-bit tensor's quantisation covers, within two steps.
std::optional<PixelRange> range_of(const Tensor& t) {
  if (t.quant.empty() || (t.type != DType::s8 && t.type != DType::u8)) return std::nullopt;
  const double scale = static_cast<double>(t.quant.scale[0]);
  const double zero_point = t.quant.zero_point[0];
  const double low = scale * ((t.type == DType::s8 ? -128 : 0) - zero_point);
  const double high = scale * ((t.type == DType::s8 ? 127 : 255) - zero_point);
  const auto covers = [&](double from, double to) {
    return std::abs(low - from) <= 2 * scale && std::abs(high - to) <= 2 * scale;
  };
  if (covers(0, 255)) return PixelRange::zero_to_255;
  if (covers(0, 1)) return PixelRange::zero_to_one;
  if (covers(-1, 1)) return PixelRange::minus_one_to_one;
  return std::nullopt;
}

Error wrong_size(std::int64_t width, std::int64_t height, const Extent& extent, const Tensor& target) {
  return {fmt::format("is {} wide and {} high; {} takes {} wide and {} high", width, height, name_of(target),
                      extent.width, extent.height),
          "", "scale or crop the image first"};
}

// Binary PPM and PGM: "P6 width height 255", one white space, the pixels. Comments are not supported.
Result<Bytes> read_pnm(std::string_view file, const Extent& extent, const Tensor& target) {
  const std::int64_t channels = file.starts_with("P6") ? 3 : 1;
  std::array<std::int64_t, 3> header = {};  // width, height, largest value
  std::size_t at = 2;
  for (std::int64_t& field : header) {
    at = std::min(file.find_first_not_of(" \t\r\n", at), file.size());
    const auto [end, code] = std::from_chars(file.data() + at, file.data() + file.size(), field);
    if (code != std::errc())
      return Error{"has a header that cannot be read", "", "save it again as binary PPM or PGM without comments"};
    at = static_cast<std::size_t>(end - file.data());
  }
  if (header[0] != extent.width || header[1] != extent.height) return wrong_size(header[0], header[1], extent, target);
  if (header[2] != 255)
    return Error{fmt::format("has values up to {}, not 255", header[2]), "", "save it with 8 bits per channel"};
  if (channels != extent.channels) {
    return Error{fmt::format("has {} channels, {} takes {}", channels, name_of(target), extent.channels), "",
                 "give P6 for colour, P5 for grey"};
  }
  const std::string_view pixels = file.substr(std::min(at + 1, file.size()));
  if (static_cast<std::int64_t>(pixels.size()) != extent.width * extent.height * channels) {
    return Error{fmt::format("is damaged: {} bytes of pixels for {} x {} x {}", pixels.size(), extent.width,
                             extent.height, channels),
                 "", "save it again"};
  }
  return Bytes(pixels.begin(), pixels.end());
}

// The decoder takes any number of FF before a marker, so the first byte decides.
bool is_jpeg(std::string_view file) { return file.starts_with('\xFF'); }

// The decoder fills what is missing at the end of a JPEG or BMP file with zeros; this tells whether anything is.
bool is_whole(std::string_view file) {
  if (is_jpeg(file)) return file.rfind("\xFF\xD9") != std::string_view::npos;  // its end marker
  if (!file.starts_with("BM") || file.size() < 6) return true;
  std::uint32_t size = 0;
  std::memcpy(&size, file.data() + 2, sizeof size);
  return file.size() >= size;
}

// The decoder writes past its tables when a JPEG's Huffman table states more than 256 codes. True where none does;
// looked for behind every marker byte, since the decoder finds tables anywhere.
bool has_sound_huffman_tables(std::string_view file) {
  const auto byte = [&](std::size_t i) { return i < file.size() ? static_cast<unsigned char>(file[i]) : 0U; };
  for (std::size_t at = file.find("\xFF\xC4"); at != std::string_view::npos; at = file.find("\xFF\xC4", at + 1)) {
    auto left = static_cast<std::int64_t>(byte(at + 2) << 8U | byte(at + 3)) - 2;
    for (std::size_t table = at + 4; left > 0;) {
      unsigned codes = 0;
      for (std::size_t i = 1; i <= 16; ++i) codes += byte(table + i);
      if (codes > 256) return false;
      table += 17 + codes;
      left -= 17 + codes;
    }
  }
  return true;
}

Result<Bytes> read_compressed(std::string_view file, const Extent& extent, const Tensor& target) {
  const auto* bytes = reinterpret_cast<const stbi_uc*>(file.data());
  if (file.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return Error{"is too large for an image", "", ""};
  if (is_jpeg(file) && !has_sound_huffman_tables(file)) return Error{"is a damaged image", "", "save it again"};
  const auto size = static_cast<int>(file.size());
  allocation_limit = std::size_t{1} << 20U;  // enough for the decoder's own tables
  int width = 0;
  int height = 0;
  int channels = 0;
  if (stbi_info_from_memory(bytes, size, &width, &height, &channels) == 0) {
    return Error{"is not an image that can be read", "", "give 8-bit PNG, JPEG, BMP, PPM or PGM"};
  }
  if (width != extent.width || height != extent.height) return wrong_size(width, height, extent, target);
  // Both are at most STBI_MAX_DIMENSIONS. 16 bits times 4 channels are the most that a pixel takes, JPEG pads to
  // blocks.
  allocation_limit += 16 * (static_cast<std::size_t>(width) + 64) * (static_cast<std::size_t>(height) + 64);
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(bytes, size, &width, &height, &channels, static_cast<int>(extent.channels)),
      stbi_image_free);
  if (pixels == nullptr || width != extent.width || height != extent.height || !is_whole(file)) {
    return Error{"is a damaged image", "", "save it again"};
  }
  return Bytes(pixels.get(), pixels.get() + extent.width * extent.height * extent.channels);
}

}  // namespace

Result<Picture> decode_picture(std::span<const std::uint8_t> file) {
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  const auto* data = reinterpret_cast<const stbi_uc*>(file.data());
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return Error{"is too large for an image", "", ""};
  allocation_limit = std::size_t{1} << 20U;
  int width = 0;
  int height = 0;
  int channels = 0;
  if (stbi_info_from_memory(data, static_cast<int>(bytes.size()), &width, &height, &channels) == 0) {
    return Error{"is not an image that can be read", "", "give 8-bit PNG, JPEG or BMP"};
  }
  const Extent extent{height, width, channels == 1 ? 1 : 3};
  MOTE_LET(pixels, read_compressed(bytes, extent, Tensor{}));
  return Picture{height, width, extent.channels, std::move(pixels)};
}

Result<std::vector<Bytes>> read_image(std::span<const std::uint8_t> file, const Tensor& target,
                                      const InputOptions& options) {
  MOTE_LET(encoder, Encoder::create(target));
  const auto extent = extent_of(target.shape);
  if (!extent) {
    return Error{fmt::format("is an image, but {} does not look like one", name_of(target)), "",
                 "images fit tensors of shape [1, height, width, 1, 3 or 4]; give a .npy file for others"};
  }
  const bool automatic = options.pixels == PixelRange::automatic;
  const std::optional<PixelRange> covered = range_of(target);
  if (automatic && !covered && target.type != DType::u8) {
    return Error{fmt::format("{} does not tell which real numbers the pixels 0..255 stand for", name_of(target)), "",
                 "state the pixel range, or give a .npy file with the real numbers"};
  }
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  const bool pnm = bytes.starts_with("P5") || bytes.starts_with("P6");
  MOTE_LET(pixels, pnm ? read_pnm(bytes, *extent, target) : read_compressed(bytes, *extent, target));
  Bytes out;
  for (const std::uint8_t pixel : pixels) {
    if (automatic) {
      MOTE_TRY(encoder.stored(target.type == DType::s8 ? pixel - 128 : pixel, out));
    } else {
      MOTE_TRY(encoder.real(real_of(pixel, options.pixels), out));
    }
  }
  return std::vector<Bytes>{std::move(out)};
}

}  // namespace mote::input
