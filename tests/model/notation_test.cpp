// Types in every notation, numbers exactly.
#include "bittrue/model/notation.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "bittrue/model/accumulator.hpp"
#include "bittrue/model/error.hpp"

using namespace bittrue;

namespace {

FixedType make(int width, int integer, bool is_signed, Rounding q = Rounding::Trn, Overflow o = Overflow::Wrap,
               int n = 0, Dialect d = Dialect::Ap) {
    return {.format = {.width = width, .integer = integer, .is_signed = is_signed},
            .rounding = q,
            .overflow = o,
            .saturated_bits = n,
            .dialect = d};
}

}  // namespace

TEST_CASE("F1: the spellings of one 16-bit format with 10 fraction bits are the same format") {
    const Format expected{.width = 16, .integer = 6, .is_signed = true};
    for (const char* text : {"ap_fixed<16,6>", "ac_fixed<16,6,true>", "sc_fixed<16,6>", "fixed<16,6>", "sfix16_En10",
                             "s16.10", "Q5.10", " AP_FIXED < 16 , 6 > ", "q5.10", "S16.10", "ac_fixed<16,6,1>"}) {
        CAPTURE(text);
        CHECK(parse_type(text).format == expected);
    }
}

TEST_CASE("F1: unsigned, integer and negative spellings") {
    CHECK(parse_type("ap_ufixed<8,0>") == make(8, 0, false));
    CHECK(parse_type("UQ0.8").format == parse_type("u8.8").format);
    CHECK(parse_type("ufix8_En8").format == parse_type("ap_ufixed<8,0>").format);
    CHECK(parse_type("ap_int<8>") == make(8, 8, true));
    CHECK(parse_type("ap_uint<5>") == make(5, 5, false));
    CHECK(parse_type("ac_int<7,false>") == make(7, 7, false, Rounding::Trn, Overflow::Wrap, 0, Dialect::Ac));
    CHECK(parse_type("sfix8") == make(8, 8, true));
    CHECK(parse_type("sfix8_E3") == make(8, 11, true));
    CHECK(parse_type("s8.-3") == make(8, 11, true));
    CHECK(parse_type("ap_fixed<8,-4>").format.frac() == 12);
    CHECK(parse_type("Q-1.8").format == Format{.width = 8, .integer = 0, .is_signed = true});
}

TEST_CASE("Q and O: modes with and without prefix, with N and behind neutral notations") {
    CHECK(parse_type("ap_fixed<16,6,AP_RND,AP_SAT>") == make(16, 6, true, Rounding::Rnd, Overflow::Sat));
    CHECK(parse_type("ap_fixed<16,6,RND,SAT>") == make(16, 6, true, Rounding::Rnd, Overflow::Sat));
    CHECK(parse_type("ap_ufixed<4,4,AP_TRN,AP_WRAP,2>") == make(4, 4, false, Rounding::Trn, Overflow::Wrap, 2));
    CHECK(parse_type("sc_fixed<4,4,SC_RND_CONV,SC_WRAP_SM,1>") ==
          make(4, 4, true, Rounding::RndConv, Overflow::WrapSm, 1, Dialect::Sc));
    CHECK(parse_type("ac_fixed<4,4,true,AC_RND_CONV_ODD,AC_SAT_SYM>") ==
          make(4, 4, true, Rounding::RndConvOdd, Overflow::SatSym, 0, Dialect::Ac));
    CHECK(parse_type("s16.10,RND_INF,SAT_ZERO") == make(16, 6, true, Rounding::RndInf, Overflow::SatZero));
    CHECK(parse_type("s16.10,SC_RND,SAT", Dialect::Sc) ==
          make(16, 6, true, Rounding::Rnd, Overflow::Sat, 0, Dialect::Sc));
}

TEST_CASE("printing and parsing a type are inverse in every dialect and mode") {
    int types = 0;
    for (const Dialect d : kAllDialects) {
        for (const Rounding q : kAllRoundings) {
            for (const Overflow o : kAllOverflows) {
                for (const int n : {0, 1, 3}) {
                    for (const bool s : {false, true}) {
                        for (const auto& [w, i] :
                             {std::pair{8, 3}, std::pair{1, 1}, std::pair{64, -500}, std::pair{5, 512}}) {
                            const FixedType t = make(w, i, s, q, o, n, d);
                            if (!reason_invalid(t).empty()) continue;
                            ++types;
                            CAPTURE(print_type(t));
                            CHECK(parse_type(print_type(t)) == t);
                            for (const Spelling& spelling : spellings(t)) {
                                CAPTURE(spelling.text);
                                const FixedType again = parse_type(spelling.text, d);
                                CHECK(again.format == t.format);
                                CHECK(again.rounding == t.rounding);
                                CHECK(again.overflow == t.overflow);
                                CHECK(again.saturated_bits == t.saturated_bits);
                            }
                        }
                    }
                }
            }
        }
    }
    CHECK(types > 1000);
}

