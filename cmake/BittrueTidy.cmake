# `format` rewrites every source by .clang-format, `format-check` only tells, `tidy` runs the allow-list of .clang-tidy.
# None of them is part of `all`: a build needs no clang.
find_program(BITTRUE_CLANG_FORMAT NAMES clang-format clang-format-14)
find_program(BITTRUE_RUN_CLANG_TIDY NAMES run-clang-tidy run-clang-tidy-14)
mark_as_advanced(BITTRUE_CLANG_FORMAT BITTRUE_RUN_CLANG_TIDY)

set(folders model emulator golden vectors verify explore capi cli bench tests examples)
list(TRANSFORM folders PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE source_folders)

if(BITTRUE_CLANG_FORMAT)
  foreach(mode format format-check)
    set(arguments -i)
    if(mode STREQUAL "format-check")
      set(arguments --dry-run -Werror)
    endif()
    list(JOIN arguments " " arguments)
    add_custom_target(${mode}
      COMMAND sh -c "find \"$@\" -name '*.[ch]pp' -print0 | xargs -0 ${BITTRUE_CLANG_FORMAT} ${arguments}" sh ${source_folders}
      COMMENT "clang-format ${arguments}" VERBATIM)
  endforeach()
endif()

if(BITTRUE_RUN_CLANG_TIDY)
  list(JOIN folders "|" alternatives)
  add_custom_target(tidy
    COMMAND ${BITTRUE_RUN_CLANG_TIDY} -quiet -p ${PROJECT_BINARY_DIR} "${PROJECT_SOURCE_DIR}/(${alternatives})/.*\\.cpp$"
    COMMENT "clang-tidy" VERBATIM USES_TERMINAL)
endif()
