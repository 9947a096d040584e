# Cortex-M33: Armv8-M mainline with the DSP instructions of Armv7E-M.
set(MOTE_CPU_FLAGS -mcpu=cortex-m33 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16)
set(MOTE_CLANG_TARGET thumbv8m.main-none-eabihf)
set(MOTE_ISAS portable armv7em)
include(${CMAKE_CURRENT_LIST_DIR}/arm.cmake)
