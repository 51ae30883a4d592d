// The area model against Yosys itself, on the SystemVerilog it was calibrated with.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>

#include <catch2/catch.hpp>

#include "bittrue/explore/cost.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

bool yosys_is_there() {
    if (std::system("command -v yosys >/dev/null 2>&1") == 0) return true;
    WARN("SKIPPED: yosys absent");
    return false;
}

// "accumulate WIDTH=16 OVERFLOW=1" through explore/cost/synthesise.sh.
Area synthesised(const std::string& arguments) {
    const std::string command = std::string(BITTRUE_SOURCE_DIR) + "/explore/cost/synthesise.sh " + arguments + " 2>&1";
    std::FILE* const pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    std::array<char, 256> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) text += buffer.data();
    const int status = pclose(pipe);
    CAPTURE(arguments, text);
    REQUIRE(status == 0);
    std::istringstream in(text);
    Area area;
    REQUIRE(in >> area.lut >> area.ff >> area.carry >> area.dsp);
    return area;
}

std::string print(const Area& a) {
    std::ostringstream out;
    out << a.lut << " LUT, " << a.ff << " FF, " << a.carry << " CARRY4, " << a.dsp << " DSP";
    return out.str();
}

FixedType type(int width, int frac, Rounding rounding, Overflow overflow) {
    return {.format = {.width = width, .integer = width - frac, .is_signed = true},
            .rounding = rounding,
            .overflow = overflow};
}

Format bits(int width, int frac) {
    return {.width = width, .integer = width - frac, .is_signed = true};
}

// calibration.sv's numbers of the modes.
int number_of(Rounding r) {
    return static_cast<int>(r);
}
int number_of(Overflow o) {
    switch (o) {
        case Overflow::Wrap: return 0;
        case Overflow::Sat: return 1;
        case Overflow::SatZero: return 2;
        case Overflow::SatSym: return 3;
        case Overflow::WrapSm: return 4;
    }
    return 0;
}

}  // namespace

TEST_CASE("a saturating accumulator has the cells that Yosys gives it, at six widths") {
    if (!yosys_is_there()) return;
    for (const int width : {8, 12, 16, 24, 32, 48}) {
        AccumulatorSpec spec;
        spec.type = type(width, 0, Rounding::Trn, Overflow::Sat);
        const Area yosys = synthesised("accumulate TERM=8 OVERFLOW=1 WIDTH=" + std::to_string(width));
        CAPTURE(width);
        CHECK(print(accumulator_area(spec, bits(8, 0))) == print(yosys));
    }
}

TEST_CASE("accumulators that wrap or round at every step have the cells that Yosys gives them") {
    if (!yosys_is_there()) return;
    struct Case {
        int width;
        int drop;
        Rounding rounding;
        Overflow overflow;
    };
    for (const Case& c : {Case{20, 0, Rounding::Trn, Overflow::Wrap}, Case{24, 4, Rounding::Rnd, Overflow::Sat},
                          Case{16, 4, Rounding::RndConv, Overflow::Sat}}) {
        AccumulatorSpec spec;
        spec.type = type(c.width, 0, c.rounding, c.overflow);
        std::ostringstream arguments;
        arguments << "accumulate TERM=16 WIDTH=" << c.width << " DROP=" << c.drop << " ROUND=" << number_of(c.rounding)
                  << " OVERFLOW=" << number_of(c.overflow);
        CAPTURE(arguments.str());
        CHECK(print(accumulator_area(spec, bits(16, c.drop))) == print(synthesised(arguments.str())));
    }
}

TEST_CASE("a requantiser is within two LUTs of what Yosys gives it") {
    if (!yosys_is_there()) return;
    struct Case {
        int in;
        int drop;
        int width;
        Rounding rounding;
        Overflow overflow;
    };
    for (const Case& c :
         {Case{24, 8, 8, Rounding::Trn, Overflow::Sat}, Case{24, 8, 8, Rounding::Rnd, Overflow::Sat},
          Case{32, 8, 10, Rounding::RndConv, Overflow::Sat}, Case{24, 8, 8, Rounding::RndConv, Overflow::SatSym}}) {
        std::ostringstream arguments;
        arguments << "cast IN=" << c.in << " DROP=" << c.drop << " WIDTH=" << c.width
                  << " ROUND=" << number_of(c.rounding) << " OVERFLOW=" << number_of(c.overflow);
        const Area yosys = synthesised(arguments.str());
        const Area model = requantiser_area(bits(c.in, c.drop), type(c.width, 0, c.rounding, c.overflow));
        CAPTURE(arguments.str(), print(model), print(yosys));
        CHECK(std::abs(model.lut - yosys.lut) <= 2);
        CHECK(model.carry == yosys.carry);
        CHECK(model.ff == 0);
        CHECK(yosys.ff == 0);
    }
}
