# Cortex-M4, M7: Armv7E-M with DSP instructions and the single-precision FPU of an M4.
set(MOTE_CPU_FLAGS -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16)
set(MOTE_CLANG_TARGET thumbv7em-none-eabihf)
set(MOTE_ISAS portable armv7em)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
