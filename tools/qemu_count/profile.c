// Profiles what runs between two addresses: how often each block ran after each other block, in which call, and what
// every instruction read and wrote. The host decodes the instructions and knows what they cost; this file only counts.
// The file is text, a record per line, numbers in hexadecimal:
//   b ID COUNT              a translated block of COUNT instructions, which follow:
//   i ADDRESS BYTES READS WRITES READ_BYTES WRITTEN_BYTES UNALIGNED      BYTES in the order of memory
//   n ID PARENT ENTRY LOWEST
//                           a node of the call tree: the function at ENTRY, called from PARENT, and the lowest stack
//                           pointer seen in it (all ones: none); without ENTRY, a window, whose parent is the root 0
//   e NODE BLOCK PREVIOUS FIRST LAST COUNT READS WRITES UNALIGNED
//                           in that call, instructions [FIRST, LAST) of the block ran COUNT times after block PREVIOUS
//                           (0: unknown; identifiers begin at 1), with so many accesses to memory
//   w INSTRUCTIONS NODE BASE
//                           a closed window, with the instructions that QEMU executed in it, its node, and the stack
//                           pointer when it was opened (0: not known)
//   p ADDRESS COUNT         a device register that was read again and again; so many values were made up (memory.c)
//   h ADDRESS               the program came to an endless loop of one instruction
//   end                     nothing was lost
#include "profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

enum Last { kOther, kCall, kIndirect };
enum { kDepth = 512, kBuckets = 1 << 14, kLongest = 8, kWindows = 256, kEndless = 1 << 22 };

// What an instruction says of the stack pointer, by itself or by the addresses of its accesses.
enum Stack {
  kNoStack,
  kMoves,   // adds `offset` to it
  kHidden,  // takes it from elsewhere
  kPushes,  // the first of `words` accesses is where it is now
  kStores,  // it is where the lowest access is
  kPops,    // it is behind the last access
  kBeside,  // it is `offset` below the access
};

