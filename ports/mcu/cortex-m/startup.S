/* Reset, vectors, semihosting and the painted call for every Cortex-M; armv6-m instructions only. */
  .syntax unified
  .thumb

  .section .vectors, "a"
  .word mote_stack_top
  .word mote_reset
  .rept 14              /* NMI to SysTick: nothing is enabled, so whatever comes is a fault */
  .word mote_trap
  .endr

  .text

  .global mote_reset
  .type mote_reset, %function
mote_reset:
  ldr r0, =mote_stack_top
  mov sp, r0
  bl mote_paint
  bl mote_protect_stack
  bl mote_enable_coprocessors
  bl mote_start

/* mote_fault(sp at the fault, exception number), on a stack of its own choice: the old one may be gone. */
  .global mote_trap
  .type mote_trap, %function
mote_trap:
  mov r0, sp
  mrs r1, ipsr
  ldr r2, =mote_stack_top
  mov sp, r2
  bl mote_fault

/* long mote_semihost(long operation, const void* argument) */
  .global mote_semihost
  .type mote_semihost, %function
mote_semihost:
  bkpt 0xAB
  bx lr

/* Paints from the stack limit to sp. Uses r2, r3 and ip. */
  .type mote_paint, %function
mote_paint:
  ldr r2, =mote_stack_limit
  ldr r3, =0xA5A5A5A5
  mov ip, sp
1:
  cmp r2, ip
  bhs 2f
  stmia r2!, {r3}
  b 1b
2:
  bx lr

/* uintptr_t mote_paint_and_invoke(void (*invoke)(uint8_t*), uint8_t* arena) */
  .global mote_paint_and_invoke
  .type mote_paint_and_invoke, %function
mote_paint_and_invoke:
  push {r4, lr}
  bl mote_paint
  mov r4, sp
  mov r3, r0
  mov r0, r1
  blx r3
  .global mote_invoke_return
mote_invoke_return:
  mov r0, r4
  pop {r4, pc}

  .ltorg
