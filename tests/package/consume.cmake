# Builds tests/package/consumer in a scratch folder and runs it. CONSUMER=installed: against `cmake --install` of BUILD
# into the scratch folder; CONSUMER=nested: with add_subdirectory of our sources.
function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed: ${status}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
set(arguments -G ${GENERATOR} -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})

if(CONSUMER STREQUAL "installed")
  run("install" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/prefix)
  list(APPEND arguments -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCMAKE_CXX_FLAGS=${SANITIZE} -DCMAKE_C_FLAGS=${SANITIZE})
else()
  list(APPEND arguments -DBITTRUE_SOURCE=${SOURCE} -DBITTRUE_BUILD_CAPI=ON -DBITTRUE_WARNINGS_AS_ERRORS=${STRICT} -DCMAKE_CXX_FLAGS=)
endif()
run("configure" ${CMAKE_COMMAND} -S ${SOURCE}/tests/package/consumer -B ${SCRATCH}/build ${arguments})
run("build" ${CMAKE_COMMAND} --build ${SCRATCH}/build -j 2)
run("the consumer" ${SCRATCH}/build/consumer)
run("the consumer in C" ${SCRATCH}/build/c_consumer ${SOURCE}/examples/live/mlp.toml)

if(CONSUMER STREQUAL "installed")
  if(EXISTS ${BUILD}/cli/bittrue)
    run("the installed program" ${SCRATCH}/prefix/bin/bittrue --version)
  endif()
endif()
