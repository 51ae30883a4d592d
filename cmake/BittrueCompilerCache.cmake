# ccache in front of the compilers when the machine has it and nobody chose another launcher.
find_program(BITTRUE_CCACHE ccache)
mark_as_advanced(BITTRUE_CCACHE)
foreach(language C CXX)
  if(BITTRUE_CCACHE AND NOT DEFINED CMAKE_${language}_COMPILER_LAUNCHER)
    set(CMAKE_${language}_COMPILER_LAUNCHER ${BITTRUE_CCACHE})
  endif()
endforeach()
