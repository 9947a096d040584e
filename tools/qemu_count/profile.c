// Profiles what runs between two addresses: how often each block ran after each other block, in which call, and what
// every instruction read and wrote. The host decodes the instructions and knows what they cost; this file only counts.
// The file is text, a record per line, numbers in hexadecimal:
//   b ID COUNT              a translated block of COUNT instructions, which follow:
//   i ADDRESS BYTES READS WRITES READ_BYTES WRITTEN_BYTES UNALIGNED      BYTES in the order of memory
//   n ID PARENT ENTRY       a node of the call tree: the function at ENTRY, called from PARENT (node 0 is the root)
//   e NODE BLOCK PREVIOUS FIRST LAST COUNT READS WRITES UNALIGNED
//                           in that call, instructions [FIRST, LAST) of the block ran COUNT times after block PREVIOUS
//                           (0: unknown; identifiers begin at 1), with so many accesses to memory
//   w INSTRUCTIONS          a closed window, with the instructions that QEMU executed in it
//   end                     nothing was lost
#include "profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum Last { kOther, kCall, kIndirect };
enum { kDepth = 512, kBuckets = 1 << 14, kLongest = 8 };

struct instruction {
  uint64_t address;
  uint8_t bytes[kLongest];
  uint8_t size;
  uint64_t reads, writes, read_bytes, written_bytes, unaligned;
};

struct block {
  uint64_t id, start, end;
  size_t count;
  enum Last last;
  bool is_entry;  // of a function
  struct edge* recent;
  struct block* next;  // in its bucket
  struct instruction instructions[];
};

struct node {
  uint64_t id, entry;
  struct node* parent;
  struct node* child;
  struct node* sibling;
};

struct edge {
  struct node* node;
  struct block* block;
  struct block* previous;
  size_t first, last;
  uint64_t count;
  uint64_t reads, writes, unaligned;
  struct edge* next;
};

struct frame {
  uint64_t return_address;
  struct node* caller;
  bool is_tail;  // jumped to, not called: it returns to its caller's caller
};

// An instruction that opens or closes a window.
struct mark {
  struct block* block;
  size_t index;
};

static const char* path;
static bool is_riscv;
static uint64_t from_address, to_address;
static bool has_from, has_to;
static uint64_t windows = 1, closed;
static uint64_t* functions;
static size_t function_count;

static struct block* blocks[kBuckets];
static struct edge* edges[kBuckets];
static struct node root;
static uint64_t block_count, node_count = 1;
static struct frame stack[kDepth];
static size_t depth;
static struct node* node = &root;
static struct block* previous;
static struct edge* current;  // the running block's
static bool active;
static bool finished;
static uint64_t executed, executed_at_begin;
static uint64_t* window_counts;
static size_t window_room;

static void* allocate(size_t bytes) {
  void* out = calloc(1, bytes);
  if (out == NULL) {
    fputs("mote_count: out of memory\n", stderr);
    _exit(1);
  }
  return out;
}

static uint64_t number(const char* option, const char* text) {
  char* end = NULL;
  const uint64_t out = strtoull(text, &end, 0);
  if (end == text || *end != '\0') {
    fprintf(stderr, "mote_count: '%s%s' is no number\n", option, text);
    exit(1);
  }
  return out;
}

static void read_functions(const char* file) {
  FILE* in = fopen(file, "rb");
  if (in == NULL) {
    fprintf(stderr, "mote_count: '%s' cannot be read\n", file);
    exit(1);
  }
  fseek(in, 0, SEEK_END);
  const long bytes = ftell(in);
  rewind(in);
  function_count = bytes > 0 ? (size_t)bytes / sizeof *functions : 0;
  functions = allocate((function_count + 1) * sizeof *functions);
  function_count = fread(functions, sizeof *functions, function_count, in);
  fclose(in);
}

void profile_target(const char* name) { is_riscv = strncmp(name, "riscv", 5) == 0; }

