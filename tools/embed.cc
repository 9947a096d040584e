// Writes files as one C++ source that defines mote::resource_table(): usage: embed ROOT OUTPUT FILE...
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: embed ROOT OUTPUT FILE...\n", stderr);
    return 2;
  }
  std::string out = "#include \"host/base/resources.h\"\nnamespace mote {\nnamespace {\n";
  std::string table;
  for (int i = 3; i < argc; ++i) {
    std::ifstream in(std::string(argv[1]) + "/" + argv[i], std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "embed: cannot read %s\n", argv[i]);
      return 1;
    }
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::string name = "kFile" + std::to_string(i);
    out += "constexpr char " + name + "[] =\n\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '\n') {
        out += "\\n\"\n\"";
      } else if (c == '"' || c == '\\') {
        out += {'\\', c};
      } else if (byte < 32 || byte > 126 || c == '?') {
        char buffer[8];
        std::snprintf(buffer, sizeof buffer, "\\%03o", byte);
        out += buffer;
      } else {
        out += c;
      }
    }
    out += "\";\n";
    table.append("    {\"")
        .append(argv[i])
        .append("\", {")
        .append(name)
        .append(", sizeof ")
        .append(name)
        .append(" - 1}},\n");
  }
  out += "constexpr Resource kTable[] = {\n" + table + "};\n}  // namespace\n";
  out += "std::span<const Resource> resource_table() { return kTable; }\n}  // namespace mote\n";
  std::ofstream(argv[2], std::ios::binary) << out;
  return 0;
}
