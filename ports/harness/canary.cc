// Ends the run when a canary died. Linked only with code that has canaries, which calls mote_canary.
#include "ports/harness/port.h"

extern "C" void mote_canary(const char* buffer, const char* layer);

extern "C" void mote_canary(const char* buffer, const char* layer) {
  using namespace mote::harness;
  print("harness: ");
  print(layer);
  print(" wrote beyond the end of '");
  print(buffer);
  print("'\n");
  stop(2);
}
