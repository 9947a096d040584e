// Writes the text form of .tflite files, as seeds of graph_text_fuzz: fuzz_seeds FOLDER MODEL...
#include <cstdio>
#include <filesystem>

#include "host/base/file.h"
#include "host/import/tflite.h"
#include "host/ir/text.h"

int main(int argc, char** argv) {
  int written = 0;
  for (int i = 2; i < argc; ++i) {
    const std::filesystem::path model = argv[i];
    const auto bytes = mote::read_file(model);
    if (!bytes.ok()) continue;
    const auto graph = mote::import_tflite(bytes.value(), model.filename().string());
    if (!graph.ok()) continue;
    const std::string name = model.parent_path().filename().string() + "." + model.stem().string();
    if (!mote::write_file(std::filesystem::path(argv[1]) / name, mote::print_graph(graph.value())).ok()) return 1;
    ++written;
  }
  std::printf("%d text seeds from %d models\n", written, argc - 2);
  return written == 0 ? 1 : 0;
}