bool profile_option(const char* text) {
  if (strncmp(text, "profile=", 8) == 0) {
    path = strdup(text + 8);
  } else if (strncmp(text, "from=", 5) == 0) {
    from_address = number("from=", text + 5) & ~UINT64_C(1);
    has_from = true;
  } else if (strncmp(text, "to=", 3) == 0) {
    to_address = number("to=", text + 3) & ~UINT64_C(1);
    has_to = true;
  } else if (strncmp(text, "windows=", 8) == 0) {
    windows = number("windows=", text + 8);
  } else if (strncmp(text, "functions=", 10) == 0) {
    read_functions(text + 10);  // sorted 64-bit addresses
  } else {
    return false;
  }
  return true;
}

bool profile_is_on(void) { return path != NULL && has_from && has_to; }

static size_t bucket_of(uint64_t key) { return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 50) % kBuckets; }

static bool is_function(uint64_t address) {
  size_t low = 0;
  size_t high = function_count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (functions[middle] < address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < function_count && functions[low] == address;
}

// How control leaves the instruction: only calls and jumps through registers matter for the call tree.
static enum Last last_of(const struct instruction* in) {
  const uint32_t a = (uint32_t)in->bytes[0] | (uint32_t)in->bytes[1] << 8;
  const uint32_t b = (uint32_t)in->bytes[2] | (uint32_t)in->bytes[3] << 8;
  if (is_riscv) {
    const uint32_t word = a | b << 16;
    if (in->size == 4) {
      const uint32_t rd = word >> 7 & 31;
      if ((word & 0x7F) == 0x6F) return rd == 1 || rd == 5 ? kCall : kOther;     // jal
      if ((word & 0x7F) == 0x67) return rd == 1 || rd == 5 ? kCall : kIndirect;  // jalr
      return kOther;
    }
    if ((a & 0xE003) == 0x2001) return kCall;                           // c.jal
    if ((a & 0xF07F) == 0x9002 && (a & 0x0F80) != 0) return kCall;      // c.jalr
    if ((a & 0xF07F) == 0x8002 && (a & 0x0F80) != 0) return kIndirect;  // c.jr
    return kOther;
  }
  if (in->size == 2) {
    if ((a & 0xFF80) == 0x4780) return kCall;      // blx register
    if ((a & 0xFF80) == 0x4700) return kIndirect;  // bx
    if ((a & 0xFF00) == 0xBD00) return kIndirect;  // pop {..., pc}
    if ((a & 0xFF87) == 0x4687) return kIndirect;  // mov pc
    return kOther;
  }
  if ((a & 0xF800) == 0xF000 && (b & 0xD000) == 0xD000) return kCall;      // bl
  if ((a & 0xFE50) == 0xE810 && (b & 0x8000) != 0) return kIndirect;       // ldm {..., pc}
  if ((a & 0xFF70) == 0xF850 && (b & 0xF000) == 0xF000) return kIndirect;  // ldr pc
  return kOther;
}

static struct node* child_of(struct node* parent, uint64_t entry) {
  for (struct node* n = parent->child; n != NULL; n = n->sibling) {
    if (n->entry == entry) return n;
  }
  struct node* n = allocate(sizeof *n);
  n->id = node_count++;
  n->entry = entry;
  n->parent = parent;
  n->sibling = parent->child;
  parent->child = n;
  return n;
}

static void push(uint64_t return_address, struct node* caller, bool is_tail, uint64_t entry) {
  if (depth == kDepth) return;  // deeper recursion is counted where it began
  stack[depth++] = (struct frame){return_address, caller, is_tail};
  node = child_of(caller, entry);
}

static void follow_call(const struct block* next) {
  if (previous == NULL || previous->end == next->start) return;
  if (previous->last == kCall) {
    push(previous->end, node, false, next->start);
    return;
  }
  if (previous->last == kIndirect) {
    for (size_t i = depth; i > 0; --i) {
      if (stack[i - 1].return_address != next->start) continue;
      while (i > 1 && stack[i - 1].is_tail && stack[i - 2].return_address == next->start) --i;
      depth = i - 1;
      node = stack[depth].caller;
      return;
    }
  }
  if (!next->is_entry || node->entry == next->start) return;
  // Functions that jump to each other in turn are one chain, however long they do it.
  for (size_t i = depth; i > 0 && stack[i - 1].is_tail; --i) {
    if (stack[i - 1].caller->entry != next->start) continue;
    node = stack[i - 1].caller;
    depth = i - 1;
    return;
  }
  push(depth > 0 ? stack[depth - 1].return_address : 0, node, true, next->start);
}

static struct edge* edge_of(struct block* block, size_t first, size_t last) {
  struct edge* recent = block->recent;
  if (recent != NULL && recent->node == node && recent->previous == previous && recent->first == first &&
      recent->last == last) {
    return recent;
  }
  const uint64_t key =
      node->id * 31 + block->id * 1009 + (previous != NULL ? previous->id : 0) * 65599 + first * 7 + last;
  struct edge** bucket = &edges[bucket_of(key)];
  for (struct edge* e = *bucket; e != NULL; e = e->next) {
    if (e->node == node && e->block == block && e->previous == previous && e->first == first && e->last == last) {
      return block->recent = e;
    }
  }
  struct edge* e = allocate(sizeof *e);
  *e = (struct edge){node, block, previous, first, last, 0, 0, 0, 0, *bucket};
  return block->recent = *bucket = e;
}

static void at_block(unsigned int vcpu, void* user) {
  (void)vcpu;
  if (!active) return;
  struct block* block = user;
  follow_call(block);
  current = edge_of(block, 0, block->count);
  ++current->count;
  previous = block;
}

static void at_access(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address, void* user) {
  (void)vcpu;
  if (!active) return;
  struct instruction* in = user;
  const uint64_t bytes = UINT64_C(1) << qemu_plugin_mem_size_shift(info);
  if (qemu_plugin_mem_is_store(info)) {
    ++in->writes;
    ++current->writes;
    in->written_bytes += bytes;
  } else {
    ++in->reads;
    ++current->reads;
    in->read_bytes += bytes;
  }
  if ((address & (bytes - 1)) != 0) {
    ++in->unaligned;
    ++current->unaligned;
  }
}

static void at_begin(unsigned int vcpu, void* user) {
  (void)vcpu;
  if (active || (windows > 0 && closed == windows)) return;
  const struct mark* mark = user;
  active = true;
  executed_at_begin = executed;
  node = &root;
  depth = 0;
  previous = NULL;
  current = edge_of(mark->block, mark->index, mark->block->count);
  ++current->count;
  previous = mark->block;
}

static void at_end(unsigned int vcpu, void* user) {
  (void)vcpu;
  if (!active) return;
  const struct mark* mark = user;
  active = false;
  if (closed == window_room) {
    window_room = 2 * window_room + 16;
    window_counts = realloc(window_counts, window_room * sizeof *window_counts);
    if (window_counts == NULL) _exit(1);
  }
  window_counts[closed++] = executed - executed_at_begin;
  // Of the running block, only what lies before the mark belongs to the window.
  struct edge* whole = current;
  --whole->count;
  node = whole->node;
  previous = whole->previous;
  struct edge* part = edge_of(mark->block, whole->first, mark->index);  // may be empty: control came here
  ++part->count;
  if (whole->count == 0) {
    part->reads += whole->reads;
    part->writes += whole->writes;
    part->unaligned += whole->unaligned;
  }
  if (closed == windows) {
    profile_finish();
    _exit(0);  // what follows may be an endless loop
  }
}

void profile_translated(struct qemu_plugin_tb* tb) {
  const size_t n = qemu_plugin_tb_n_insns(tb);
  if (n == 0) return;
  struct block* block = allocate(sizeof *block + n * sizeof block->instructions[0]);
  block->count = n;
  for (size_t i = 0; i < n; ++i) {
    const struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    struct instruction* in = &block->instructions[i];
    in->address = qemu_plugin_insn_vaddr(insn);
    const size_t size = qemu_plugin_insn_size(insn);
    in->size = (uint8_t)(size < kLongest ? size : kLongest);
    memcpy(in->bytes, qemu_plugin_insn_data(insn), in->size);
  }
  const struct instruction* last = &block->instructions[n - 1];
  block->start = block->instructions[0].address;
  block->end = last->address + last->size;
  // The same code may be translated again, for another state of the processor or after the cache was flushed.
  struct block** bucket = &blocks[bucket_of(block->start)];
  struct block* known = *bucket;
  for (; known != NULL; known = known->next) {
    bool same = known->start == block->start && known->count == n;
    for (size_t i = 0; same && i < n; ++i) {
      same = memcmp(known->instructions[i].bytes, block->instructions[i].bytes, kLongest) == 0;
    }
    if (same) break;
  }
  if (known != NULL) {
    free(block);
    block = known;
  } else {
    block->id = ++block_count;
    block->last = last_of(last);
    block->is_entry = is_function(block->start);
    block->next = *bucket;
    *bucket = block;
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, at_block, kReadsNoRegisters, block);
  for (size_t i = 0; i < n; ++i) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    struct instruction* in = &block->instructions[i];
    for (int end = 1; end >= 0; --end) {  // a window may be closed and opened by the same instruction
      if (in->address != (end != 0 ? to_address : from_address)) continue;
      struct mark* mark = allocate(sizeof *mark);
      *mark = (struct mark){block, i};
      qemu_plugin_register_vcpu_insn_exec_cb(insn, end != 0 ? at_end : at_begin, kReadsNoRegisters, mark);
    }
    qemu_plugin_register_vcpu_mem_cb(insn, at_access, kReadsNoRegisters, kReadsAndWrites, in);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, kInlineAddU64, &executed, 1);
  }
}

