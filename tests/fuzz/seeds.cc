// Seeds of fuzz targets from .tflite files: fuzz_seeds text|image FOLDER MODEL...
// `text` writes their text form, for graph_text_fuzz; `image` those that can be model images, for image_fuzz.
#include <cstdio>
#include <filesystem>

#include "host/base/file.h"
#include "host/driver/image.h"
#include "host/import/tflite.h"
#include "host/ir/text.h"

namespace {

// The seed, or nothing where the model has none of this kind.
std::string seed_of(const std::string& kind, const mote::Graph& graph) {
  if (kind == "text") return mote::print_graph(graph);
  mote::CompileOptions options;
  options.core = "host";
  options.goal = mote::Goal::ram;
  const auto image = mote::make_image(graph, options);
  return image.ok() ? std::string(image.value().bytes.begin(), image.value().bytes.end()) : "";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string kind = argv[1];
  int written = 0;
  for (int i = 3; i < argc; ++i) {
    const std::filesystem::path model = argv[i];
    const auto bytes = mote::read_file(model);
    if (!bytes.ok()) continue;
    const auto graph = mote::import_tflite(bytes.value(), model.filename().string());
    if (!graph.ok()) continue;
    const std::string seed = seed_of(kind, graph.value());
    if (seed.empty()) continue;
    const std::string name = model.parent_path().filename().string() + "." + model.stem().string();
    if (!mote::write_file(std::filesystem::path(argv[2]) / name, seed).ok()) return 1;
    ++written;
  }
  std::printf("%d %s seeds from %d models\n", written, kind.c_str(), argc - 3);
  return written == 0 ? 1 : 0;
}
