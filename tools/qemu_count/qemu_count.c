// QEMU plugin that counts executed instructions exactly and notes the count at marker addresses.
//   -plugin libmote_count.so,out=FILE[,at=ADDRESS]...      counts at markers
//   -plugin libmote_count.so,profile=FILE,from=ADDRESS,to=ADDRESS[,windows=COUNT][,functions=FILE]   see profile.c,
//   alone or with the above; with ram=ORIGIN:BYTES, devices=ORIGIN:BYTES, over=1 for memory that the machine lacks:
//   memory.h
// FILE becomes a sequence of pairs of native 64-bit integers (address, count): one for each time the instruction at a
// marker address is about to run, with the number of instructions that ran before it. Bit 0 of an address is ignored.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "plugin.h"
#include "profile.h"

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t executed;  // boards have one core, so nothing races
static uint64_t* markers;  // sorted
static size_t marker_count;
static FILE* out;

static int compare(const void* a, const void* b) {
  const uint64_t x = *(const uint64_t*)a;
  const uint64_t y = *(const uint64_t*)b;
  return (x > y) - (x < y);
}

static void at_marker(unsigned int vcpu, void* user) {
  (void)vcpu;
  const uint64_t pair[2] = {*(const uint64_t*)user, executed};
  fwrite(pair, sizeof pair, 1, out);
}

// Counts per instruction, not per block: a block may be left early.
static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  if (profile_is_on()) profile_translated(tb);
  if (out == NULL) return;
  const size_t n = qemu_plugin_tb_n_insns(tb);
  for (size_t i = 0; i < n; ++i) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    const uint64_t address = qemu_plugin_insn_vaddr(insn);
    uint64_t* marker = marker_count == 0 ? NULL : bsearch(&address, markers, marker_count, sizeof address, compare);
    if (marker != NULL) qemu_plugin_register_vcpu_insn_exec_cb(insn, at_marker, kReadsNoRegisters, marker);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, kInlineAddU64, &executed, 1);
  }
}

static void started(qemu_plugin_id_t id, unsigned int vcpu) {
  (void)id;
  (void)vcpu;
  memory_add();
}

static void finish(qemu_plugin_id_t id, void* user) {
  (void)id;
  (void)user;
  if (profile_is_on()) profile_finish();
  if (out != NULL && fclose(out) != 0) fputs("mote_count: the counts cannot be written\n", stderr);
}

// The first parameter after the id describes the emulator; its first member is the name of the emulated machine.
__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int argc,
                                                               char** argv) {
  profile_target(*(const char* const*)info);
  markers = calloc((size_t)argc + 1, sizeof *markers);
  if (markers == NULL) return 1;
  for (int i = 0; i < argc; ++i) {
    char* end = NULL;
    if (strncmp(argv[i], "out=", 4) == 0 && out == NULL) {
      out = fopen(argv[i] + 4, "wb");
    } else if (strncmp(argv[i], "at=", 3) == 0) {
      markers[marker_count++] = strtoull(argv[i] + 3, &end, 0) & ~UINT64_C(1);
      if (end == argv[i] + 3 || *end != '\0') {
        fprintf(stderr, "mote_count: '%s' is no address\n", argv[i]);
        return 1;
      }
    } else if (!memory_option(argv[i]) && !profile_option(argv[i])) {
      fprintf(stderr, "mote_count: '%s' is not understood\n", argv[i]);
      return 1;
    }
  }
  if (out == NULL && !profile_is_on()) {
    fputs("mote_count: out=FILE is missing or cannot be written\n", stderr);
    return 1;
  }
  qsort(markers, marker_count, sizeof *markers, compare);
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  if (memory_is_wanted()) qemu_plugin_register_vcpu_init_cb(id, started);
  qemu_plugin_register_atexit_cb(id, finish, NULL);
  return 0;
}
