// The cheapest width per layer: it keeps the floor, cannot be narrowed further, and is found the same way every time.
#include <algorithm>
#include <limits>

#include <catch2/catch.hpp>

#include "bittrue/explore/bounds.hpp"
#include "bittrue/explore/sweep_search.hpp"
#include "bittrue/model/error.hpp"
#include "sweep/example.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

struct Setup {
    Graph graph = test::example_network();
    test::ExampleImages images{graph, 200, 11};
    [[nodiscard]] Trial trial() const { return {.graph = graph, .batch = images.batch, .labels = images.labels}; }
    [[nodiscard]] SearchGoal goal(std::uint64_t correct) const {
        return {.specs = specs_of(graph), .layers = {0, 1, 2}, .lowest = 4, .highest = 24, .correct = correct};
    }
};

Outcome judged(const Setup& s, const std::vector<AccumulatorSpec>& specs) {
    Outcome found;
    make_brute_judge(s.trial(), {.threads = 1})
        ->judge(std::vector<Configuration>{{.specs = specs}}, [&](std::size_t, const Outcome& o) { found = o; });
    return found;
}

std::int64_t luts(const Setup& s, const std::vector<AccumulatorSpec>& specs) {
    Area area;
    for (const LayerArea& layer : layer_areas(with_specs(s.graph, specs))) area += layer.total();
    return area.lut;
}

}  // namespace

TEST_CASE("at the proven width no input overflows, and with one bit less some input does") {
    const Setup s;
    const auto own = specs_of(s.graph);
    const DeclaredRange any{.tensor = s.graph.input.name, .low = 0, .high = 255};
    std::vector<AccumulatorSpec> proven = own;
    for (std::size_t k = 0; k < own.size(); ++k) {
        INFO("layer " << k);
        const auto witnesses = [&](int width) {
            auto specs = own;
            specs[k] = with_width(own[k], width, Keep::Frac);
            const Graph graph = with_specs(s.graph, specs);
            const std::string& layer = graph.nodes[accumulating_nodes(graph)[k]].name;
            return overflow_witnesses(graph, bound_network(graph, any, layer).layers.front()).size();
        };
        const int width = proven_width(s.graph, k, own[k]).value();
        CHECK(witnesses(width) == 0);
        CHECK(witnesses(width - 1) > 0);
        proven[k] = with_width(own[k], width, Keep::Frac);
    }
    CHECK(judged(s, proven).touched == 0);
}

TEST_CASE("a search ends at a network that keeps the floor where no single bit can be saved") {
    const Setup s;
    const auto wide = make_judge(s.trial(), {.threads = 1})->wide().correct;
    const SearchGoal goal = s.goal(wide - 2);
    const SearchResult found = search_widths(s.trial(), goal, {.threads = 1});
    REQUIRE(found.path.size() > 3);
    CHECK_THAT(found.path.front().what, Catch::StartsWith("start"));
    CHECK(found.path.back().area.lut < found.path.front().area.lut);
    const Outcome outcome = judged(s, found.specs);
    CHECK(outcome == found.path.back().outcome);
    CHECK(outcome.correct >= goal.correct);
    for (std::size_t k = 0; k < 3; ++k) {
        auto narrower = found.specs;
        const int width = found.path.back().widths[k];
        if (width == goal.lowest) continue;
        narrower[k] = with_width(narrower[k], width - 1, Keep::Frac);
        CHECK(judged(s, narrower).correct < goal.correct);
    }
    for (const SearchStep& step : found.path) CHECK(step.outcome.correct >= goal.correct);
}

TEST_CASE("a search finds what trying all widths of all layers finds") {
    const Setup s;
    SearchGoal goal = s.goal(0);
    goal.lowest = 13;
    goal.highest = 20;
    std::vector<Configuration> all;
    for (int a = goal.lowest; a <= goal.highest; ++a)
        for (int b = goal.lowest; b <= goal.highest; ++b)
            for (int c = goal.lowest; c <= goal.highest; ++c) {
                Configuration one{.specs = goal.specs};
                const int widths[] = {a, b, c};
                for (std::size_t k = 0; k < 3; ++k) one.specs[k] = with_width(one.specs[k], widths[k], Keep::Frac);
                all.push_back(std::move(one));
            }
    std::vector<std::uint64_t> correct(all.size());
    const auto judge = make_judge(s.trial(), {.threads = 1});
    judge->judge(all, [&](std::size_t i, const Outcome& outcome) { correct[i] = outcome.correct; });
    const std::uint64_t wide = judge->wide().correct;
    for (const std::uint64_t lost : {0U, 1U, 2U, 4U, 8U, 16U, 30U}) {
        goal.correct = wide - lost;
        std::int64_t cheapest = std::numeric_limits<std::int64_t>::max();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (correct[i] < goal.correct) continue;
            Area area;
            for (const LayerArea& layer : layer_areas(with_specs(s.graph, all[i].specs))) area += layer.total();
            cheapest = std::min(cheapest, area.lut);
        }
        const SearchResult found = search_widths(s.trial(), goal, {.threads = 1});
        INFO("at most " << lost << " right answers lost of " << wide << ", " << found.judged << " configurations of "
                        << all.size() << " judged");
        CHECK(found.path.back().area.lut == cheapest);
        CHECK(found.path.back().outcome.correct >= goal.correct);
        CHECK(found.judged < all.size() / 2);
    }
}

