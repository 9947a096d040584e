// The option that fixes what a model leaves open.
#include <charconv>

#include "apps/cli/commands.h"
#include "host/driver/compile.h"

namespace mote::cli {
namespace {

// "1,3,96,96"
bool read_shape(std::string_view text, Shape& out) {
  while (true) {
    std::int64_t dimension = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), dimension);
    if (error != std::errc()) return false;
    out.push_back(dimension);
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    if (text.empty()) return true;
    if (text.front() != ',') return false;
    text.remove_prefix(1);
  }
}

}  // namespace

void add_shapes(CLI::App& command, InputShapes& shapes) {
  const auto read = [&shapes](const std::vector<std::string>& given) {
    for (const std::string& text : given) {
      const std::size_t equals = text.rfind('=');
      Shape shape;
      if (equals == std::string::npos || equals == 0 || !read_shape(std::string_view(text).substr(equals + 1), shape)) {
        throw CLI::ValidationError("--shape", "'" + text + "' does not read as NAME=1,3,96,96");
      }
      shapes[text.substr(0, equals)] = shape;
    }
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--shape", read, "Shape of an input whose dimensions an ONNX file leaves open, as the file orders them")
      ->type_name("NAME=1,3,96,96")
      ->take_all()
      ->expected(1);
}

}  // namespace mote::cli
