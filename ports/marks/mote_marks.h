// What a model's layers cost on a real chip: generated code of `mote compile --marks` calls mote_mark() around every
// layer, and the lines that mote_marks_print() sends over any serial port are what `mote monitor` reads.
//
//   mote_marks_start();                 // once, after the clock has its final speed
//   kws_invoke(arena);
//   mote_marks_print("kws", 120000000, put);   // void put(char c) sends one character
//
// Format, a record a line, each ended by '*' and the exclusive or of all characters between '$' and '*' in hexadecimal:
//   $MOTE,1,<model>,<run>,<clock in Hz>,<layers>*hh
//   $L,<run>,<layer>,<cycles>*hh
//   $END,<run>,<sum of the cycles>*hh
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Given by one of cycles_dwt.cc, cycles_systick.cc, cycles_mcycle.cc, or by you: a free-running counter of clock
// cycles.
void mote_cycles_start(void);
uint32_t mote_cycles(void);
extern const uint32_t mote_cycles_mask;  // the bits that it counts in

void mote_marks_start(void);
// Layer `layer` is about to begin; called with the number of layers after the last one.
void mote_mark(uint32_t layer);
void mote_marks_print(const char* model, uint32_t clock_hz, void (*put)(char));

#ifdef __cplusplus
}
#endif