TEST_CASE("D3: what a dialect does not have is refused with the reason") {
    const auto reason = [](const char* text) -> std::string {
        try {
            (void)parse_type(text);
        } catch (const InputError& e) {
            return e.what();
        }
        return "accepted";
    };
    CHECK_THAT(reason("ap_fixed<8,4,AP_RND_CONV_ODD>"), Catch::Contains("only ac_fixed"));
    CHECK_THAT(reason("ac_fixed<8,4,true,AC_TRN,AC_WRAP_SM>"), Catch::Contains("no WRAP_SM"));
    CHECK_THAT(reason("ap_ufixed<8,4,AP_TRN,AP_WRAP_SM>"), Catch::Contains("signed"));
    CHECK_THAT(reason("ac_fixed<8,4,true,AC_TRN,AC_WRAP,1>"), Catch::Contains("saturated bits"));
    CHECK_THAT(reason("ap_fixed<8,4,AP_TRN,AP_SAT,1>"), Catch::Contains("WRAP and WRAP_SM only"));
    CHECK_THAT(reason("ap_fixed<65,4>"), Catch::Contains("1 to 64"));
    CHECK_THAT(reason("ap_fixed<0,4>"), Catch::Contains("1 to 64"));
    CHECK_THAT(reason("ap_fixed<8,513>"), Catch::Contains("-512 to 512"));
    CHECK_THAT(reason("ap_fixed<8,99999999999999>"), Catch::Contains("whole number"));
    CHECK_THAT(reason("ap_fixed<8>"), Catch::Contains("at least 2"));
    CHECK_THAT(reason("ap_fixed<8,4"), Catch::Contains("closing"));
    CHECK_THAT(reason("ap_fixed<8,4,SC_RND>"), Catch::Contains("another library"));
    CHECK_THAT(reason("ap_fixed<8,4,AP_ROUND>"), Catch::Contains("unknown rounding"));
    const std::string examples = reason("").substr(std::string("'' is not a type: it is empty").size());
    CHECK(reason("ap_fixed<8,3,SC_RND>") ==
          "'ap_fixed<8,3,SC_RND>' is not a type: the mode 'SC_RND' belongs to another library than the type" +
              examples);
    CHECK(reason("ap_fixed<8,3,AP_RND,AC_SAT>") ==
          "'ap_fixed<8,3,AP_RND,AC_SAT>' is not a type: the mode 'AC_SAT' belongs to another library than the type" +
              examples);
    CHECK(reason("ap_fixed<8,3,AP_RND,AP_SATT>") ==
          "'ap_fixed<8,3,AP_RND,AP_SATT>' is not a type: unknown overflow mode 'SATT' (WRAP, SAT, SAT_ZERO, SAT_SYM, "
          "WRAP_SM)" +
              examples);
    CHECK_THAT(reason("ap_fixed<8>"), Catch::Contains(": 1 argument where at least 2 are needed;"));
    CHECK_THAT(reason("ap_int<8,4>"), Catch::Contains(": 2 arguments where 1 is needed;"));
    CHECK_THAT(reason("ac_ufixed<8,4,true>"), Catch::Contains("unknown name"));
    CHECK_THAT(reason("ac_fixed<8,4,maybe>"), Catch::Contains("true or false"));
    CHECK_THAT(reason("float"), Catch::Contains("unknown"));
    CHECK_THAT(reason(""), Catch::Contains("empty"));
    CHECK_THAT(reason("Q5"), Catch::Contains("Qm.n"));
    CHECK_THAT(reason("s16"), Catch::Contains("s16.10"));
    CHECK_THAT(reason("sfix16_S3"), Catch::Contains("power of two"));
    CHECK_THAT(reason("ap_fixed<8,4,AP_RND,AP_SAT,0,1>"), Catch::Contains("too many"));
}

TEST_CASE("F2: values print exactly, whatever the fraction") {
    CHECK(print_value(-5, 3) == "-0.625");
    CHECK(print_value(0, 40) == "0");
    CHECK(print_value(3, 0) == "3");
    CHECK(print_value(3, -2) == "12");
    CHECK(print_value(1, 10) == "0.0009765625");
    CHECK(print_value(-1024, 10) == "-1");
    CHECK(print_value(10, 1) == "5");
    CHECK(print_value((i128{1} << 64) - 1, 0) == "18446744073709551615");
    CHECK(print_value(1, -100) == "1267650600228229401496703205376");
}

