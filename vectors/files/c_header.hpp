// The one initialised array of a C or C++ text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "word_parts.hpp"

namespace bittrue {

struct CNumber {
    std::string_view text{};  // without sign, suffix and 0x; of INT64_MIN its digits
    std::size_t line = 1;
    bool negative = false;
    bool hex = false;
};

struct CArray {
    std::string name{};
    std::string type{};  // the words in front of the name without spaces around <>,: "static const ap_fixed<16,6>"
    std::size_t line = 1;
    Dims dims{};  // as declared, where they are numbers
    std::vector<CNumber> numbers{};
};

// InputError with the line when there is no such array, more than one, or anything else than numbers in it.
[[nodiscard]] CArray parse_c_array(std::string_view text, const std::string& where);

}  // namespace bittrue
