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

# bittrue_library(<folder> SOURCES ... [PUBLIC libs...] [PRIVATE libs...])
# makes bittrue_<folder>, alias bittrue::<folder>, with public headers in <folder>/include/bittrue/<folder>.
function(bittrue_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(bittrue_${name} STATIC ${arg_SOURCES})
  add_library(bittrue::${name} ALIAS bittrue_${name})
  set_property(GLOBAL APPEND PROPERTY BITTRUE_LIBRARIES ${name})
  set_target_properties(bittrue_${name} PROPERTIES EXPORT_NAME ${name} CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_include_directories(bittrue_${name}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_features(bittrue_${name} PUBLIC cxx_std_20)
  target_link_libraries(bittrue_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:bittrue_settings>)
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
