// What the plugin uses of QEMU's plugin interface, version 1, as QEMU 7.2 has it. Debian does not package the header.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*translated_fn)(qemu_plugin_id_t, struct qemu_plugin_tb*);
typedef void (*executed_fn)(unsigned int vcpu, void* user);
typedef void (*accessed_fn)(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address, void* user);
typedef void (*processor_fn)(qemu_plugin_id_t, unsigned int vcpu);
typedef void (*exit_fn)(qemu_plugin_id_t, void* user);
enum { kReadsNoRegisters = 0, kInlineAddU64 = 0, kReadsAndWrites = 3 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, translated_fn callback);
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, processor_fn callback);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, exit_fn callback, void* user);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb* tb, executed_fn callback, int flags, void* user);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn* insn, executed_fn callback, int flags, void* user);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn* insn, int operation, void* at,
                                                uint64_t amount);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* insn, accessed_fn callback, int flags, int accesses,
                                      void* user);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* insn);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn* insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn* insn);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