TEST_CASE("two searches take the same path") {
    const Setup s;
    const SearchResult a = search_widths(s.trial(), s.goal(190), {.threads = 1});
    const SearchResult b = search_widths(s.trial(), s.goal(190), {.threads = 2});
    REQUIRE(a.path.size() == b.path.size());
    for (std::size_t i = 0; i < a.path.size(); ++i) CHECK(a.path[i].widths == b.path[i].widths);
    CHECK(a.judged == b.judged);
}

TEST_CASE("layers that are not searched keep their accumulators") {
    const Setup s;
    SearchGoal goal = s.goal(190);
    goal.layers = {1};
    const SearchResult found = search_widths(s.trial(), goal, {.threads = 1});
    CHECK(found.specs[0] == specs_of(s.graph)[0]);
    CHECK(found.specs[2] == specs_of(s.graph)[2]);
    CHECK(found.specs[1].type.format.width < specs_of(s.graph)[1].type.format.width);
}

TEST_CASE("a floor that cannot be reached is refused") {
    const Setup s;
    CHECK_THROWS_WITH(search_widths(s.trial(), s.goal(201), {.threads = 1}), Catch::Contains("lower --floor"));
}

// The narrowest width without overflow is the one that has lost most fraction bits; a search once started there.
TEST_CASE("a search that keeps the integer bits starts at the widest accumulators") {
    const Setup s;
    SearchGoal goal = s.goal(0);
    goal.keep = Keep::Integer;
    auto widest = goal.specs;
    for (AccumulatorSpec& spec : widest) spec = with_width(spec, goal.highest, goal.keep);
    goal.correct = judged(s, widest).correct;
    const SearchResult found = search_widths(s.trial(), goal, {.threads = 1});
    CHECK(found.path.back().outcome.correct >= goal.correct);
    CHECK(found.path.back().area.lut < luts(s, widest));
    CHECK(judged(s, found.specs) == found.path.back().outcome);
}

TEST_CASE("a search starts at the widest accumulator where no width is proven") {
    Setup s;
    auto own = specs_of(s.graph);
    own[0].type.format.is_signed = false;  // no width holds the negative sums
    own[0].type.overflow = Overflow::Sat;
    s.graph = with_specs(s.graph, own);
    CHECK(!proven_width(s.graph, 0, own[0]));
    SearchGoal goal = s.goal(0);
    auto widest = goal.specs;
    for (AccumulatorSpec& spec : widest) spec = with_width(spec, goal.highest, goal.keep);
    goal.correct = judged(s, widest).correct;
    const SearchResult found = search_widths(s.trial(), goal, {.threads = 1});
    CHECK(found.path.back().outcome.correct >= goal.correct);
    CHECK(found.path.back().area.lut < luts(s, widest));
}

TEST_CASE("no single width of all layers is cheaper than what a search finds") {
    const Setup s;
    for (const Keep keep : {Keep::Frac, Keep::Integer}) {
        SearchGoal goal = s.goal(0);
        goal.keep = keep;
        goal.lowest = 8;
        goal.highest = 20;
        for (AccumulatorSpec& spec : goal.specs) spec.type.overflow = Overflow::Wrap;
        std::vector<Configuration> uniform;
        for (int width = goal.lowest; width <= goal.highest; ++width) {
            uniform.push_back({.specs = goal.specs});
            for (AccumulatorSpec& spec : uniform.back().specs) spec = with_width(spec, width, keep);
        }
        std::vector<std::uint64_t> correct(uniform.size());
        make_judge(s.trial(), {.threads = 1})->judge(uniform, [&](std::size_t i, const Outcome& o) {
            correct[i] = o.correct;
        });
        const std::uint64_t most = *std::max_element(correct.begin(), correct.end());
        for (const std::uint64_t lost : {0U, 3U, 10U, 30U}) {
            goal.correct = most - std::min(most, std::uint64_t{lost});
            const SearchResult found = search_widths(s.trial(), goal, {.threads = 1});
            CHECK(found.path.back().outcome.correct >= goal.correct);
            for (std::size_t i = 0; i < uniform.size(); ++i) {
                INFO("w" << uniform[i].specs[0].type.format.width << ", floor " << goal.correct);
                if (correct[i] >= goal.correct) CHECK(found.path.back().area.lut <= luts(s, uniform[i].specs));
            }
        }
    }
}

TEST_CASE("a search says how many configurations it has judged") {
    const Setup s;
    std::vector<double> shown;
    const SearchResult found =
        search_widths(s.trial(), s.goal(190), {.threads = 1, .progress = [&](double done) { shown.push_back(done); }});
    REQUIRE(!shown.empty());
    CHECK(std::is_sorted(shown.begin(), shown.end()));
    CHECK(shown.back() == static_cast<double>(found.judged));
}