struct instruction {
  uint64_t address;
  uint8_t bytes[kLongest];
  uint8_t size;
  uint8_t words;  // that kPushes stores
  enum Stack stack;
  int32_t offset;
  uint32_t pushed;  // accesses of kPushes so far
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
  uint64_t lowest;  // stack pointer
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

struct window {
  uint64_t executed, node, base;
};

static const char* path;
static bool is_riscv;
static uint64_t from_address, to_address;
static bool has_from, has_to, ends_at_return;
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
static struct node* top = &root;  // of the open window
static struct block* previous;
static struct block* before;        // the block that ran last, in a window or not
static struct block* entered_from;  // and the one before it
static uint64_t endless, hang;
static uint64_t stack_pointer, base, return_address;
static bool knows_stack;
static struct edge* current;  // the running block's
static bool active;
static bool finished;
static uint64_t executed, executed_at_begin;
static struct window* windows_seen;
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
    ends_at_return = strcmp(text + 3, "return") == 0;
    if (!ends_at_return) to_address = number("to=", text + 3) & ~UINT64_C(1);
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

// Thumb encodings are those of the Armv7-M and Armv8-M manuals, RISC-V's those of the unprivileged specification.
static void effect(struct instruction* in, enum Stack stack, int32_t offset) {
  in->stack = stack;
  in->offset = offset;
}

static void riscv_stack(struct instruction* in, uint32_t word) {
  const int32_t high = (int32_t)word >> 20;
  if (in->size == 4) {
    if ((word >> 15 & 31) != 2) return;
    if ((word & 0x7FFF) == 0x0113) effect(in, kMoves, high);                                       // addi sp, sp
    if ((word & 0x707F) == 0x2003) effect(in, kBeside, high);                                      // lw (sp)
    if ((word & 0x707F) == 0x2023) effect(in, kBeside, (high & ~31) | (int32_t)(word >> 7 & 31));  // sw (sp)
    return;
  }
  const int32_t sign = (word & 0x1000) != 0 ? -1 : 0;
  if ((word & 0xEF83) == 0x6101) {  // c.addi16sp
    const int32_t low =
        (int32_t)((word >> 3 & 3) << 7 | (word >> 5 & 1) << 6 | (word >> 2 & 1) << 5 | (word >> 6 & 1) << 4);
    effect(in, kMoves, sign * 512 + low);
  }
  if ((word & 0xEF83) == 0x0101) effect(in, kMoves, sign * 32 + (int32_t)(word >> 2 & 31));  // c.addi sp
  if ((word & 0xE003) == 0xC002)
    effect(in, kBeside, (int32_t)((word >> 7 & 3) << 6 | (word >> 9 & 15) << 2));  // c.swsp
  if ((word & 0xE003) == 0x4002) {
    effect(in, kBeside, (int32_t)((word >> 2 & 3) << 6 | (word >> 12 & 1) << 5 | (word >> 4 & 7) << 2));  // c.lwsp
  }
}

// A constant of a data-processing instruction (ThumbExpandImm).
static uint32_t expanded(uint32_t a, uint32_t b) {
  const uint32_t code = (a >> 10 & 1) << 11 | (b >> 12 & 7) << 8 | (b & 0xFF);
  const uint32_t low = code & 0xFF;
  switch (code >> 8) {
    case 0: return low;
    case 1: return low << 16 | low;
    case 2: return low << 24 | low << 8;
    case 3: return low << 24 | low << 16 | low << 8 | low;
    default: return (0x80U | (low & 0x7F)) << (32 - (code >> 7));
  }
}

static void thumb_stack(struct instruction* in, uint32_t a, uint32_t b) {
  if (in->size == 2) {
    const int32_t low = (int32_t)(a & 0x7F) * 4;
    if ((a & 0xFE00) == 0xB400) effect(in, kPushes, 0);
    if ((a & 0xFE00) == 0xBC00) effect(in, kPops, 0);
    if ((a & 0xFF00) == 0xB000) effect(in, kMoves, (a & 0x80) != 0 ? -low : low);
    if ((a & 0xF000) == 0x9000) effect(in, kBeside, (int32_t)(a & 0xFF) * 4);
    if ((a & 0xFF87) == 0x4685 || (a & 0xFF87) == 0x4485) effect(in, kHidden, 0);  // mov sp, add sp
    in->words = (uint8_t)__builtin_popcount(a & 0x1FF);
    return;
  }
  const bool to_sp = (b >> 8 & 15) == 13;
  if ((a & 0xFBEF) == 0xF1AD && to_sp) effect(in, kMoves, -(int32_t)expanded(a, b));  // sub.w sp, sp, #
  if ((a & 0xFBEF) == 0xF10D && to_sp) effect(in, kMoves, (int32_t)expanded(a, b));
  const int32_t plain = (int32_t)((a >> 10 & 1) << 11 | (b >> 12 & 7) << 8 | (b & 0xFF));
  if ((a & 0xFBFF) == 0xF2AD && to_sp) effect(in, kMoves, -plain);  // subw
  if ((a & 0xFBFF) == 0xF20D && to_sp) effect(in, kMoves, plain);
  if (((a & 0xFFEF) == 0xEBAD || (a & 0xFFEF) == 0xEB0D) && to_sp) effect(in, kHidden, 0);
  if ((a & 0xFFE0) == 0xF380 && ((b & 0xFF) == 8 || (b & 0xFF) == 9)) effect(in, kHidden, 0);  // msr msp, psp
  if (a == 0xE92D) {
    effect(in, kPushes, 0);
    in->words = (uint8_t)__builtin_popcount(b);
  }
  if (a == 0xE8BD) effect(in, kPops, 0);
  if (a == 0xED2D) effect(in, kStores, 0);  // vpush
  if (a == 0xECBD) effect(in, kPops, 0);
  if (a == 0xF8CD || a == 0xF8DD) effect(in, kBeside, (int32_t)(b & 0xFFF));
  if (a == 0xE9CD || a == 0xE9DD) effect(in, kBeside, (int32_t)(b & 0xFF) * 4);
  if (in->stack == kBeside && (a & 0xFF00) == 0xE900) in->words = 2;
  if (a == 0xF84D && (b & 0x0FFF) == 0x0D04) {
    effect(in, kPushes, 0);
    in->words = 1;
  }
  if (a == 0xF85D && (b & 0x0FFF) == 0x0B04) effect(in, kPops, 0);
}

static void read_stack_effect(struct instruction* in) {
  const uint32_t a = (uint32_t)in->bytes[0] | (uint32_t)in->bytes[1] << 8;
  const uint32_t b = (uint32_t)in->bytes[2] | (uint32_t)in->bytes[3] << 8;
  if (is_riscv) {
    riscv_stack(in, in->size == 4 ? a | b << 16 : a);
  } else {
    thumb_stack(in, a, b);
  }
}

static void set_stack(uint64_t value) {
  knows_stack = true;
  stack_pointer = value;
  if (active && value < node->lowest) node->lowest = value;
}

static void at_stack_access(struct instruction* in, uint64_t address, uint64_t bytes) {
  switch (in->stack) {
    case kPushes:
      if (in->pushed++ % in->words != 0) return;
      if (active && base == 0) base = address + 4 * in->words;
      set_stack(address);
      break;
    case kStores:
      if (knows_stack && address < stack_pointer) set_stack(address);
      break;
    case kPops: set_stack(address + bytes); break;
    case kBeside:
      // Of a pair, the first access is at the offset.
      if (in->words == 2 && in->pushed++ % 2 != 0 && bytes == 4) return;
      set_stack(address - (uint64_t)(int64_t)in->offset);
      if (active && base == 0) base = stack_pointer;
      break;
    default: break;
  }
}

static void at_stack_move(unsigned int vcpu, void* user) {
  (void)vcpu;
  const struct instruction* in = user;
  if (in->stack == kHidden) {
    knows_stack = false;
  } else if (knows_stack) {
    set_stack(stack_pointer + (uint64_t)(int64_t)in->offset);
  }
}

static struct node* child_of(struct node* parent, uint64_t entry) {
  for (struct node* n = parent->child; n != NULL; n = n->sibling) {
    if (n->entry == entry) return n;
  }
  struct node* n = allocate(sizeof *n);
  n->id = node_count++;
  n->entry = entry;
  n->lowest = UINT64_MAX;
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

static void close_window(void);

static void at_block(unsigned int vcpu, void* user) {
  (void)vcpu;
  struct block* block = user;
  entered_from = before;
  if (!active) {
    before = block;
    return;
  }
  if (ends_at_return && depth == 0 && block->start == return_address) {
    ++edge_of(block, 0, 0)->count;  // control came here
    close_window();
    before = block;
    return;
  }
  before = block;
  follow_call(block);
  current = edge_of(block, 0, block->count);
  ++current->count;
  previous = block;
}

static void at_access(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address, void* user) {
  (void)vcpu;
  struct instruction* in = user;
  const uint64_t bytes = UINT64_C(1) << qemu_plugin_mem_size_shift(info);
  if (in->stack != kNoStack) at_stack_access(in, address, bytes);
  if (!active) return;
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
  if (ends_at_return) {
    // A call leads here; anything else is no beginning of the function.
    if (mark->index != 0 || entered_from == NULL || entered_from->last != kCall) return;
    return_address = entered_from->end;
  }
  active = true;
  executed_at_begin = executed;
  base = knows_stack ? stack_pointer : 0;
  if (closed < kWindows) {
    top = allocate(sizeof *top);
    top->id = node_count++;
    top->lowest = UINT64_MAX;
    top->parent = &root;
    top->sibling = root.child;
    root.child = top;
  }
  node = top;
  depth = 0;
  previous = NULL;
  current = edge_of(mark->block, mark->index, mark->block->count);
  ++current->count;
  previous = mark->block;
}

static void close_window(void) {
  active = false;
  if (closed == window_room) {
    window_room = 2 * window_room + 16;
    windows_seen = realloc(windows_seen, window_room * sizeof *windows_seen);
    if (windows_seen == NULL) _exit(1);
  }
  windows_seen[closed++] = (struct window){executed - executed_at_begin, top->id, base};
  if (closed == windows) {
    profile_finish();
    _exit(0);  // what follows may be an endless loop
  }
}

static void at_end(unsigned int vcpu, void* user) {
  (void)vcpu;
  if (!active) return;
  const struct mark* mark = user;
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
  close_window();
}

static void at_endless(unsigned int vcpu, void* user) {
  (void)vcpu;
  const struct block* block = user;
  endless = entered_from == block ? endless + 1 : 0;
  hang = block->start;
  if (endless < kEndless) return;
  profile_finish();
  _exit(0);
}

// A branch to itself.
static bool is_endless(const struct instruction* in) {
  static const uint8_t kThumb[] = {0xFE, 0xE7};
  static const uint8_t kWideThumb[] = {0xFF, 0xF7, 0xFE, 0xBF};
  static const uint8_t kRiscv[] = {0x6F, 0, 0, 0};
  static const uint8_t kNarrowRiscv[] = {0x01, 0xA0};
  const uint8_t* code = in->size == 2 ? (is_riscv ? kNarrowRiscv : kThumb) : is_riscv ? kRiscv : kWideThumb;
  return memcmp(in->bytes, code, in->size) == 0;
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
    read_stack_effect(in);
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
  if (is_endless(&block->instructions[0])) {
    qemu_plugin_register_vcpu_tb_exec_cb(tb, at_endless, kReadsNoRegisters, block);
  }
  for (size_t i = 0; i < n; ++i) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    struct instruction* in = &block->instructions[i];
    for (int end = 1; end >= 0; --end) {  // a window may be closed and opened by the same instruction
      if (end != 0 && ends_at_return) continue;
      if (in->address != (end != 0 ? to_address : from_address)) continue;
      struct mark* mark = allocate(sizeof *mark);
      *mark = (struct mark){block, i};
      qemu_plugin_register_vcpu_insn_exec_cb(insn, end != 0 ? at_end : at_begin, kReadsNoRegisters, mark);
    }
    if (in->stack == kMoves || in->stack == kHidden) {
      qemu_plugin_register_vcpu_insn_exec_cb(insn, at_stack_move, kReadsNoRegisters, in);
    }
    qemu_plugin_register_vcpu_mem_cb(insn, at_access, kReadsNoRegisters, kReadsAndWrites, in);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, kInlineAddU64, &executed, 1);
  }
}

static void write_nodes(FILE* out, const struct node* n) {
  for (const struct node* c = n->child; c != NULL; c = c->sibling) {
    fprintf(out, "n %llx %llx %llx %llx\n", (unsigned long long)c->id, (unsigned long long)n->id,
            (unsigned long long)c->entry, (unsigned long long)c->lowest);
    write_nodes(out, c);
  }
}

static void write_wait(uint64_t address, uint64_t count, void* user) {
  fprintf(user, "p %llx %llx\n", (unsigned long long)address, (unsigned long long)count);
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
  for (uint64_t i = 0; i < closed; ++i) {
    fprintf(out, "w %llx %llx %llx\n", (unsigned long long)windows_seen[i].executed,
            (unsigned long long)windows_seen[i].node, (unsigned long long)windows_seen[i].base);
  }
  memory_waits(write_wait, out);
  if (endless >= kEndless) fprintf(out, "h %llx\n", (unsigned long long)hang);
  fputs("end\n", out);
  if (fclose(out) != 0) fputs("mote_count: the profile cannot be written\n", stderr);
}
