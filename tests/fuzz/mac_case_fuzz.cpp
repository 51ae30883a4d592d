// parse_case: what it takes is written and read back alike.
#include "fuzz/target.hpp"
#include "mac_case.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    const std::string side =
        "weight = \"ap_fixed<8,2>\"\ninput = \"ap_ufixed<8,0>\"\nw = \"118,-21,120\"\nx = \"54,157,92\"\n"
        "bias = \"ap_fixed<8,3>\"\nb = \"25\"\naccumulator = \"ap_fixed<10,4,AP_RND,AP_SAT>\"\naccumulator_raw = "
        "\"-512\"\n";
    return {"bittrue_case = 1\nword = \"conv2d[image 1, channel 2]\"\n\n[expected]\n" + side,
            "bittrue_case = 1\n[expected]\n" + side + "order = \"fold:2\"\nquantize = \"fold\"\n[found]\n" + side +
                "order = \"tree\"\nbias_position = \"last\"\nbias_cast = \"ap_fixed<6,3>\"\n",
            "bittrue_case = 1\n[expected]\n" + side + "[found]\n" + side +
                "product = \"ap_fixed<9,4>\"\nskip_first = 1\nskip_last = 1\nresult = \"ap_fixed<8,3>\"\n"
                "stuck = { at = \"weight\", bit = 3, value = 1, lanes = 2, lane = 1 }\n"};
}

std::vector<std::string> dictionary() {
    return {"bittrue_case", "word",      "[expected]",    "[found]",     "weight",    "input",     "w = \"",
            "x = \"",       "bias",      "b = \"",        "accumulator", "product",   "order",     "quantize",
            "bias_cast",    "\"exact\"", "bias_position", "skip_first",  "skip_last", "stuck = {", "accumulator_raw",
            "result",       "at = ",     "bit = ",        "lanes = ",    "lane = ",   "value = "};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue::fuzz;
    using namespace bittrue::cli;
    MacCase c;
    if (!takes([&] { c = parse_case(std::string(view_of(data, size)), "case"); })) return 0;
    const std::string text = case_text(c);
    MacCase again;
    must_take("a written case is read", [&] { again = parse_case(text, "case"); });
    require(case_text(again) == text, "a case is written and read back alike");
    return 0;
}
