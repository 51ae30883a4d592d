// L24 against words that were computed elsewhere (requantize_cases.txt says how), and against a second formulation in
// machine arithmetic. The failure looks like this: a word is one off, at a tie or a double rounding only.
#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>

#include "golden/one_operation.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

struct Case {
    Requantize op{};
    std::int64_t sum = 0;
    FixedType result{};
    std::int64_t word = 0;
    Events events{};
};

Case case_of(const std::string& line) {
    static const std::map<std::string, RequantizeRule> rules{{"exact", RequantizeRule::Exact},
                                                             {"tflite_double", RequantizeRule::TfliteDouble},
                                                             {"float32", RequantizeRule::Float32}};
    static const std::map<std::string, Rounding> roundings{
        {"TRN", Rounding::Trn}, {"RND", Rounding::Rnd}, {"RND_CONV", Rounding::RndConv}};
    std::istringstream in(line);
    std::string rule, rounding, type;
    std::int64_t multiplier = 0;
    int shift = 0, overflow = 0;
    Case c;
    in >> rule >> rounding >> c.op.zero_point_first >> c.sum >> multiplier >> shift >> c.op.zero_point >> type >>
        c.word >> c.events.inexact >> overflow;
    REQUIRE(in);
    c.op.rule = rules.at(rule);
    c.op.multiplier = words_parameter({1}, {multiplier}, format_of(32, 0));
    c.op.shift = {shift};
    c.result = clamped(std::stoi(type.substr(1)), 0, roundings.at(rounding), type.front() == 'i');
    c.events.above = overflow > 0;
    c.events.below = overflow < 0;
    c.events.saturated = overflow != 0;
    return c;
}

// C's arithmetic on the bits that are dropped (s of them): the increment above the floor for each rounding.
std::int64_t rounded_bits(i128 v, int s, Rounding mode) {
    if (s <= 0) return static_cast<std::int64_t>(v * (i128{1} << -s));
    const i128 base = v >> s;
    const bool q = ((v >> (s - 1)) & 1) != 0;
    const bool r = (v & ((i128{1} << (s - 1)) - 1)) != 0;
    const bool negative = v < 0, odd = (base & 1) != 0;
    const auto increment = [&] {
        switch (mode) {
            case Rounding::Trn: return false;
            case Rounding::TrnZero: return negative && (q || r);
            case Rounding::Rnd: return q;
            case Rounding::RndZero: return q && (negative || r);
            case Rounding::RndMinInf: return q && r;
            case Rounding::RndInf: return q && (!negative || r);
            case Rounding::RndConv: return q && (odd || r);
            case Rounding::RndConvOdd: return q && (!odd || r);
        }
        return false;
    };
    return static_cast<std::int64_t>(base + (increment() ? 1 : 0));
}

// As gemmlowp does: sums of 32 bits, an arithmetic shift and a comparison of the remainder.
std::int64_t tflite(std::int64_t sum, std::int64_t m, int s) {
    const int e = 31 - s;
    const std::int64_t product = sum * (std::int64_t{1} << (e > 0 ? e : 0)) * m;
    const std::int64_t high = (product + (product >= 0 ? 1 << 30 : 1 - (1 << 30))) / (std::int64_t{1} << 31);
    const int d = e < 0 ? -e : 0;
    const std::int64_t mask = (std::int64_t{1} << d) - 1;
    return (high >> d) + ((high & mask) > (mask >> 1) + (high < 0 ? 1 : 0) ? 1 : 0);
}

std::int64_t run_one_word(const Requantize& op, std::int64_t sum, const FixedType& result) {
    return run_same_shape(op, vector_operand({sum}, format_of(32, 0)), result).words.front();
}

// Sums and multipliers of all magnitudes, the sum's low bits often zero so that ties are met.
struct Draw {
    std::int64_t sum = 0, multiplier = 0;
};

Draw draw(std::mt19937_64& random, int multiplier_bits) {
    const auto bits = [&](int count) { return static_cast<std::int64_t>(random() >> (64 - count)); };
    const std::int64_t sum = bits(1 + static_cast<int>(random() % 31)) << (random() % 2);
    std::int64_t multiplier = bits(1 + static_cast<int>(random() % static_cast<unsigned>(multiplier_bits)));
    if (random() % 4 == 0) multiplier = std::int64_t{1} << (random() % static_cast<unsigned>(multiplier_bits));
    return {.sum = random() % 2 == 0 ? sum & 0x7fffffff : -(sum & 0x7fffffff),
            .multiplier = random() % 2 == 0 ? multiplier : -multiplier};
}

constexpr int kDraws = 20000;

}  // namespace

