# Cortex-M55: Armv8.1-M mainline with Helium.
set(MOTE_CPU_FLAGS -mcpu=cortex-m55 -mthumb -mfloat-abi=hard)
set(MOTE_CLANG_TARGET thumbv8.1m.main-none-eabihf)
set(MOTE_ISAS portable armv7em mve)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
