# Cortex-M0, M0+: Armv6-M, no FPU, no long multiply.
set(MOTE_CPU_FLAGS -mcpu=cortex-m0 -mthumb -mfloat-abi=soft)
set(MOTE_CLANG_TARGET thumbv6m-none-eabi)
set(MOTE_ISAS portable armv6m)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
