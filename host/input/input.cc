// Chooses the reader by the file's extension.
#include "host/input/input.h"

#include <algorithm>

#include <fmt/format.h>

#include "host/base/file.h"
#include "host/input/formats.h"

namespace mote {
namespace {

Result<std::vector<input::Bytes>> decode(std::span<const std::uint8_t> bytes, std::string extension,
                                         const Tensor& target, const InputOptions& options) {
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (extension == ".npy") return input::read_npy(bytes, target);
  if (extension == ".bin" || extension == ".raw") return input::read_raw(bytes, target);
  if (extension == ".csv") return input::read_csv(bytes, target, options);
  if (extension == ".wav") return input::read_wav(bytes, target);
  for (const char* image : {".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".pgm"}) {
    if (extension == image) return input::read_image(bytes, target, options);
  }
  return Error{fmt::format("has the extension '{}', which is no known input format", extension), "",
               "give .npy, .bin, .raw, .csv, .wav, .png, .jpg, .bmp, .ppm or .pgm"};
}

}  // namespace

Result<std::vector<std::vector<std::uint8_t>>> decode_inputs(std::span<const std::uint8_t> bytes,
                                                             const std::string& name, const Tensor& target,
                                                             const InputOptions& options) {
  auto out = decode(bytes, std::filesystem::path(name).extension().string(), target, options);
  if (!out.ok()) return std::move(out).error().in(name);
  if (out.value().empty()) return Error{"holds no input", name, ""};
  return out;
}

Result<std::vector<std::vector<std::uint8_t>>> load_inputs(const std::filesystem::path& path, const Tensor& target,
                                                           const InputOptions& options) {
  MOTE_LET(bytes, read_file(path));
  return decode_inputs(bytes, path.string(), target, options);
}

}  // namespace mote
