/* Reset, trap, semihosting and the painted call for a RISC-V core in machine mode. */
  .option arch, +zicsr

  .section .vectors, "ax"
  .global mote_reset
  .type mote_reset, @function
mote_reset:
  la sp, mote_stack_top
  la t0, mote_trap
  csrw mtvec, t0
  /* A locked region that may be read and run, not written: a stack that overflows downwards faults there. */
  la t0, mote_flash_origin
  srli t0, t0, 2
  csrw pmpaddr0, t0
  la t0, mote_flash_end
  srli t0, t0, 2
  csrw pmpaddr1, t0
  li t0, 0x8D00         /* entry 1: locked, top of range, execute, read */
  csrw pmpcfg0, t0
  jal mote_paint
  jal mote_start

  .text

/* mote_fault(pc, return address, data address, cause, sp), on a stack of its own choice: the old one may be gone. */
  .balign 4
  .global mote_trap
  .type mote_trap, @function
mote_trap:
  csrr a0, mepc
  mv a1, ra
  csrr a2, mtval
  csrr a3, mcause
  mv a4, sp
  la sp, mote_stack_top
  jal mote_fault

/* long mote_semihost(long operation, const void* argument). The three instructions must not be compressed. */
  .balign 16
  .global mote_semihost
  .type mote_semihost, @function
mote_semihost:
  .option push
  .option norvc
  slli x0, x0, 0x1f
  ebreak
  srai x0, x0, 7
  .option pop
  ret

/* Paints from the stack limit to sp. Uses t0 and t1. */
  .type mote_paint, @function
mote_paint:
  la t0, mote_stack_limit
  li t1, 0xA5A5A5A5
1:
  bgeu t0, sp, 2f
  sw t1, 0(t0)
  addi t0, t0, 4
  j 1b
2:
  ret

/* uintptr_t mote_paint_and_invoke(void (*invoke)(uint8_t*), uint8_t* arena) */
  .global mote_paint_and_invoke
  .type mote_paint_and_invoke, @function
mote_paint_and_invoke:
  addi sp, sp, -16
  sw ra, 12(sp)
  sw s0, 8(sp)
  jal mote_paint
  mv s0, sp
  mv t0, a0
  mv a0, a1
  jalr t0
  .global mote_invoke_return
mote_invoke_return:
  mv a0, s0
  lw ra, 12(sp)
  lw s0, 8(sp)
  addi sp, sp, 16
  ret
