// parse_type: what it takes can be printed in every notation and read back.
#include "bittrue/model/notation.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    return {"ap_fixed<16,6>",
            "ap_ufixed<8,0,AP_RND_CONV,AP_SAT_SYM>",
            "ap_fixed<12,4,AP_TRN_ZERO,AP_WRAP_SM,3>",
            "ap_int<8>",
            "ap_uint<64>",
            "ac_fixed<16,6,true,AC_RND_CONV_ODD,AC_SAT_ZERO>",
            "ac_int<8,false>",
            "sc_fixed<16,-6,SC_RND_INF,SC_WRAP,2>",
            "sc_ufixed<8,20>",
            "fixed<16,6,RND>",
            "ufixed<1,1>",
            "int<32>",
            "sfix16_En10",
            "ufix8_E3,RND_MIN_INF,SAT",
            "sfix64",
            "s16.10,RND,SAT",
            "u8.-3",
            "Q5.10",
            "UQ0.8,TRN,WRAP,1",
            " AP_FIXED < 16 , 6 , AP_RND_ZERO > "};
}

std::vector<std::string> dictionary() {
    return {"ap_",   "ac_",   "sc_",         "fixed<",     "ufixed<", "int<",       "uint<", ">",   ",",
            "sfix",  "ufix",  "_En",         "_E",         "UQ",      "true",       "false", "RND", "TRN",
            "_CONV", "_ZERO", "_MIN_INF",    "_INF",       "_ODD",    "WRAP",       "_SM",   "SAT", "64",
            "65",    "-512",  "-2147483648", "2147483647", "100000",  "99999999999"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text = text_of(data, size);
    for (const Dialect neutral : kAllDialects) {
        FixedType type;
        if (!takes([&] { type = parse_type(text, neutral); })) continue;
        require(is_storable(type.format), "a type's words can be stored");
        require(reason_invalid(type).empty(), "a type is one that its dialect has");
        must_take("a printed type can be read",
                  [&] { require(parse_type(print_type(type)) == type, "print_type and parse_type agree"); });
        for (const Spelling& spelling : spellings(type)) {
            must_take("every spelling can be read", [&] {
                FixedType again = parse_type(spelling.text, type.dialect);
                again.dialect = type.dialect;
                require(again == type, "every spelling means the same type");
            });
        }
    }
    return 0;
}
