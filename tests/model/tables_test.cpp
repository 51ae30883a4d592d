#include "bittrue/model/tables.hpp"

#include <cmath>
#include <limits>

#include "model/files.hpp"

using namespace bittrue;
using bittrue::test::error_of;

namespace {

const FixedType kType{.format = {.width = 18, .integer = 8, .is_signed = true},
                      .rounding = Rounding::Trn,
                      .overflow = Overflow::Wrap,
                      .saturated_bits = 0,
                      .dialect = Dialect::Ap};
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool single(const Table& table) {
    for (const double x : table.entries.real) {
        if (static_cast<double>(static_cast<float>(x)) != x) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("T2: sigmoid and tanh tables") {
    const Table s = sigmoid_table(1024, kType);
    CHECK(s.origin == "sigmoid");
    CHECK(s.entries.dims == Dims{1024});
    CHECK(s.entries.type == kType);
    CHECK(s.entries.real[512] == 0.5);
    CHECK(s.entries.real[576] ==
          static_cast<double>(1.0F / (1.0F + static_cast<float>(std::exp(-1.0)))));  // a = 16 * 64 / 1024 = 1
    CHECK(s.entries.real[0] == static_cast<double>(1.0F / (1.0F + static_cast<float>(std::exp(8.0)))));
    CHECK(single(s));
    const Table t = tanh_table(1024, kType);
    CHECK(t.origin == "tanh");
    CHECK(t.entries.real[512] == 0.0);
    CHECK(t.entries.real[640] == static_cast<double>(static_cast<float>(std::tanh(1.0))));  // a = 8 * 128 / 1024 = 1
    for (std::size_t i = 1; i < 512; ++i) CHECK(t.entries.real[512 - i] == -t.entries.real[512 + i]);
    CHECK(single(t));
    CHECK(sigmoid_table(3, kType).entries.real.size() == 3);
}

TEST_CASE("T2: softmax tables belong to the words whose top bits are the index") {
    const Table e = stable_exp_table(4, kType, {.width = 7, .integer = 5, .is_signed = false});  // d = 0, 8, 16, 24
    CHECK(e.entries.real[0] == 1.0);
    CHECK(e.entries.real[1] == static_cast<double>(static_cast<float>(std::exp(-8.0))));
    CHECK(e.entries.real[3] == static_cast<double>(static_cast<float>(std::exp(-24.0))));
    const Table l = latency_exp_table(4, kType, {.width = 4, .integer = 3, .is_signed = true});  // x = 0, 2, -4, -2
    CHECK(l.entries.real[1] == static_cast<double>(static_cast<float>(std::exp(2.0))));
    CHECK(l.entries.real[2] == static_cast<double>(static_cast<float>(std::exp(-4.0))));
    CHECK(l.entries.real[3] == static_cast<double>(static_cast<float>(std::exp(-2.0))));
    const Table i = inverse_table(4, kType, {.width = 4, .integer = 3, .is_signed = true});
    CHECK(i.entries.real == std::vector<double>{kInfinity, 0.5, -0.25, -0.5});
    CHECK(inverse_table(8, kType, {.width = 3, .integer = 2, .is_signed = false}).entries.real[3] ==
          static_cast<double>(1.0F / 1.5F));
}

TEST_CASE("T2: legacy softmax tables") {
    const Table e = legacy_exp_table(1024, kType);
    CHECK(e.entries.real[512] == 1.0);
    CHECK(e.entries.real[0] == static_cast<double>(static_cast<float>(std::exp(-8.0))));
    const Table i = legacy_inverse_table(1024, kType);
    CHECK(i.entries.real[0] == 0.0);
    CHECK(i.entries.real[16] == 1.0);
    CHECK(i.entries.real[48] == 1.0 / 3.0);
}

TEST_CASE("T4: a table that the top bits of a word cannot index is refused") {
    const Format narrow{.width = 3, .integer = 3, .is_signed = true};
    CHECK(inverse_table(8, kType, narrow).entries.real.size() == 8);
    CHECK_THAT(error_of([&] { static_cast<void>(inverse_table(16, kType, narrow)); }),
               Catch::Contains("3-bit word") && Catch::Contains("2^3"));
    CHECK_FALSE(error_of([&] { static_cast<void>(stable_exp_table(6, kType, narrow)); }).empty());
    CHECK_FALSE(error_of([&] { static_cast<void>(latency_exp_table(0, kType, narrow)); }).empty());
    CHECK_FALSE(error_of([&] { static_cast<void>(sigmoid_table(1, kType)); }).empty());
    CHECK_FALSE(error_of([&] { static_cast<void>(tanh_table(1 << 21, kType)); }).empty());
}
