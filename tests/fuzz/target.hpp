// A fuzz target: LLVMFuzzerTestOneInput feeds one parser. libFuzzer calls it in the preset `fuzz`, driver.cpp in all
// others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/model/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace bittrue::fuzz {

// Every target defines both. Seeds are valid inputs: the driver insists that the parser takes each of them, so that the
// properties are known to be reached.
std::vector<std::string> seeds();
std::vector<std::string> dictionary();

// The bytes themselves, without a terminator behind them: a parser that reads too far is caught by the sanitizers.
inline std::string_view view_of(const std::uint8_t* data, std::size_t size) {
    return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}
inline std::string text_of(const std::uint8_t* data, std::size_t size) {
    return std::string(view_of(data, size));
}

// A property of accepted input.
inline void require(bool holds, std::string_view property) {
    if (holds) return;
    std::fprintf(stderr, "fuzz: does not hold: %.*s\n", static_cast<int>(property.size()), property.data());
    std::abort();
}

// How many inputs the parser took since the program began.
inline std::uint64_t& taken_count() {
    static std::uint64_t count = 0;
    return count;
}

// True when `parse` took the input, false when it refused it with an InputError that says why. Any other exception is a
// bug and leaves this function.
template <typename Parse>
bool takes(Parse&& parse) {
    try {
        parse();
    } catch (const InputError& error) {
        require(error.what()[0] != '\0', "a refusal says what is wrong");
        return false;
    }
    ++taken_count();
    return true;
}

// The same for a second parse, of what the product itself wrote: it must not be refused.
template <typename Parse>
void must_take(std::string_view what, Parse&& parse) {
    try {
        parse();
    } catch (const InputError& error) {
        std::fprintf(stderr, "fuzz: refused: %s\n", error.what());
        require(false, what);
    }
}

}  // namespace bittrue::fuzz
