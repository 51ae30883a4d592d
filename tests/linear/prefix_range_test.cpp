// Prefix ranges against a plain loop over the terms.
#include "../../emulator/linear/prefix_range.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "../../emulator/linear/terms.hpp"
#include "linear/random_block.hpp"

using namespace bittrue;
using namespace bittrue::testing;
using namespace bittrue::emulator;

namespace {

struct Ends {
    std::int64_t sum = 0, low = 0, high = 0;
    friend bool operator==(const Ends&, const Ends&) = default;
};

// In input order or kernel order, sequentially or interleaved, the bias first or last.
Ends plain_ends(const linear::LinearTerms& terms, const BlockCase& c, int frac, std::int64_t y, std::int64_t x, int o,
                int image) {
    const AccumulatorSpec& spec = terms.mac.spec;
    std::int64_t bias = 0;
    if (terms.mac.bias) {
        bias = *terms.bias_of(o) * (std::int64_t{1} << (frac - terms.mac.bias->format.frac()));
    }
    Ends ends;
    if (spec.bias == BiasPosition::First) ends = {bias, bias, bias};
    const auto add = [&](std::int64_t value) {
        ends.sum += value;
        ends.low = std::min(ends.low, ends.sum);
        ends.high = std::max(ends.high, ends.sum);
    };
    const auto elements = static_cast<std::size_t>(c.graph.input.shape.count());
    const std::int64_t stride =
        spec.schedule == Schedule::Interleave ? std::min<std::int64_t>(spec.group, terms.mac.terms) : 1;
    for (std::int64_t first = 0; first < stride; ++first) {
        for (std::int64_t t = first; t < terms.mac.terms; t += stride) {
            const std::int64_t plane =
                terms.plane(y, x, o / terms.group_outputs, terms.taps[static_cast<std::size_t>(t)]);
            const std::size_t at =
                static_cast<std::size_t>(image) * elements + static_cast<std::size_t>(std::max<std::int64_t>(plane, 0));
            const std::int64_t word = plane < 0 ? 0 : c.words[at];
            add(word * terms.weight(o, t) * (std::int64_t{1} << (frac - terms.product_frac())));
        }
    }
    if (spec.bias == BiasPosition::Last) add(bias);
    return ends;
}

template <class T>
void put(const BlockCase& c, std::int64_t elements, std::byte* data) {
    for (std::int64_t e = 0; e < elements; ++e) {
        for (int i = 0; i < c.images; ++i) {
            reinterpret_cast<T*>(data)[e * kLanes + i] =
                static_cast<T>(c.words[static_cast<std::size_t>(i * elements + e)]);
        }
    }
}

struct alignas(64) Line {
    std::byte bytes[64];
};

// Empty where every end is equal.
std::string difference(const BlockCase& c, Isa isa, bool& declined) {
    const LayerSetup setup{
        .node = c.graph.nodes[0], .input_types = {c.graph.input.type}, .input_shapes = {c.graph.input.shape}};
    LayerParameters parameters;
    const auto* dense = std::get_if<Dense>(&setup.node.op);
    const auto range = dense != nullptr ? make_prefix_range(setup, *dense, isa)
                                        : make_prefix_range(setup, std::get<Conv2d>(setup.node.op), isa);
    declined = !range;
    if (declined) return {};
    const linear::LinearTerms terms = dense != nullptr
                                          ? linear::terms_of(setup, *dense, parameters)
                                          : linear::terms_of(setup, std::get<Conv2d>(setup.node.op), parameters);
    const std::int64_t elements = c.graph.input.shape.count();
    const LaneType type = lane_type(c.graph.input.type.format);
    std::vector<Line> memory(static_cast<std::size_t>(elements * bytes_of(type)));
    if (type == LaneType::U8) put<std::uint8_t>(c, elements, memory.data()->bytes);
    if (type == LaneType::S8) put<std::int8_t>(c, elements, memory.data()->bytes);
    if (type == LaneType::S16) put<std::int16_t>(c, elements, memory.data()->bytes);
    const auto room = range->make_room();
    const Planes planes{.data = memory.data()->bytes, .type = type, .elements = elements};
    std::array<Ends, kLanes> expected{};
    for (int image = 0; image < c.images; ++image) {
        Ends& all = expected[static_cast<std::size_t>(image)];
        for (std::int64_t y = 0; y < terms.out_height; ++y)
            for (std::int64_t x = 0; x < terms.out_width; ++x)
                for (int o = 0; o < static_cast<int>(terms.mac.channels); ++o) {
                    const Ends ends = plain_ends(terms, c, range->frac(), y, x, o, image);
                    all.low = std::min(all.low, ends.low);
                    all.high = std::max(all.high, ends.high);
                }
    }
    const auto middle = expected[static_cast<std::size_t>(c.images / 2)];
    for (const bool stops : {false, true}) {
        std::array<std::int32_t, kLanes> low{}, high{};
        LaneExtents extents{.low = low.data(), .high = high.data(), .images = c.images};
        if (stops) extents.lowest = static_cast<std::int32_t>(middle.low / 2);
        if (stops) extents.highest = static_cast<std::int32_t>(middle.high / 2);
        range->widen(planes, extents, *room);
        for (std::size_t image = 0; image < static_cast<std::size_t>(c.images); ++image) {
            const Ends found{0, low[image], high[image]};
            const Ends& all = expected[image];
            if (found == all) continue;
            const bool left = found.low < extents.lowest || found.high > extents.highest;
            if (left && found.low >= all.low && found.high <= all.high) continue;
            return "image " + std::to_string(image);
        }
    }
    return {};
}

}  // namespace

