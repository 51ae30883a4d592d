// The oracle against the results of the vendors' own headers: every line of shared/conformance.
#include <algorithm>

#include <catch2/catch.hpp>

#include "bittrue/golden/golden.hpp"
#include "conformance/cases.hpp"

using namespace bittrue;

namespace {

void check_casts(const std::string& file, std::size_t lines) {
    const auto cases = conformance::cast_cases(file);
    if (cases.empty()) {
        WARN("SKIPPED: " << (conformance::folder() / file).string() << " absent");
        return;
    }
    CHECK(cases.size() == lines);
    for (const conformance::CastCase& c : cases) {
        CAPTURE(c.text);
        REQUIRE(c.expected.size() == std::size_t{1} << c.from.width);
        std::vector<std::int64_t> actual;
        for (std::uint64_t pattern = 0; pattern < c.expected.size(); ++pattern) {
            const i128 raw = raw_from_word(word_from_pattern(pattern, c.from), c.from);
            actual.push_back(golden::quantize(raw, c.from.frac(), c.to).word);
        }
        const auto at = std::mismatch(actual.begin(), actual.end(), c.expected.begin()).first - actual.begin();
        CAPTURE(at);
        CHECK(actual == c.expected);
    }
}

}  // namespace

TEST_CASE("golden reproduces every cast of AMD's ap_fixed", "[conformance]") {
    check_casts("cast_ap_fixed.csv", 980);
}
TEST_CASE("golden reproduces every cast of Siemens' ac_fixed", "[conformance]") {
    check_casts("cast_ac_fixed.csv", 640);
}
TEST_CASE("golden reproduces every cast of SystemC's sc_fixed", "[conformance]") {
    check_casts("cast_sc_fixed.csv", 980);
}

TEST_CASE("golden reproduces every accumulation of ap_fixed, before the first and after each product",
          "[conformance]") {
    const auto cases = conformance::dot_cases();
    if (cases.empty()) {
        WARN("SKIPPED: " << (conformance::folder() / "dot_ap_fixed.txt").string() << " absent");
        return;
    }
    CHECK(cases.size() == 336);
    for (const conformance::DotCase& c : cases) {
        CAPTURE(c.text);
        const MacOperands operands{.weight = c.weight,
                                   .input = c.input,
                                   .weights = c.weights,
                                   .inputs = c.inputs,
                                   .has_bias = true,
                                   .bias = c.bias,
                                   .bias_word = c.bias_raw};
        std::vector<std::int64_t> actual;
        for (const MacStep& step : golden::mac(operands, {.type = c.accumulator})) {
            actual.push_back(static_cast<std::int64_t>(step.accumulator_raw));
        }
        CHECK(actual == c.expected);
    }
}
