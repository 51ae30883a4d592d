// Quantises the same value by both engines through the public headers, as a user's first program would.
#include <iostream>

#include <bittrue/emulator/emulator.hpp>
#include <bittrue/golden/golden.hpp>
#include <bittrue/model/notation.hpp>

int main() {
    const bittrue::FixedType type = bittrue::parse_type("ap_fixed<8,3,AP_RND,AP_SAT>");
    const bittrue::Converted fast = bittrue::emulator::quantize_real(1.234, type);
    const bittrue::Converted exact = bittrue::golden::quantize_real(1.234, type);
    std::cout << bittrue::print_type(type) << ": 1.234 is raw " << fast.word << '\n';
    return fast == exact && fast.word == 39 ? 0 : 1;  // 1.234 * 32 = 39.488
}
