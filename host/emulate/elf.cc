// ELF, both classes, little endian.
#include "host/emulate/elf.h"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "host/base/file.h"

namespace mote {
namespace {

using Image = std::span<const std::uint8_t>;

// The i-th T of a table, or nothing where it lies outside the file.
template <class T>
std::optional<T> entry(Image image, std::uint64_t offset, std::uint64_t i) {
  if (offset > image.size() || i >= (image.size() - offset) / sizeof(T)) return std::nullopt;
  T out;
  std::memcpy(&out, image.data() + offset + i * sizeof(T), sizeof out);
  return out;
}

std::string string_at(Image image, std::uint64_t table, std::uint64_t offset) {
  if (table > image.size() || offset >= image.size() - table) return "";
  const Image rest = image.subspan(table + offset);
  return {rest.begin(), std::ranges::find(rest, std::uint8_t{0})};
}

std::string demangle(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status),
                                                    std::free);
  return status == 0 ? text.get() : name;
}

// Tag_CPU_arch of a section of build attributes ("Build Attributes for the Arm Architecture", Arm IHI 0045); 0: none.
unsigned arm_architecture(Image attributes) {
  constexpr unsigned kArchitecture = 6;
  constexpr unsigned kCompatibility = 32;
  std::size_t at = 1 + 4 + sizeof "aeabi" + 1 + 4;  // version, length, vendor, scope, length
  const auto number = [&] {
    unsigned out = 0;
    for (int shift = 0; at < attributes.size() && shift < 28; shift += 7) {
      const unsigned byte = attributes[at++];
      out |= (byte & 0x7FU) << shift;
      if (byte < 0x80) break;
    }
    return out;
  };
  const auto skip_text = [&] {
    while (at < attributes.size() && attributes[at] != 0) ++at;
    ++at;  // the end of the text; past the end of the attributes where they are cut
  };
  while (at < attributes.size()) {
    const unsigned tag = number();
    if (tag == kCompatibility) {
      number();
      skip_text();
    } else if (tag == 4 || tag == 5 || (tag > kCompatibility && tag % 2 == 1)) {
      skip_text();
    } else {
      const unsigned value = number();
      if (tag == kArchitecture) return value;
    }
  }
  return 0;
}

struct Class32 {
  using Address = Elf32_Addr;
  using Header = Elf32_Ehdr;
  using Section = Elf32_Shdr;
  using Segment = Elf32_Phdr;
  using Symbol = Elf32_Sym;
};
struct Class64 {
  using Address = Elf64_Addr;
  using Header = Elf64_Ehdr;
  using Section = Elf64_Shdr;
  using Segment = Elf64_Phdr;
  using Symbol = Elf64_Sym;
};

template <class C>
bool read_tables(Image image, Elf& out) {
  const auto header = entry<typename C::Header>(image, 0, 0);
  if (!header) return false;
  out.machine = header->e_machine;
  out.entry = header->e_machine == EM_ARM ? header->e_entry & ~typename C::Address{1} : header->e_entry;
  const auto names = entry<typename C::Section>(image, header->e_shoff, header->e_shstrndx);
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = entry<typename C::Segment>(image, header->e_phoff, i);
    if (!segment) return false;
    if (segment->p_type == PT_LOAD) {
      out.segments.push_back(
          {segment->p_paddr, segment->p_filesz, segment->p_vaddr, segment->p_memsz, segment->p_offset});
    }
  }
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto section = entry<typename C::Section>(image, header->e_shoff, i);
    if (!section || !names) return false;
    out.sections.push_back({string_at(image, names->sh_offset, section->sh_name), section->sh_addr, section->sh_size,
                            (section->sh_flags & SHF_ALLOC) != 0, (section->sh_flags & SHF_EXECINSTR) != 0,
                            (section->sh_flags & SHF_WRITE) != 0, section->sh_type != SHT_NOBITS});
    if (section->sh_type == SHT_ARM_ATTRIBUTES && section->sh_offset < image.size()) {
      const Image rest = image.subspan(section->sh_offset);
      out.arm_architecture = arm_architecture(rest.first(std::min<std::size_t>(rest.size(), section->sh_size)));
    }
    if (section->sh_type != SHT_SYMTAB) continue;
    const auto strings = entry<typename C::Section>(image, header->e_shoff, section->sh_link);
    if (!strings) return false;
    for (std::uint64_t s = 0; s < section->sh_size / sizeof(typename C::Symbol); ++s) {
      const auto symbol = entry<typename C::Symbol>(image, section->sh_offset, s);
      if (!symbol) return false;
      const std::string name = string_at(image, strings->sh_offset, symbol->st_name);
      // Names with a dollar are the assembler's own marks ($t, $d, $x).
      if (name.empty() || name.front() == '$' || symbol->st_shndx == SHN_UNDEF) continue;
      const bool is_function = ELF32_ST_TYPE(symbol->st_info) == STT_FUNC;
      const std::uint64_t thumb = is_function && header->e_machine == EM_ARM ? 1 : 0;
      out.symbols.push_back({demangle(name), symbol->st_value & ~thumb, symbol->st_size, is_function});
    }
  }
  std::ranges::stable_sort(out.symbols, {}, &ElfSymbol::address);
  return true;
}

}  // namespace

std::optional<std::uint64_t> Elf::address_of(std::string_view name) const {
  for (const bool ignores_parameters : {false, true}) {
    std::optional<std::uint64_t> out;
    bool is_unclear = false;
    for (const ElfSymbol& symbol : symbols) {
      const bool is_same = symbol.name == name;
      const bool is_function = symbol.is_function && symbol.name.size() > name.size() &&
                               symbol.name.starts_with(name) && symbol.name[name.size()] == '(';
      if (!(ignores_parameters ? is_function : is_same)) continue;
      is_unclear = is_unclear || (out && *out != symbol.address);
      out = symbol.address;
    }
    if (is_unclear) return std::nullopt;
    if (out) return out;
  }
  return std::nullopt;
}

std::string Elf::function_at(std::uint64_t address) const {
  std::string out;
  for (const ElfSymbol& symbol : symbols) {
    if (symbol.address > address) break;
    // Functions written in assembly have no size: they reach to the next function.
    if (symbol.is_function) out = symbol.bytes == 0 || address - symbol.address < symbol.bytes ? symbol.name : "";
  }
  return out;
}

Result<Elf> read_elf(const std::filesystem::path& path) {
  MOTE_LET(bytes, read_file(path));
  const Error damaged{"is not a complete little-endian ELF program", path.string(), ""};
  if (bytes.size() < EI_NIDENT || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0 || bytes[EI_DATA] != ELFDATA2LSB) {
    return damaged;
  }
  Elf out;
  out.is_64_bit = bytes[EI_CLASS] == ELFCLASS64;
  if (!(out.is_64_bit ? read_tables<Class64>(bytes, out) : read_tables<Class32>(bytes, out))) return damaged;
  return out;
}

}  // namespace mote
