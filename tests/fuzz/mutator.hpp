// Damages inputs: seeded, and the same on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bittrue::fuzz {

class Mutator {
public:
    Mutator(std::uint64_t seed, std::vector<std::string> dictionary)
        : state_(seed), dictionary_(std::move(dictionary)) {}

    std::uint64_t below(std::uint64_t bound);  // 0..bound-1; 0 for a bound of 0
    // One to eight damages in a row. `other` lends a block of itself.
    std::string damaged(std::string input, const std::string& other);

private:
    void damage(std::string& input, const std::string& other);
    void replace_number(std::string& input);
    void replace_line(std::string& input, const std::string& other);

    std::uint64_t state_;
    std::vector<std::string> dictionary_;
};

}  // namespace bittrue::fuzz
