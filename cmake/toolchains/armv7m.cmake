# Cortex-M3: Armv7-M, no FPU, no DSP instructions.
set(MOTE_CPU_FLAGS -mcpu=cortex-m3 -mthumb -mfloat-abi=soft)
set(MOTE_CLANG_TARGET thumbv7m-none-eabi)
set(MOTE_ISAS portable armv7m)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
