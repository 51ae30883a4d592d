// Several settings that are wrong at once.
#include <utility>

#include <catch2/catch.hpp>

#include "verify/diagnose_support.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr std::size_t kImages = 30;

// Of the dense layer "left" with this accumulator in place of ap_fixed<14,6,AP_TRN,AP_SAT>.
LayerDiagnosis with_accumulator(const FixedType& type) {
    const Graph g = branched_network();
    const auto fault = [&type](Graph& m) { std::get<Dense>(node_of(m, "left").op).accumulator.type = type; };
    return of_layer(
        diagnose_dump(g, vectors_of(g, kImages), dump_of(g, fault, kImages), {.seconds = 20, .telling = false}),
        "left");
}

// A change of one type that gives every word.
void check_type(const LayerDiagnosis& left, const std::string& type) {
    REQUIRE(left.verdict == Verdict::Explained);
    const Hypothesis& best = left.hypotheses.front();
    REQUIRE(best.changes.size() == 1);
    CHECK(best.changes.front().cause == Cause::AccumulatorFormat);
    CHECK(best.changes.front().setting == "accumulator");
    CHECK(best.changes.front().expected == "ap_fixed<14,6,AP_TRN,AP_SAT>");
    CHECK(best.changes.front().found == type);
    CHECK(best.changes.front().text.find(type) != std::string::npos);
}

}  // namespace

TEST_CASE("two settings of one type are told as the type that comes out") {
    check_type(with_accumulator(fixed(10, 3, Rounding::Trn, Overflow::Wrap)), "ap_fixed<10,3>");
}

TEST_CASE("a type with other bits at both ends and another rounding is found") {
    check_type(with_accumulator(fixed(8, 3, Rounding::Rnd, Overflow::Sat)), "ap_fixed<8,3,AP_RND,AP_SAT>");
}

TEST_CASE("two exchanged channels are one change") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    std::vector<std::int64_t>& words = layer_of(dump, "left").words;
    for (std::size_t image = 0; image < kImages; ++image) std::swap(words[image * 5 + 1], words[image * 5 + 4]);
    const LayerDiagnosis left = of_layer(diagnose_dump(g, expected, dump, {.seconds = 20, .telling = false}), "left");
    REQUIRE(left.verdict == Verdict::Explained);
    REQUIRE(left.hypotheses.front().changes.size() == 1);
    CHECK(left.hypotheses.front().changes.front().cause == Cause::OutputOrder);
    CHECK(left.sentence.find("channels 1 and 4 of its result are exchanged") != std::string::npos);
}

TEST_CASE("a single change that gives every word stands before every pair") {
    for (const int fewer : {1, 2, 4}) {
        CAPTURE(fewer);
        const LayerDiagnosis left = with_accumulator(fixed(14 - fewer, 6, Rounding::Trn, Overflow::Sat));
        REQUIRE(left.verdict == Verdict::Explained);
        bool is_pair = false;
        for (const Hypothesis& h : left.hypotheses) {
            is_pair = is_pair || h.changes.size() > 1;
            if (h.explained == left.words_different && h.spoiled == 0) CHECK(!(is_pair && h.changes.size() == 1));
        }
        CHECK(left.hypotheses.front().changes.size() == 1);
    }
}

TEST_CASE("pairs that a sample allows do not hide the one that gives every word") {
    const Graph g = branched_network();
    const auto fault = [](Graph& m) {
        std::get<Conv2d>(node_of(m, "conv").op).bias.reset();
        node_of(m, "conv").result.rounding = Rounding::Trn;
    };
    const LayerDiagnosis conv = of_layer(
        diagnose_dump(g, vectors_of(g, 100), dump_of(g, fault, 100), {.seconds = 20, .telling = false}), "conv");
    REQUIRE(conv.verdict == Verdict::Explained);
    REQUIRE(conv.hypotheses.front().changes.size() == 2);
    CHECK(conv.hypotheses.front().spoiled == 0);
}
