// Random accumulations over every schedule, quantize-at, bias position, product cast, bias cast, dialect and mode: each
// field of each step of the emulator equals golden's.
#include <algorithm>
#include <optional>
#include <vector>

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "exhaustive/random_mac.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

// Empty when both lists agree, else the first difference.
std::string difference(const std::vector<MacStep>& expected, const std::vector<MacStep>& actual) {
    for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
        const std::string golden = i < expected.size() ? describe(expected[i]) : "no step";
        const std::string emulator = i < actual.size() ? describe(actual[i]) : "no step";
        if (i < expected.size() && i < actual.size() && equal(expected[i], actual[i])) continue;
        return "step " + std::to_string(i) + "\n  golden:   " + golden + "\n  emulator: " + emulator;
    }
    return {};
}

// Empty and the refusal's text in `refusal` when the engine declines.
template <typename Mac>
std::optional<std::vector<MacStep>> try_mac(Mac mac, const MacCase& c, std::string& refusal) {
    try {
        return mac(c.operands, c.spec);
    } catch (const InputError& e) {
        refusal = e.what();
        return std::nullopt;
    }
}

}  // namespace

TEST_CASE("A: random accumulations of words up to 24 bits, emulator equals golden in every field of every step",
          "[exhaustive]") {
    Random random(30);
    for (int i = 0; i < 40000; ++i) {
        const MacCase c = random_mac(random, 24, 40, 16);
        INFO("case " << i << "\n" << describe(c));
        const std::string different = difference(golden::mac(c.operands, c.spec), emulator::mac(c.operands, c.spec));
        if (!different.empty()) FAIL(different);
    }
}

TEST_CASE("A: short accumulations of narrow words reach every corner, emulator equals golden", "[exhaustive]") {
    Random random(31);
    for (int i = 0; i < 60000; ++i) {
        const MacCase c = random_mac(random, 5, 6, 5);
        INFO("case " << i << "\n" << describe(c));
        const std::string different = difference(golden::mac(c.operands, c.spec), emulator::mac(c.operands, c.spec));
        if (!different.empty()) FAIL(different);
    }
}

TEST_CASE("A: words of up to 64 bits, the emulator equals golden or declines for lack of bits", "[exhaustive]") {
    Random random(32);
    int compared = 0;
    int declined = 0;
    for (int i = 0; i < 40000; ++i) {
        const MacCase c = random_mac(random, 64, 20, random.integer(0, 70));
        INFO("case " << i << "\n" << describe(c));
        std::string refusal;
        std::string golden_refusal;
        const auto actual = try_mac(emulator::mac, c, refusal);
        const auto expected = try_mac(golden::mac, c, golden_refusal);
        if (!actual) {
            INFO(refusal);
            REQUIRE(refusal.find("bits") != std::string::npos);
            ++declined;
            continue;
        }
        if (!expected) FAIL("golden declines where the emulator does not: " << golden_refusal);
        const std::string different = difference(*expected, *actual);
        if (!different.empty()) FAIL(different);
        ++compared;
    }
    INFO("compared " << compared << ", declined " << declined);
    CHECK(compared > 20000);
    CHECK(declined > 10);
}
