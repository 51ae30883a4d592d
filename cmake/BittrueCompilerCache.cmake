# ccache in front of the compilers when the machine has it and nobody chose another launcher. With precompiled headers it
# caches only if it may ignore that __DATE__ and macros could have been different when they were made.
find_program(BITTRUE_CCACHE ccache)
mark_as_advanced(BITTRUE_CCACHE)
foreach(language C CXX)
  if(BITTRUE_CCACHE AND NOT DEFINED CMAKE_${language}_COMPILER_LAUNCHER)
    set(CMAKE_${language}_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${BITTRUE_CCACHE})
  endif()
endforeach()
