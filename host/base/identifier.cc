// Reserved words and characters.
#include "host/base/identifier.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace mote {
namespace {

// Keywords of C and C++, macros of common headers, and names of our own.
constexpr const char* kReserved = R"(
alignas alignof and and_eq asm assert auto bitand bitor bool break case catch char char16_t char32_t char8_t class compl
concept const const_cast consteval constexpr constinit continue co_await co_return co_yield decltype default delete do
double dynamic_cast else enum EOF errno explicit export extern false final float for friend goto if import INFINITY inline
int linux long main module mote mutable namespace NAN new noexcept not not_eq NULL nullptr operator or or_eq override
private protected public register reinterpret_cast requires restrict return short signal signed sizeof static
static_assert static_cast std struct switch template this thread_local throw true try typedef typeid typename union unix
unsigned using virtual void volatile wchar_t weights while xor xor_eq
)";

bool is_reserved(const std::string& word) {
  std::istringstream words(kReserved);
  for (std::string reserved; words >> reserved;) {
    if (reserved == word) return true;
  }
  return false;
}

}  // namespace

std::string identifier(std::string_view name) {
  constexpr std::size_t kMost = 64;
  std::string out;
  for (const char c : name.substr(0, kMost)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (digit && out.empty()) out = "model_";
    if (letter || digit) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  out = out.substr(0, kMost);
  while (!out.empty() && out.back() == '_') out.pop_back();
  if (out.empty()) return "model";
  return is_reserved(out) ? out + "_model" : out;
}

}  // namespace mote
