// parse_digits_request: what it takes is written and read back, and within the limits.
#include "bittrue/vectors/digits.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    return {"digits:1", "digits:100:7", "digits:1000000:18446744073709551615"};
}

std::vector<std::string> dictionary() {
    return {"digits:", ":", "0", "-1", "1000001", "18446744073709551616", "+", "0x"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text = text_of(data, size);
    DigitsRequest request;
    if (!takes([&] { request = parse_digits_request(text); })) return 0;
    require(is_digits_request(text), "a request is recognised as one");
    require(request.count >= 1 && request.count <= kMaxDigits, "a request asks for 1..kMaxDigits digits");
    must_take("a printed request can be read", [&] {
        const DigitsRequest again =
            parse_digits_request("digits:" + std::to_string(request.count) + ":" + std::to_string(request.seed));
        require(again.count == request.count && again.seed == request.seed, "a request means the same when printed");
    });
    return 0;
}
