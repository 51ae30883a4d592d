// Hazards: lanes behind the last image that leak into counts or ranges, casts that are fused although a word in between
// is needed, pooling in front of a cast that is not monotone, int32 lanes that are one bit short. They look like a
// wrong word or counter on one instruction set or at one batch size only.
#include <map>

#include <catch2/catch.hpp>

#include "bittrue/emulator/plan.hpp"
#include "block/chains.hpp"
#include "block/compare.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr std::size_t kBatches[] = {1, 3, 63, 64, 65, 200};

template <class Make>
void compare(std::uint64_t seed, int cases, Make make) {
    Random random(seed);
    for (int i = 0; i < cases; ++i) {
        const Graph graph = make(random);
        const std::size_t images =
            random.one_in(3) ? random.pick(kBatches) : static_cast<std::size_t>(random.integer(1, 5));
        const std::string found = compare_with_golden(graph, random_batch(random, graph, images));
        INFO("seed " << seed << ", case " << i);
        if (!found.empty()) FAIL(found);
    }
}

}  // namespace

TEST_CASE("L, A, E: random single layers on blocks equal golden on every instruction set") {
    compare(80, 400, [](Random& random) { return random_graph(random, 1); });
}

TEST_CASE("L, A, E: random networks on blocks equal golden on every instruction set") {
    compare(81, 200, [](Random& random) { return random_graph(random, 6); });
}

TEST_CASE("L, A, E: fused chains of narrow words equal golden on every instruction set") {
    compare(82, 250, [](Random& random) { return random_chain(random, 8); });
}

TEST_CASE("L, A, E: fused chains of wide words equal golden on every instruction set") {
    compare(83, 100, [](Random& random) { return random_chain(random, 28); });
}

TEST_CASE("L, A, E: chains of words up to 40 bits leave the 32-bit lanes and equal golden") {
    compare(84, 60, [](Random& random) { return random_chain(random, 40); });
}

TEST_CASE("the random networks meet every kind of kernel on every instruction set") {
    Random random(82);
    std::map<emulator::Isa, std::map<std::string, int>> met;
    for (int i = 0; i < 400; ++i) {
        const Graph graph = random_chain(random, i % 4 == 0 ? 28 : 8);
        for (const emulator::Isa isa : emulator::available_isas())
            for (const bool count : {true, false})
                for (const auto& layer : emulator::plan_of(graph, {.isa = isa, .count_events = count}).layers) {
                    ++met[isa][layer.kernel];
                    for (const emulator::ChannelGroup& group : layer.groups) ++met[isa][group.kernel];
                }
    }
    std::vector<std::string> names{"saturate16", "saturate16 pairs", "floor16",       "floor16 wrap",
                                   "round16",    "round16 wrap",     "clamp32",       "clamp32 pairs",
                                   "dot s16s16", "ordered int32",    "ordered int64", "prefix range, ordered int32",
                                   "renamed",    "lanes int32",      "lanes int64"};
    for (auto& [isa, kernels] : met) {
        std::vector<std::string> expected = names;
        if (isa == emulator::Isa::Avx512Vnni)
            expected.insert(expected.end(), {"dot u8s8", "dot s8s8", "saturate32", "saturate32 pairs"});
        for (const std::string& name : expected) {
            INFO(print_isa(isa) << ", kernel '" << name << "'");
            CHECK(kernels[name] > 0);
        }
    }
}

TEST_CASE("every batch size around a block gives the words of single images") {
    Random random(85);
    const Graph graph = random_chain(random, 8);
    const InputBatch all = random_batch(random, graph, 200);
    const auto engine = emulator::make_engine(graph);
    const std::vector<std::int64_t> expected = engine->run(all, {}).layers.back().words;
    const std::size_t in = all.values.size() / all.images, out = expected.size() / all.images;
    for (const std::size_t images : kBatches) {
        InputBatch part{.images = images, .dims = all.dims};
        part.values.assign(all.values.begin(), all.values.begin() + static_cast<std::ptrdiff_t>(images * in));
        const auto words = engine->run(part, {.threads = 2}).layers.back().words;
        CHECK(words == std::vector<std::int64_t>(expected.begin(),
                                                 expected.begin() + static_cast<std::ptrdiff_t>(images * out)));
    }
}
