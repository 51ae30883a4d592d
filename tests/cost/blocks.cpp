#include "blocks.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>
#include <stdlib.h>
#include <unistd.h>

namespace bittrue::testing {
namespace {

using explore::Area;

std::string print(const Area& a) {
    std::ostringstream out;
    out << a.lut << " LUT, " << a.ff << " FF, " << a.carry << " CARRY4, " << a.dsp << " DSP";
    return out.str();
}

FixedType type(int width, int rounding, int overflow) {
    // calibration.sv's numbers of the modes.
    constexpr Rounding kRoundings[] = {Rounding::Trn,       Rounding::TrnZero, Rounding::Rnd,     Rounding::RndZero,
                                       Rounding::RndMinInf, Rounding::RndInf,  Rounding::RndConv, Rounding::RndConvOdd};
    constexpr Overflow kOverflows[] = {Overflow::Wrap,   Overflow::Sat,    Overflow::SatZero,
                                       Overflow::SatSym, Overflow::WrapSm, Overflow::Wrap};
    return {.format = {.width = width, .integer = width, .is_signed = true},
            .rounding = kRoundings[rounding],
            .overflow = kOverflows[overflow],
            .saturated_bits = overflow == 5 ? 1 : 0};
}

Format bits(int width, int frac, bool is_signed = true) {
    return {.width = width, .integer = width - frac, .is_signed = is_signed};
}

}  // namespace

bool yosys_is_there() {
    if (std::system("command -v yosys >/dev/null 2>&1") == 0) return true;
    WARN("SKIPPED: yosys absent");
    return false;
}

std::vector<Block> synthesised(const std::string& command, const std::vector<std::string>& blocks) {
    std::string list = "/tmp/bittrue-blocks-XXXXXX";
    const int file = ::mkstemp(list.data());
    REQUIRE(file >= 0);
    ::close(file);
    {
        std::ofstream out(list);
        for (const std::string& block : blocks) out << block << '\n';
    }
    const std::string all = std::string(BITTRUE_SOURCE_DIR) + "/explore/cost/" + command + " <" + list + " 2>&1";
    std::FILE* const pipe = popen(all.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) text += buffer.data();
    const int status = pclose(pipe);
    std::remove(list.c_str());
    CAPTURE(text);
    REQUIRE(status == 0);
    std::vector<Block> rows;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream in(line);
        Block block;
        if (!(in >> block.yosys.lut >> block.yosys.ff >> block.yosys.carry >> block.yosys.dsp >> std::ws)) continue;
        std::getline(in, block.line);
        rows.push_back(std::move(block));
    }
    return rows;
}

Area model_of(const std::string& block) {
    std::istringstream in(block);
    std::string module;
    in >> module;
    std::map<std::string, int> values;
    for (std::string pair; in >> pair;) {
        const auto equals = pair.find('=');
        values[pair.substr(0, equals)] = std::stoi(pair.substr(equals + 1));
    }
    const FixedType to = type(values.at("WIDTH"), values["ROUND"], values["OVERFLOW"]);
    if (module == "cast") {
        const bool is_signed = values.count("IN_SIGNED") == 0 || values["IN_SIGNED"] != 0;
        return explore::requantiser_area(bits(values.at("IN"), values["DROP"], is_signed), to);
    }
    AccumulatorSpec spec;
    spec.type = to;
    return explore::accumulator_area(spec, bits(values.at("TERM"), values["DROP"]));
}

void check_model(const Block& block) {
    const Area model = model_of(block.line);
    CAPTURE(block.line, print(model), print(block.yosys));
    const auto has = [&](const char* parameter) { return block.line.find(parameter) != std::string::npos; };
    const bool plain = !has("ROUND=4") && !has("OVERFLOW=3");
    const int within = block.line.starts_with("cast") ? 3 : plain ? 0 : 1;
    CHECK(std::abs(model.lut - block.yosys.lut) <= within);
    CHECK(model.ff == block.yosys.ff);
    CHECK(model.carry == block.yosys.carry);
    CHECK(model.dsp == block.yosys.dsp);
}

}  // namespace bittrue::testing