TEST_CASE("F4: hex has ceil(width/4) digits of the pattern") {
    CHECK(print_hex(-1, {.width = 8, .integer = 8, .is_signed = true}) == "0xff");
    CHECK(print_hex(-1, {.width = 5, .integer = 5, .is_signed = true}) == "0x1f");
    CHECK(print_hex(3, {.width = 1, .integer = 1, .is_signed = false}) == "0x1");
    CHECK(print_hex(-1, {.width = 64, .integer = 64, .is_signed = false}) == "0xffffffffffffffff");
}

TEST_CASE("F3, F4: raws read as decimal in range or as a pattern") {
    const Format s8{.width = 8, .integer = 4, .is_signed = true};
    const Format u64{.width = 64, .integer = 64, .is_signed = false};
    CHECK(parse_raw("-128", s8) == -128);
    CHECK(parse_raw("0xff", s8) == -1);
    CHECK(parse_raw("18446744073709551615", u64) == -1);
    for (const char* bad : {"128", "-129", "0x100", "", "-", "0x", "1.5", "12a", "99999999999999999999999999"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parse_raw(bad, s8), InputError);
    }
}

TEST_CASE("F4: word and pattern are inverse for every width") {
    for (int width = 1; width <= 64; ++width) {
        for (const bool s : {false, true}) {
            const Format f{.width = width, .integer = width, .is_signed = s};
            for (const i128 raw : {raw_min(f), raw_max(f), i128{0}, i128{1} & raw_max(f)}) {
                const std::int64_t word = word_from_raw(raw);
                CHECK(raw_from_word(word, f) == raw);
                CHECK(word_from_pattern(pattern_from_word(word, f), f) == word);
            }
        }
    }
}

TEST_CASE("F6: product and sum formats hold the extremes and are not one bit wider than needed") {
    for (int w1 = 1; w1 <= 6; ++w1) {
        for (int w2 = 1; w2 <= 6; ++w2) {
            for (const bool s1 : {false, true}) {
                for (const bool s2 : {false, true}) {
                    const Format a{.width = w1, .integer = w1, .is_signed = s1};
                    const Format b{.width = w2, .integer = w2, .is_signed = s2};
                    const Format p = product_format(a, b);
                    for (const i128 x : {raw_min(a), raw_max(a)}) {
                        for (const i128 y : {raw_min(b), raw_max(b)}) {
                            CHECK(x * y >= raw_min(p));
                            CHECK(x * y <= raw_max(p));
                            CHECK(x + y >= raw_min(sum_format(a, b)));
                            CHECK(x + y <= raw_max(sum_format(a, b)));
                        }
                    }
                }
            }
        }
    }
    const Format s8{.width = 8, .integer = 8, .is_signed = true};
    CHECK(sum_format(s8, s8).width == 9);
    CHECK(product_format(s8, s8).width == 16);
}

TEST_CASE("A5: schedules read and print, and bad ones say what is right") {
    AccumulatorSpec spec;
    for (const char* text : {"sequential", "interleave:16", "fold:8", "cascade:4", "partial:2", "tree"}) {
        parse_schedule(text, spec);
        CHECK(print_schedule(spec) == text);
    }
    for (const char* bad : {"", "fold", "tree:2", "fold:0", "fold:x", "fold:99999999999", "random:3", "fold:8x"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parse_schedule(bad, spec), InputError);
    }
}

TEST_CASE("A3: only the legal pairs of schedule and quantise are accepted") {
    const auto legal = [](Schedule s, QuantizeAt q) {
        return reason_invalid(AccumulatorSpec{.schedule = s, .group = 2, .quantize = q}).empty();
    };
    for (const Schedule s : {Schedule::Interleave, Schedule::Fold, Schedule::Partial}) {
        CHECK((legal(s, QuantizeAt::Step) && legal(s, QuantizeAt::Fold) && legal(s, QuantizeAt::End)));
    }
    for (const Schedule s : {Schedule::Sequential, Schedule::Tree}) {
        CHECK((legal(s, QuantizeAt::Step) && !legal(s, QuantizeAt::Fold) && legal(s, QuantizeAt::End)));
    }
    CHECK((!legal(Schedule::Cascade, QuantizeAt::Step) && legal(Schedule::Cascade, QuantizeAt::Fold) &&
           legal(Schedule::Cascade, QuantizeAt::End)));
}
