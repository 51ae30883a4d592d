# The functions that HEADER declares are the dynamic symbols that LIBRARY defines.
execute_process(COMMAND ${NM} --dynamic --defined-only --format=posix ${LIBRARY}
  OUTPUT_VARIABLE lines RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "nm failed: ${status}")
endif()
string(REGEX MATCHALL "[^\n]+" lines "${lines}")
set(exported "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "@?@?[A-Z0-9_]* .*" "" name "${line}")
  if(NOT line MATCHES "^BITTRUE_[0-9]+.* A ")  # the version itself
    list(APPEND exported "${name}")
  endif()
endforeach()

file(READ ${HEADER} text)
string(REGEX REPLACE "/\\*[^*]*(\\*[^/*][^*]*)*\\*/" "" text "${text}")
string(REGEX MATCHALL "bittrue_[a-z_]+\\(" declared "${text}")
list(TRANSFORM declared REPLACE "\\($" "")

list(SORT exported)
list(SORT declared)
list(LENGTH declared count)
if(count LESS 10 OR NOT exported STREQUAL declared)
  message(FATAL_ERROR "declared: ${declared}\nexported: ${exported}")
endif()
message(STATUS "${count} functions, all of them exported, nothing else")