TEST_CASE("L24: words and events are those that TFLite's and ONNX' formulas give in another program", "[golden]") {
    std::ifstream file(BITTRUE_SOURCE_DIR "/tests/golden/requantize_cases.txt");
    REQUIRE(file);
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        CAPTURE(line);
        const Case c = case_of(line);
        const Outcome o = run_same_shape(c.op, vector_operand({c.sum}, format_of(32, 0)), c.result);
        EventCounts expected;
        expected.add(c.events);
        CHECK(o.words == Words{c.word});
        CHECK(o.events.result == expected);
        ++count;
    }
    CHECK(count == 820);
}

TEST_CASE("L24 exact: random products are those of rounding by the dropped bits, in every mode", "[golden]") {
    std::mt19937_64 random(24);
    for (int k = 0; k < kDraws; ++k) {
        const Draw d = draw(random, 31);
        const int s = static_cast<int>(random() % 66) - 3;
        FixedType type{.format = format_of(64, 0), .rounding = kAllRoundings[random() % std::size(kAllRoundings)]};
        if (type.rounding == Rounding::RndConvOdd) type.dialect = Dialect::Ac;
        Requantize op{.multiplier = words_parameter({1}, {d.multiplier}, format_of(32, 0)), .shift = {std::min(s, 62)}};
        op.zero_point = static_cast<std::int64_t>(random() % 512) - 256;
        op.zero_point_first = random() % 2 == 0;
        const i128 product = i128{d.sum} * d.multiplier;
        const int dropped = op.shift[0];
        const i128 zero = dropped > 0 ? i128{op.zero_point} << dropped : i128{op.zero_point};
        if (product >= i128{1} << 59 || product <= -(i128{1} << 59)) continue;  // 8 times it is a word
        const std::int64_t expected = op.zero_point_first && dropped > 0
                                          ? rounded_bits(product + zero, dropped, type.rounding)
                                          : rounded_bits(product, dropped, type.rounding) + op.zero_point;
        CAPTURE(d.sum, d.multiplier, dropped, op.zero_point, op.zero_point_first, static_cast<int>(type.rounding));
        REQUIRE(run_one_word(op, d.sum, type) == expected);
    }
}

TEST_CASE("L24 float32: random products are those of the processor's single precision", "[golden]") {
    std::mt19937_64 random(25);
    for (int k = 0; k < kDraws; ++k) {
        const Draw d = draw(random, 24);
        if (d.multiplier == 1 << 24 || d.multiplier == -(1 << 24)) continue;
        const int s = static_cast<int>(random() % 60);
        Requantize op{.multiplier = words_parameter({1}, {d.multiplier}, format_of(32, 0)),
                      .shift = {s},
                      .rule = RequantizeRule::Float32};
        op.zero_point = static_cast<std::int64_t>(random() % 512) - 256;
        op.zero_point_first = random() % 2 == 0;
        const FixedType type{.format = format_of(64, 0), .rounding = Rounding::RndConv};
        const auto scale = static_cast<float>(std::ldexp(static_cast<double>(d.multiplier), -s));
        // Volatile: each step is rounded to a single, whatever the compiler keeps in registers.
        const volatile float sum = static_cast<float>(d.sum);
        const volatile float v = sum * scale;
        const double value = static_cast<double>(v);
        // A single below 2^44 and more than 2^-8, and a zero point of 9 bits, add exactly in a double.
        const bool adds_exactly = std::abs(value) > 0x1p-8;
        if (op.zero_point_first && !adds_exactly) op.zero_point_first = false;
        const auto zero = static_cast<double>(op.zero_point);
        const double expected = op.zero_point_first ? std::nearbyint(value + zero) : std::nearbyint(value) + zero;
        if (std::abs(expected) > 0x1p52) continue;
        CAPTURE(d.sum, d.multiplier, s, op.zero_point, op.zero_point_first);
        REQUIRE(run_one_word(op, d.sum, type) == static_cast<std::int64_t>(expected));
    }
}

TEST_CASE("L24 tflite_double: random products are those of gemmlowp's shifts and comparisons", "[golden]") {
    std::mt19937_64 random(26);
    for (int k = 0; k < kDraws; ++k) {
        const Draw d = draw(random, 31);
        const int s = 28 + static_cast<int>(random() % 35);
        if (s < 31 && std::abs(d.sum) >= std::int64_t{1} << s) continue;  // TFLite's sums have 32 bits
        Requantize op{.multiplier = words_parameter({1}, {d.multiplier}, format_of(32, 0)),
                      .shift = {s},
                      .rule = RequantizeRule::TfliteDouble};
        op.zero_point = static_cast<std::int64_t>(random() % 512) - 256;
        op.zero_point_first = random() % 2 == 0;  // not used
        const FixedType type{.format = format_of(64, 0), .rounding = Rounding::Trn};
        CAPTURE(d.sum, d.multiplier, s, op.zero_point);
        REQUIRE(run_one_word(op, d.sum, type) == tflite(d.sum, d.multiplier, s) + op.zero_point);
    }
}
