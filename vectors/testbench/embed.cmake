# cmake -D OUTPUT=FILE.cpp -D "INPUTS=a.in;b.in" -P embed.cmake: a C++ source that holds the files as text.
set(entries "")
foreach(input IN LISTS INPUTS)
  get_filename_component(name "${input}" NAME)
  string(REGEX REPLACE "\\.in$" "" name "${name}")
  # As hexadecimal, for a text may hold whatever ends a string literal or a CMake list.
  file(READ "${input}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(MAKE_C_IDENTIFIER "${name}" id)
  string(APPEND arrays "constexpr unsigned char k_${id}[] = {${bytes}};\n")
  string(APPEND entries "    if (name == \"${name}\") return {reinterpret_cast<const char*>(k_${id}), sizeof k_${id}};\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made by embed.cmake from templates/.
#include \"testbench/templates.hpp\"

#include <stdexcept>
#include <string>

namespace bittrue::testbench {
namespace {

${arrays}
}  // namespace

std::string_view template_text(std::string_view name) {
${entries}    throw std::logic_error(\"no template is called \" + std::string(name));
}

}  // namespace bittrue::testbench
")
