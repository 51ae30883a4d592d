// SystemC's sc_fix as a third oracle for dialect sc: the sweep of quantize_test.cpp against golden.
#define SC_INCLUDE_FX
#include <cmath>
#include <systemc>

#include <catch2/catch.hpp>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/types.hpp"

using namespace bittrue;

// SystemC's library calls it; this program has Catch2's main.
int sc_main(int /*argc*/, char** /*argv*/) {
    return 0;
}

namespace {

sc_dt::sc_q_mode rounding_of(Rounding r) {
    switch (r) {
        case Rounding::Trn: return sc_dt::SC_TRN;
        case Rounding::TrnZero: return sc_dt::SC_TRN_ZERO;
        case Rounding::Rnd: return sc_dt::SC_RND;
        case Rounding::RndZero: return sc_dt::SC_RND_ZERO;
        case Rounding::RndMinInf: return sc_dt::SC_RND_MIN_INF;
        case Rounding::RndInf: return sc_dt::SC_RND_INF;
        case Rounding::RndConv: return sc_dt::SC_RND_CONV;
        case Rounding::RndConvOdd: break;
    }
    throw std::logic_error("SystemC has no such rounding");
}

sc_dt::sc_o_mode overflow_of(Overflow o) {
    switch (o) {
        case Overflow::Wrap: return sc_dt::SC_WRAP;
        case Overflow::Sat: return sc_dt::SC_SAT;
        case Overflow::SatZero: return sc_dt::SC_SAT_ZERO;
        case Overflow::SatSym: return sc_dt::SC_SAT_SYM;
        case Overflow::WrapSm: return sc_dt::SC_WRAP_SM;
    }
    throw std::logic_error("SystemC has no such overflow mode");
}

struct Outcome {
    std::int64_t raw = 0;
    bool quantization = false;
    bool overflow = false;
};

template <typename Number>
Outcome convert(int raw, const FixedType& type) {
    Number number(type.format.width, type.format.integer, rounding_of(type.rounding), overflow_of(type.overflow),
                  type.saturated_bits);
    number = raw;
    return {.raw = static_cast<std::int64_t>(std::ldexp(number.to_double(), type.format.frac())),
            .quantization = number.quantization_flag(),
            .overflow = number.overflow_flag()};
}

Outcome by_systemc(int raw, const FixedType& type) {
    return type.format.is_signed ? convert<sc_dt::sc_fix>(raw, type) : convert<sc_dt::sc_ufix>(raw, type);
}

}  // namespace

TEST_CASE("D: all sources up to 6 bits into all sc types up to 5 bits, golden equals SystemC", "[exhaustive]") {
    std::size_t casts = 0;
    for (int width = 1; width <= 5; ++width) {
        for (int frac = -9; frac <= 12; ++frac) {
            for (const bool is_signed : {false, true}) {
                const Format format{.width = width, .integer = width - frac, .is_signed = is_signed};
                for (const FixedType& type : testing::all_types(format, 3)) {
                    if (type.dialect != Dialect::Sc) continue;
                    for (int raw = -32; raw <= 63; ++raw) {
                        const Converted ours = golden::quantize(raw, 0, type);
                        const Outcome theirs = by_systemc(raw, type);
                        ++casts;
                        if (ours.word == theirs.raw && ours.events.overflow() == theirs.overflow &&
                            ours.events.inexact == theirs.quantization) {
                            continue;
                        }
                        FAIL_CHECK("raw " << raw << " into " << print_type(type) << ": golden " << ours.word
                                          << " overflow " << ours.events.overflow() << " inexact "
                                          << ours.events.inexact << ", SystemC " << theirs.raw << " overflow "
                                          << theirs.overflow << " quantization " << theirs.quantization);
                    }
                }
            }
        }
    }
    CHECK(casts == 5U * 22U * 7U * (11U + 7U) * 96U);
}