TEST_CASE("A6: prefix ranges are those of a plain loop, on every instruction set") {
    constexpr Format kInputs[] = {{8, 8, false}, {8, 2, true}, {4, 4, false}, {12, 3, true}};
    constexpr Format kWeights[] = {{8, 1, true}, {8, 1, true}, {2, 1, true}, {10, 4, true}};
    constexpr Draw kDraws[] = {Draw::Uniform, Draw::Extremes, Draw::Small};
    for (const Isa isa : available_isas()) {
        Random random(21);
        int ran = 0;
        for (int i = 0; i < 500; ++i) {
            BlockTypes types{.input = random.pick(kInputs), .weight = random.pick(kWeights)};
            types.has_bias = random.one_in(2);
            types.bias = {.width = 8, .integer = 8 - types.input.frac() - types.weight.frac() - random.integer(-2, 2)};
            types.weights = random.pick(kDraws);
            types.spec.type = {.format = {.width = 40, .integer = 20}};
            types.spec.terms = random.one_in(2) ? TermOrder::Input : TermOrder::Kernel;
            types.spec.bias = random.one_in(2) ? BiasPosition::First : BiasPosition::Last;
            if (random.one_in(4)) types.spec.schedule = Schedule::Interleave, types.spec.group = random.integer(1, 6);
            const BlockCase c = random_geometry(random, {.max_size = 6, .max_channels = 5}, types);
            bool declined = false;
            INFO("case " << i << ", " << print_isa(isa) << ": " << describe_block(c));
            REQUIRE(difference(c, isa, declined) == "");
            ran += declined ? 0 : 1;
        }
        CHECK(ran > 400);
    }
}

TEST_CASE("A7, A9: prefix ranges decline what is no sequence of exact steps") {
    Random random(22);
    for (const Schedule schedule : {Schedule::Tree, Schedule::Partial}) {
        BlockTypes types{.input = {8, 8, false}, .weight = {8, 1, true}};
        types.spec = {.type = {.format = {.width = 20, .integer = 13}}, .schedule = schedule, .group = 2};
        bool declined = false;
        CHECK(difference(random_geometry(random, {}, types), Isa::Scalar, declined) == "");
        CHECK(declined);
    }
}
