// Rule T2: generated tables against an independent computation in 50 decimal digits, rounded to single precision at
// each step that the rule names.
#include "bittrue/model/tables.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <catch2/catch.hpp>

using namespace bittrue;

namespace {

using Real = boost::multiprecision::cpp_bin_float_50;

// fl32: the nearest IEEE single, a tie to even, subnormals included.
Real fl32(const Real& x) {
    if (x == 0) return x;
    int exponent = 0;
    static_cast<void>(frexp(x, &exponent));
    const int quantum = exponent - 24 < -149 ? -149 : exponent - 24;
    const Real scaled = ldexp(x, -quantum);
    Real rounded = floor(scaled);
    const Real rest = scaled - rounded;
    const bool odd = fmod(rounded, Real(2)) != 0;
    if (rest > 0.5 || (rest == 0.5 && odd)) rounded += 1;
    return ldexp(rounded, quantum);
}

double as_double(const Real& x) {
    if (x > Real(std::numeric_limits<float>::max())) return std::numeric_limits<double>::infinity();
    return static_cast<double>(x);
}

double sigmoid(const Real& a) {
    return as_double(fl32(1 / fl32(1 + fl32(exp(-a)))));
}
double exponential(const Real& a) {
    return as_double(fl32(exp(a)));
}
double inverse(const Real& a) {
    return a == 0 ? std::numeric_limits<double>::infinity() : as_double(fl32(1 / a));
}

// The value of the word of `index` whose top log2(size) bits are i, the rest zero.
Real value_of_top_bits(int i, int size, Format index) {
    const bool negative = index.is_signed && 2 * i >= size && size > 1;
    return ldexp(Real(negative ? i - size : i) / size, index.integer);
}

void check(const Table& table, int size, const std::vector<double>& expected) {
    REQUIRE(table.entries.real.size() == static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) {
        const auto k = static_cast<std::size_t>(i);
        CAPTURE(table.origin, size, i);
        CHECK(table.entries.real[k] == expected[k]);
    }
}

template <typename Function>
std::vector<double> entries(int size, Function function) {
    std::vector<double> values;
    for (int i = 0; i < size; ++i) values.push_back(function(i));
    return values;
}

const FixedType kType{.format = {.width = 18, .integer = 8, .is_signed = true}};

constexpr Format kIndices[] = {{.width = 18, .integer = 8, .is_signed = true},
                               {.width = 15, .integer = 5, .is_signed = false},
                               {.width = 12, .integer = -2, .is_signed = true},
                               {.width = 12, .integer = 12, .is_signed = false}};

}  // namespace

TEST_CASE("T2: sigmoid and tanh entries are the single-precision values of 50-digit functions", "[golden]") {
    for (const int size : {2, 7, 1024, 4096}) {
        for (const int span : {8, 16, 5}) {
            const auto a = [&](int i) { return fl32(Real(span * (2 * i - size)) / (2 * size)); };
            check(sigmoid_table(size, kType, span), size, entries(size, [&](int i) { return sigmoid(a(i)); }));
            check(tanh_table(size, kType, span), size,
                  entries(size, [&](int i) { return as_double(fl32(tanh(a(i)))); }));
        }
    }
}

TEST_CASE("T2: exp and inverse entries of softmax by the word's top bits", "[golden]") {
    for (const Format index : kIndices) {
        for (const int size : {1, 2, 128, 1024}) {
            const auto a = [&](int i) { return value_of_top_bits(i, size, index); };
            check(stable_exp_table(size, kType, index), size, entries(size, [&](int i) { return exponential(-a(i)); }));
            check(latency_exp_table(size, kType, index), size, entries(size, [&](int i) { return exponential(a(i)); }));
            check(inverse_table(size, kType, index), size, entries(size, [&](int i) { return inverse(a(i)); }));
        }
    }
}

TEST_CASE("T2: legacy softmax entries", "[golden]") {
    for (const int size : {2, 7, 100, 1000, 1024}) {
        check(legacy_exp_table(size, kType), size,
              entries(size, [&](int i) { return exponential(fl32(Real(16 * (2 * i - size)) / (2 * size))); }));
        check(legacy_inverse_table(size, kType), size,
              entries(size, [&](int i) { return i == 0 ? 0.0 : static_cast<double>(1 / fl32(Real(64 * i) / size)); }));
    }
}
