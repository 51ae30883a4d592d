// parse_schedule: what it takes is printed and read back; what it refuses leaves the accumulator alone.
#include "bittrue/model/accumulator.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    return {"sequential", "interleave:16", "fold:8", "cascade:4", "partial:16777216", "tree"};
}

std::vector<std::string> dictionary() {
    return {"sequential", "interleave:",         "fold:", "cascade:", "partial:", "tree", ":", "0", "-1",
            "16777217",   "99999999999999999999"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text = text_of(data, size);
    const AccumulatorSpec before{.type = {}, .group = 77};
    AccumulatorSpec spec = before;
    if (!takes([&] { parse_schedule(text, spec); })) {
        require(spec == before, "a refused schedule changes nothing");
        return 0;
    }
    spec.quantize = QuantizeAt::End;  // which every schedule allows
    require(reason_invalid(spec).empty(), "a schedule that was read is valid");
    AccumulatorSpec again = spec;
    again.schedule = Schedule::Sequential;
    again.group = 1;
    must_take("a printed schedule can be read", [&] { parse_schedule(print_schedule(spec), again); });
    require(again == spec, "print_schedule and parse_schedule agree");
    return 0;
}
