// Layers, and dumps of them with one setting changed by hand, for the tests of candidates.
#pragma once

#include <map>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "candidate_support.hpp"
#include "exhaustive/random_graph.hpp"

namespace bittrue::test {

inline const std::map<std::string, Family> kFamilies = {{"cast", diagnose_detail::add_cast_changes},
                                                        {"accumulator", diagnose_detail::add_accumulator_changes},
                                                        {"bias", diagnose_detail::add_bias_changes},
                                                        {"window", diagnose_detail::add_window_changes},
                                                        {"activation", diagnose_detail::add_activation_changes},
                                                        {"requantize", diagnose_detail::add_requantize_changes},
                                                        {"table", diagnose_detail::add_table_changes}};

inline FixedType fixed(const std::string& text) {
    return parse_type(text);
}

inline Parameter real_parameter(Dims dims, const FixedType& type, std::uint64_t seed) {
    Parameter p{.dims = std::move(dims), .type = type};
    Words words(seed);
    const Format wide{type.format.width + 3, type.format.integer, type.format.is_signed};
    for (std::int64_t i = 0; i < element_count(p.dims); ++i)
        p.real.push_back(value_of(word_from_pattern(words.next() >> 7, wide), wide.frac()));
    return p;
}

inline Dense some_dense() {
    Dense op{.weights = real_parameter({12, 6}, fixed("ap_fixed<6,2,AP_RND,AP_SAT>"), 1),
             .bias = real_parameter({6}, fixed("ap_fixed<7,3,AP_RND,AP_SAT>"), 2)};
    op.accumulator.type = fixed("ap_fixed<9,5,AP_RND_CONV,AP_SAT>");
    op.accumulator.product = op.accumulator.type;
    return op;
}

inline Conv2d some_conv() {
    Conv2d op{.weights = real_parameter({3, 3, 2, 4}, fixed("ap_fixed<6,2,AP_RND,AP_SAT>"), 3),
              .bias = real_parameter({4}, fixed("ap_fixed<7,3,AP_RND,AP_SAT>"), 4)};
    op.accumulator.type = fixed("ap_fixed<10,6,AP_RND,AP_SAT>");
    op.padding = {.top = 1, .bottom = 1, .left = 1, .right = 1};
    return op;
}

inline const FixedType kIn = fixed("ap_fixed<6,3>");
inline const FixedType kResult = fixed("ap_fixed<6,4,AP_RND_CONV,AP_SAT>");
inline const Shape kVector{.layout = Layout::Vector, .dims = {12}};

inline Bench dense_bench(const Dense& op) {
    return {op, kVector, kIn, kResult, 40};
}
inline Bench conv_bench(const Conv2d& op) {
    return {op, make_map(Layout::Hwc, 2, 6, 7), kIn, kResult, 10};
}

// Everything that decides what a changed chain computes.
inline std::string describe_chain(const Variant& variant) {
    Graph graph;
    graph.nodes = variant.chain.nodes;
    for (Node& node : graph.nodes) node.shape = {};
    std::string text = testing::describe(graph);
    for (const TensorWords& given : variant.chain.given) {
        text += fmt::format("{} {}:", given.name, print_type(given.type));
        for (const std::int64_t word : given.words) text += fmt::format(" {}", word);
    }
    return text;
}

// The words of the first layer with the operation changed by hand, as a dump.
inline WordList words_of(const Bench& bench, const std::function<void(Node&)>& edit) {
    Chain chain = bench.subject.chain;
    edit(chain.nodes[0]);
    return bench.datapath().run(chain).back().words;
}

template <typename Op>
std::function<void(Node&)> on(std::function<void(Op&)> edit) {
    return [edit](Node& node) { edit(std::get<Op>(node.op)); };
}

// How many candidates of a family name the setting and give the words.
inline std::size_t giving(Bench& bench, const std::string& family, const std::string& setting, const WordList& words) {
    const bool is_wrong = words != bench.subject.expected();
    REQUIRE(is_wrong);
    std::size_t count = 0;
    for (const Candidate& c : bench.candidates(kFamilies.at(family), words)) {
        if (c.change.setting == setting && bench.with(c) == words) ++count;
    }
    return count;
}

}  // namespace bittrue::test
