// Takes the time at every mark, and prints it.
#include "mote_marks.h"

namespace {

constexpr uint32_t kMostLayers = 256;  // what comes after them is counted with the last

uint32_t cycles[kMostLayers];
uint32_t layers;
uint32_t run;
uint32_t last;

// One line, with its check sum.
class Line {
 public:
  explicit Line(void (*put)(char)) : put_(put) { put_('$'); }
  Line& text(const char* t) {
    // Model names are identifiers; whatever else comes in must not end the line.
    for (; *t != '\0'; ++t) add(*t < ' ' || *t == '*' || *t == ',' ? '_' : *t);
    return *this;
  }
  Line& number(uint32_t value) {
    add(',');
    return digits(value);
  }
  Line& comma() {
    add(',');
    return *this;
  }
  void end() {
    const char* const kDigits = "0123456789abcdef";
    put_('*');
    put_(kDigits[sum_ >> 4]);
    put_(kDigits[sum_ & 15U]);
    put_('\r');
    put_('\n');
  }

 private:
  void add(char c) {
    sum_ ^= static_cast<unsigned char>(c);
    put_(c);
  }
  Line& digits(uint32_t value) {
    char reversed[10];
    int n = 0;
    do {
      reversed[n++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value > 0);
    while (n > 0) add(reversed[--n]);
    return *this;
  }
  void (*put_)(char);
  unsigned char sum_ = 0;
};

}  // namespace

extern "C" void mote_marks_start() { mote_cycles_start(); }

extern "C" void mote_mark(uint32_t layer) {
  const uint32_t now = mote_cycles();
  if (layer == 0) {
    layers = 0;
    for (uint32_t& c : cycles) c = 0;
  } else {
    const uint32_t at = layer <= kMostLayers ? layer - 1 : kMostLayers - 1;
    cycles[at] += (now - last) & mote_cycles_mask;
    layers = at + 1;
  }
  last = mote_cycles();  // what this function takes is in no layer
}

extern "C" void mote_marks_print(const char* model, uint32_t clock_hz, void (*put)(char)) {
  Line head(put);
  head.text("MOTE").number(1).comma().text(model).number(run).number(clock_hz).number(layers).end();
  uint32_t sum = 0;
  for (uint32_t i = 0; i < layers; ++i) {
    Line line(put);
    line.text("L").number(run).number(i).number(cycles[i]).end();
    sum += cycles[i];
  }
  Line tail(put);
  tail.text("END").number(run).number(sum).end();
  ++run;
}
