# Sets `out` to the -isystem flags of the C++ and C headers that arm-none-eabi-g++ would use with the flags given.
function(newlib_header_flags out)
  execute_process(COMMAND arm-none-eabi-g++ ${ARGN} -E -x c++ -v /dev/null OUTPUT_QUIET ERROR_VARIABLE text)
  string(REGEX MATCHALL "\n /[^\n]*/arm-none-eabi/include[^\n]*" folders "${text}")
  list(TRANSFORM folders STRIP)
  list(TRANSFORM folders PREPEND "-isystem ")
  string(JOIN " " flags ${folders})
  set(${out} "${flags}" PARENT_SCOPE)
endfunction()
