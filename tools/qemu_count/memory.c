// Uses functions that the emulator exports for its own modules, looked up by name: their types are those of QEMU 5
// to 8. Memory is the computer's own, taken page by page as it is touched. A device register reads as what was written
// to it last. A program that reads one register again and again waits for the hardware to change it; it then gets
// numbers from a fixed sequence until it goes on, so that waiting for a clock to become ready ends, and every run is
// the same.
#include "memory.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kRegions = 16, kPatience = 64, kWaits = 256 };
static const unsigned kPatienceAnywhere = 4096;

struct region {
  uint64_t origin, bytes;
  bool is_device;
  uint8_t* host;
};

// As QEMU declares it (include/exec/memory.h).
struct operations {
  uint64_t (*read)(void* opaque, uint64_t offset, unsigned bytes);
  void (*write)(void* opaque, uint64_t offset, uint64_t value, unsigned bytes);
  void* read_with_attributes;
  void* write_with_attributes;
  int endianness;  // 2: little
  struct {
    unsigned smallest, largest;
    bool unaligned;
    void* accepts;
  } valid;
  struct {
    unsigned smallest, largest;
    bool unaligned;
  } implemented;
};

struct wait {
  uint64_t address, count;
};

static struct region regions[kRegions];
static size_t region_count;
static bool is_over;
static struct wait waits[kWaits];
static size_t wait_count;
static uint64_t last_read;
static unsigned same_reads, reads_without_write;
static uint64_t random_state = 88172645463325252;

bool memory_option(const char* text) {
  const bool is_ram = strncmp(text, "ram=", 4) == 0;
  if (strncmp(text, "over=", 5) == 0) {
    is_over = text[5] == '1';
    return true;
  }
  if (!is_ram && strncmp(text, "devices=", 8) != 0) return false;
  char* end = NULL;
  struct region r = {0, 0, !is_ram, NULL};
  r.origin = strtoull(text + (is_ram ? 4 : 8), &end, 0);
  if (*end == ':') r.bytes = strtoull(end + 1, &end, 0);
  if (*end != '\0' || r.bytes == 0 || region_count == kRegions) {
    fprintf(stderr, "mote_count: '%s' is no memory\n", text);
    exit(1);
  }
  regions[region_count++] = r;
  return true;
}

bool memory_is_wanted(void) { return region_count > 0; }

static uint64_t made_up(uint64_t address) {
  size_t i = 0;
  while (i < wait_count && waits[i].address != address) ++i;
  if (i == wait_count && wait_count < kWaits) waits[wait_count++] = (struct wait){address, 0};
  if (i < wait_count) ++waits[i].count;
  random_state ^= random_state << 13;  // xorshift64
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state >> 16;
}

static uint64_t device_read(void* opaque, uint64_t offset, unsigned bytes) {
  const struct region* r = opaque;
  const uint64_t address = r->origin + offset;
  same_reads = address == last_read ? same_reads + 1 : 0;
  last_read = address;
  ++reads_without_write;
  uint64_t value = 0;
  memcpy(&value, r->host + offset, bytes);
  if (same_reads > kPatience || reads_without_write > kPatienceAnywhere) value = made_up(address);
  return bytes < 8 ? value & ((UINT64_C(1) << 8 * bytes) - 1) : value;
}

static void device_write(void* opaque, uint64_t offset, uint64_t value, unsigned bytes) {
  const struct region* r = opaque;
  same_reads = 0;
  reads_without_write = 0;
  memcpy(r->host + offset, &value, bytes);
}

static const struct operations kDevice = {device_read, device_write, NULL, NULL, 2, {1, 8, true, NULL}, {1, 8, true}};

static void* symbol(const char* name) {
  void* out = dlsym(NULL, name);
  if (out == NULL) {
    fprintf(stderr, "mote_count: this emulator has no '%s' to add memory with\n", name);
    _exit(1);
  }
  return out;
}

void memory_add(void) {
  static bool done;
  if (done) return;
  done = true;
  void* (*system)(void);
  void (*init_ram)(void* region, void* owner, const char* name, uint64_t bytes, void* host);
  void (*init_device)(void* region, void* owner, const struct operations*, void* opaque, const char* name,
                      uint64_t bytes);
  void (*add)(void* container, uint64_t offset, void* region, int priority);
  *(void**)&system = symbol("get_system_memory");
  *(void**)&init_ram = symbol("memory_region_init_ram_ptr");
  *(void**)&init_device = symbol("memory_region_init_io");
  *(void**)&add = symbol("memory_region_add_subregion_overlap");
  enum { kRoomForRegion = 4096 };  // QEMU 7.2 needs 272 bytes
  for (size_t i = 0; i < region_count; ++i) {
    struct region* r = &regions[i];
    r->host = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    void* region = calloc(1, kRoomForRegion);
    if (r->host == MAP_FAILED || region == NULL) {
      fputs("mote_count: out of memory\n", stderr);
      _exit(1);
    }
    char name[32];
    snprintf(name, sizeof name, "mote-%zu", i);
    if (r->is_device) {
      init_device(region, NULL, &kDevice, r, name, r->bytes);
    } else {
      init_ram(region, NULL, name, r->bytes, r->host);
    }
    add(system(), r->origin, region, is_over ? 10 : -10);
  }
}

void memory_waits(void (*write)(uint64_t address, uint64_t count, void* user), void* user) {
  for (size_t i = 0; i < wait_count; ++i) write(waits[i].address, waits[i].count, user);
}