static void write_nodes(FILE* out, const struct node* n) {
  for (const struct node* c = n->child; c != NULL; c = c->sibling) {
    fprintf(out, "n %llx %llx %llx\n", (unsigned long long)c->id, (unsigned long long)n->id,
            (unsigned long long)c->entry);
    write_nodes(out, c);
  }
}

void profile_finish(void) {
  if (finished) return;
  finished = true;
  FILE* out = fopen(path, "w");
  if (out == NULL) {
    fprintf(stderr, "mote_count: '%s' cannot be written\n", path);
    return;
  }
  for (size_t k = 0; k < kBuckets; ++k) {
    for (const struct block* b = blocks[k]; b != NULL; b = b->next) {
      if (b->recent == NULL) continue;  // never ran in a window
      fprintf(out, "b %llx %zx\n", (unsigned long long)b->id, b->count);
      for (size_t i = 0; i < b->count; ++i) {
        const struct instruction* in = &b->instructions[i];
        fprintf(out, "i %llx ", (unsigned long long)in->address);
        for (size_t j = 0; j < in->size; ++j) fprintf(out, "%02x", in->bytes[j]);
        fprintf(out, " %llx %llx %llx %llx %llx\n", (unsigned long long)in->reads, (unsigned long long)in->writes,
                (unsigned long long)in->read_bytes, (unsigned long long)in->written_bytes,
                (unsigned long long)in->unaligned);
      }
    }
  }
  write_nodes(out, &root);
  for (size_t k = 0; k < kBuckets; ++k) {
    for (const struct edge* e = edges[k]; e != NULL; e = e->next) {
      if (e->count == 0) continue;
      fprintf(out, "e %llx %llx %llx %zx %zx %llx %llx %llx %llx\n", (unsigned long long)e->node->id,
              (unsigned long long)e->block->id, (unsigned long long)(e->previous != NULL ? e->previous->id : 0),
              e->first, e->last, (unsigned long long)e->count, (unsigned long long)e->reads,
              (unsigned long long)e->writes, (unsigned long long)e->unaligned);
    }
  }
  for (uint64_t i = 0; i < closed; ++i) fprintf(out, "w %llx\n", (unsigned long long)window_counts[i]);
  fputs("end\n", out);
  if (fclose(out) != 0) fputs("mote_count: the profile cannot be written\n", stderr);
}
