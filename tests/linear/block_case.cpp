#include "linear/block_case.hpp"

#include <cmath>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"

namespace bittrue::testing {

using namespace emulator;

namespace {

const AccumulatorSpec& spec_of(const Operation& op) {
    if (const auto* dense = std::get_if<Dense>(&op)) return dense->accumulator;
    return std::get<Conv2d>(op).accumulator;
}

LayerSetup setup_of(const Graph& graph) {
    return {.node = graph.nodes[0], .input_types = {graph.input.type}, .input_shapes = {graph.input.shape}};
}

struct PerImage {
    std::vector<std::int64_t> words{};
    AccumulationCounts counts{};
    std::vector<ChannelEvents> channels{};
    std::uint64_t overflowed = 0;  // bit i: a product or an accumulator of image i overflowed
};

PerImage run_images(const BlockCase& c) {
    const Node& node = c.graph.nodes[0];
    const LayerPointer layer = std::visit(
        [&](const auto& op) -> LayerPointer {
            if constexpr (std::is_same_v<decltype(op), const Dense&> || std::is_same_v<decltype(op), const Conv2d&>) {
                return make_layer(setup_of(c.graph), op);
            }
            return nullptr;
        },
        node.op);
    const auto in = static_cast<std::size_t>(c.graph.input.shape.count());
    const auto out = static_cast<std::size_t>(node.shape.count());
    PerImage run{.words = std::vector<std::int64_t>(out * static_cast<std::size_t>(c.images))};
    LayerEvents events;
    events.channels.resize(static_cast<std::size_t>(node.shape.channels()));
    Scratch scratch;
    for (std::size_t i = 0; i < static_cast<std::size_t>(c.images); ++i) {
        const std::int64_t* const words = c.words.data() + i * in;
        const std::uint64_t before = events.product.overflows() + events.accumulator.overflows();
        layer->run({&words, 1}, run.words.data() + i * out, events, scratch);
        const bool any = events.product.overflows() + events.accumulator.overflows() != before;
        run.overflowed |= std::uint64_t{any ? 1U : 0U} << i;
    }
    run.counts = {events.product, events.accumulator};
    run.channels = events.channels;
    return run;
}

template <class T>
void put(const Planes& planes, const BlockCase& c) {
    for (std::int64_t e = 0; e < planes.elements; ++e) {
        for (int i = 0; i < kLanes; ++i) {
            const std::int64_t word = i < c.images ? c.words[static_cast<std::size_t>(i * planes.elements + e)] : 0;
            planes.plane<T>(e)[i] = static_cast<T>(word);
        }
    }
}

void put_words(const Planes& planes, const BlockCase& c) {
    switch (planes.type) {
        case LaneType::U8: return put<std::uint8_t>(planes, c);
        case LaneType::S8: return put<std::int8_t>(planes, c);
        case LaneType::S16: return put<std::int16_t>(planes, c);
        case LaneType::S32: return put<std::int32_t>(planes, c);
        case LaneType::S64: return put<std::int64_t>(planes, c);
    }
}

std::string print(const EventCounts& n) {
    return fmt::format("{} conversions, {} inexact, {} above, {} below, {} saturations", n.conversions, n.inexact,
                       n.above, n.below, n.saturations);
}

struct alignas(64) Line {
    std::byte bytes[64];
};

}  // namespace

Graph layer_graph(const Shape& shape, const FixedType& input, Operation op) {
    Graph graph;
    graph.input = {.name = "x", .shape = shape, .type = input};
    const FixedType result = spec_of(op).type;
    graph.nodes.push_back({.name = "layer", .inputs = {"x"}, .op = std::move(op), .result = result});
    validate(graph);
    return graph;
}

std::int64_t draw_word(Random& random, Format format, Draw draw) {
    const std::int64_t any = word_from_pattern(random.bits(), format);
    const std::int64_t low = word_from_raw(raw_min(format)), high = word_from_raw(raw_max(format));
    switch (draw) {
        case Draw::Uniform: return random.one_in(6) ? 0 : any;
        case Draw::Extremes: return random.one_in(8) ? any : random.one_in(2) ? low : high;
        case Draw::Small:
            return format.width <= 3 || random.one_in(4) ? any / 2 : any / (std::int64_t{1} << (format.width / 2));
    }
    return any;
}

void draw_words(Random& random, BlockCase& c, Draw draw) {
    c.words.resize(static_cast<std::size_t>(c.graph.input.shape.count() * c.images));
    const Draw image_draws[] = {draw, draw, Draw::Extremes};
    const std::size_t size = static_cast<std::size_t>(c.graph.input.shape.count());
    for (std::size_t i = 0; i < c.words.size(); i += size) {
        const Draw d = random.pick(image_draws);
        for (std::size_t e = 0; e < size; ++e) c.words[i + e] = draw_word(random, c.graph.input.type.format, d);
    }
}

Parameter draw_parameter(Random& random, const Dims& dims, Format format, Draw draw) {
    Parameter parameter{.dims = dims, .type = {.format = format}};
    for (std::int64_t i = 0; i < element_count(dims); ++i) parameter.raw.push_back(draw_word(random, format, draw));
    return parameter;
}

BlockRun run_block(const BlockCase& c) {
    const Node& node = c.graph.nodes[0];
    LayerParameters parameters;
    const std::unique_ptr<Linear> linear = std::visit(
        [&](const auto& op) -> std::unique_ptr<Linear> {
            if constexpr (std::is_same_v<decltype(op), const Dense&> || std::is_same_v<decltype(op), const Conv2d&>) {
                return make_linear(setup_of(c.graph), op, c.options, parameters);
            }
            return nullptr;
        },
        node.op);
    BlockRun run;
    if (!linear) {
        run.declined = true;
        return run;
    }
    run.groups = linear->groups();
    const PerImage expected = run_images(c);

    const LaneType type = lane_type(c.graph.input.type.format);
    const std::int64_t elements = c.graph.input.shape.count();
    std::vector<Line> memory(static_cast<std::size_t>(elements * bytes_of(type)));
    const Planes in{.data = memory.data()->bytes, .type = type, .elements = elements};
    put_words(in, c);
    const auto room = linear->make_room();
    std::vector<AccumulationCounts> found(static_cast<std::size_t>(node.shape.channels()));
    std::vector<std::size_t> seen(static_cast<std::size_t>(node.shape.channels()));
    for (int round = 0; round < 2; ++round) {  // twice: nothing may stay behind in the room
        linear->begin(in, *room);
        for (std::size_t g = 0; g < run.groups.size(); ++g) {
            const std::vector<int>& channels = run.groups[g].channels;
            const bool wide = linear->sum_type(g) == LaneType::S64;
            std::vector<std::int64_t> sums64(channels.size() * kLanes);
            std::vector<std::int32_t> sums32(channels.size() * kLanes);
            std::vector<ChannelCounts> counts(channels.size());
            for (const int o : channels) ++seen[static_cast<std::size_t>(o)];
            for (std::int64_t y = 0; y < node.shape.height(); ++y) {
                for (std::int64_t x = 0; x < node.shape.width(); ++x) {
                    void* const out = wide ? static_cast<void*>(sums64.data()) : static_cast<void*>(sums32.data());
                    linear->sums(g, y, x, out, *room, c.images, c.options.count_events ? counts.data() : nullptr);
                    for (std::size_t k = 0; k < channels.size() * kLanes; ++k) {
                        const std::size_t image = k % kLanes;
                        if (image >= static_cast<std::size_t>(c.images)) continue;
                        const int o = channels[k / kLanes];
                        const std::int64_t sum = wide ? sums64[k] : sums32[k];
                        const auto at = static_cast<std::size_t>(node.shape.index(o, y, x));
                        const std::int64_t wanted =
                            expected.words[image * static_cast<std::size_t>(node.shape.count()) + at];
                        if (sum == wanted) continue;
                        run.difference =
                            fmt::format("kernel '{}', image {}, row {}, column {}, channel {}: {} instead of {}",
                                        run.groups[g].kernel, image, y, x, o, sum, wanted);
                        return run;
                    }
                }
            }
            for (std::size_t k = 0; k < channels.size(); ++k)
                found[static_cast<std::size_t>(channels[k])] = counts[k].total(linear->known(g, k));
        }
    }
    for (std::size_t o = 0; o < seen.size(); ++o) {
        if (seen[o] != 2) run.difference = fmt::format("channel {} stands in {} groups", o, seen[o] / 2);
    }
    std::uint64_t overflowed = 0;
    for (const AccumulationCounts& counts : found)
        overflowed |= counts.lanes & ~std::uint64_t{0} >> (kLanes - c.images);
    if (c.options.count_events && overflowed != expected.overflowed)
        run.difference =
            fmt::format("images that overflowed: bits {:x} instead of {:x}", overflowed, expected.overflowed);
    for (std::size_t o = 0; c.options.count_events && o < found.size(); ++o) {
        const ChannelEvents& wanted = expected.channels[o];
        if (found[o].product != wanted.product)
            run.difference = fmt::format("channel {}, products: {} instead of {}", o, print(found[o].product),
                                         print(wanted.product));
        if (found[o].accumulator != wanted.accumulator)
            run.difference = fmt::format("channel {}, accumulator: {} instead of {}", o, print(found[o].accumulator),
                                         print(wanted.accumulator));
    }
    return run;
}

std::string golden_difference(const BlockCase& c) {
    const PerImage words = run_images(c);
    InputBatch batch{.images = static_cast<std::size_t>(c.images), .dims = c.graph.input.shape.dims};
    const Format input = c.graph.input.type.format;
    for (const std::int64_t word : c.words) batch.values.push_back(value_of(raw_from_word(word, input), input.frac()));
    const LayerResult golden = golden::make_engine(c.graph)->run(batch, {.count_channels = true}).layers.back();
    if (golden.events.channels != words.channels) return "golden has other events of a channel";
    if (golden.words != words.words) return "golden has other words";
    if (golden.events.accumulator != words.counts.accumulator) return "golden has other accumulator events";
    return golden.events.product == words.counts.product ? "" : "golden has other product events";
}

}  // namespace bittrue::testing
