# How every library, program and test of the project is set up: one place for the language level, warnings, sanitizers.

# Compile settings of our own code; never exported to consumers.
add_library(bittrue_settings INTERFACE)
target_compile_features(bittrue_settings INTERFACE cxx_std_20)
target_compile_options(bittrue_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wcast-align -Wimplicit-fallthrough -Wswitch-enum
  $<$<BOOL:${BITTRUE_WARNINGS_AS_ERRORS}>:-Werror>)
# GCC 12 warns of overlapping copies inside std::string's operator+ (GCC bug 105651); its -Wrestrict is useless.
target_compile_options(bittrue_settings INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(BITTRUE_SANITIZE)
  target_compile_options(bittrue_settings INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(bittrue_settings INTERFACE -fsanitize=address,undefined)
endif()
if(BITTRUE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "BITTRUE_FUZZ needs clang: use the preset fuzz, or pass -DCMAKE_CXX_COMPILER=clang++")
  endif()
  target_compile_options(bittrue_settings INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(bittrue_settings INTERFACE -fsanitize=address,undefined)
endif()

# What nearly every source reads is parsed once and reused. Only the sanitizers' preset asks for it: `dev` does not, so that a
# source that includes too little is found there; nor does `release`, because where the standard library is inlined out of a
# precompiled header GCC 12 no longer knows it as a system header's, and warns of its strings.
option(BITTRUE_PRECOMPILE "Precompile the headers that most sources read" OFF)
mark_as_advanced(BITTRUE_PRECOMPILE)
if(BITTRUE_PRECOMPILE)
  target_compile_options(bittrue_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # what ccache needs
endif()

# bittrue_precompile(<name> LIBS libs... HEADERS headers...): what bittrue_use_precompiled(<target> <name>) can refer to.
# Both must be compiled with the same options.
function(bittrue_precompile name)
  cmake_parse_arguments(arg "" "" "LIBS;HEADERS" ${ARGN})
  if(NOT BITTRUE_PRECOMPILE)
    return()
  endif()
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${name} PRIVATE ${arg_LIBS} bittrue_settings)
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
endfunction()
function(bittrue_use_precompiled target name)
  if(BITTRUE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${name})
    # fmt reads this macro, and a precompiled header counts only where all that it read is the same.
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_COMPILE_DEFINITIONS>)
  endif()
endfunction()

set(BITTRUE_STANDARD_HEADERS
  <algorithm> <array> <atomic> <bit> <charconv> <cmath> <cstdint> <filesystem> <functional> <limits> <map> <memory> <numeric>
  <optional> <set> <span> <stdexcept> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
find_package(fmt REQUIRED)
bittrue_precompile(bittrue_library_headers LIBS fmt::fmt HEADERS ${BITTRUE_STANDARD_HEADERS} <fmt/format.h> <fmt/ranges.h>)
if(BITTRUE_PRECOMPILE)
  set_target_properties(bittrue_library_headers PROPERTIES POSITION_INDEPENDENT_CODE ON)
endif()

# bittrue_library(<folder> [COMPUTES] SOURCES ... [PUBLIC libs...] [PRIVATE libs...])
# makes bittrue_<folder>, alias bittrue::<folder>, with public headers in <folder>/include/bittrue/<folder>.
# COMPUTES: optimised even with the sanitizers, because tests compute for long with it.
function(bittrue_library name)
  cmake_parse_arguments(arg "COMPUTES" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(bittrue_${name} STATIC ${arg_SOURCES})
  add_library(bittrue::${name} ALIAS bittrue_${name})
  set_property(GLOBAL APPEND PROPERTY BITTRUE_LIBRARIES ${name})
  set_target_properties(bittrue_${name} PROPERTIES EXPORT_NAME ${name} CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_include_directories(bittrue_${name}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_features(bittrue_${name} PUBLIC cxx_std_20)
  target_link_libraries(bittrue_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:bittrue_settings>)
  if(BITTRUE_SANITIZE AND arg_COMPUTES)
    target_compile_options(bittrue_${name} PRIVATE -O1)
  else()
    bittrue_use_precompiled(bittrue_${name} bittrue_library_headers)
  endif()
endfunction()

# bittrue_kernels(<target> sources...): sources that Highway compiles once for each instruction set. The sanitizers' check
# for what is used after its scope takes g++ 12 up to a minute in one of them, for lanes that have no address.
function(bittrue_kernels target)
  if(BITTRUE_SANITIZE)
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES
      COMPILE_OPTIONS -fno-sanitize-address-use-after-scope)
  endif()
endfunction()

# bittrue_test(<name> SOURCES ... LIBS ... [LABELS label] [TIMEOUT s]): a Catch2 program, one ctest test per TEST_CASE.
# Labels with a meaning: `exhaustive` (minutes; left out of the normal run), `input` (bad input of users; ./check runs
# these with the sanitizers, too).
function(bittrue_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(test_${name} ${arg_SOURCES})
  set_target_properties(test_${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(test_${name} PRIVATE ${arg_LIBS} Catch2::Catch2WithMain bittrue_settings)
  bittrue_use_precompiled(test_${name} bittrue_test_headers)
  target_compile_definitions(test_${name} PRIVATE BITTRUE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  set(properties TIMEOUT ${arg_TIMEOUT})
  list(LENGTH arg_LABELS count)
  if(count GREATER 1)
    message(FATAL_ERROR "test ${name}: Catch2's discovery passes one label only")
  elseif(arg_LABELS)
    list(APPEND properties LABELS ${arg_LABELS})
  endif()
  # Catch2 exits with the number of failed assertions, so no exit code may mean "skipped". A name that selects no test
  # would exit 0: NoTests makes it an error.
  catch_discover_tests(test_${name} TEST_PREFIX "${name}/" EXTRA_ARGS -w NoTests PROPERTIES ${properties})
  if("input" IN_LIST arg_LABELS)
    add_dependencies(tests_input test_${name})
  endif()
endfunction()

# Everything that has the label `input`.
if(BITTRUE_BUILD_TESTS)
  add_custom_target(tests_input)
endif()
