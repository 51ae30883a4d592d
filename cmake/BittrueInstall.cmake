# `cmake --install`: libraries, public headers, and the package that find_package(bittrue)
# reads; the program installs itself (cli/).
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/bittrue)

get_property(libraries GLOBAL PROPERTY BITTRUE_LIBRARIES)
list(TRANSFORM libraries PREPEND bittrue_ OUTPUT_VARIABLE library_targets)
install(TARGETS ${library_targets} EXPORT bittrueTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(library IN LISTS libraries)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${library}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.hpp")
endforeach()

install(EXPORT bittrueTargets NAMESPACE bittrue:: DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/bittrueConfig.cmake.in
  ${PROJECT_BINARY_DIR}/bittrueConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/bittrueConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/bittrueConfig.cmake ${PROJECT_BINARY_DIR}/bittrueConfigVersion.cmake
  DESTINATION ${package_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
