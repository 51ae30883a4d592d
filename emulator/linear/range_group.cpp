#include <algorithm>

#include "dot.hpp"
#include "range.hpp"
#include "steps.hpp"
#include "vnni.hpp"

namespace bittrue::emulator::linear {
namespace {

Format bias_format(const LinearTerms& terms) {
    const AccumulatorSpec& spec = terms.mac.spec;
    return spec.bias_cast ? spec.bias_cast->format : terms.mac.bias->format;
}

// The bias after its cast, at frac().
i128 bias_raw(const LinearTerms& terms, int channel) {
    const auto word = terms.bias_of(channel);
    if (!word) return 0;
    i128 raw = raw_from_word(*word, terms.mac.bias->format);
    if (terms.mac.spec.bias_cast)
        raw = quantize_exact(raw, terms.mac.bias->format.frac(), *terms.mac.spec.bias_cast).raw;
    return raw * (i128{1} << (RangeGroup::frac(terms) - bias_format(terms).frac()));
}

CellKind kind_of(const LinearTerms& terms, const std::vector<int>& channels, Isa isa) {
    const int up = RangeGroup::frac(terms) - terms.product_frac();
    bool bytes = has_vnni(isa) && lane_type(terms.input) == LaneType::U8;
    for (const int o : channels) {
        const ChannelFacts facts(terms, o);
        bytes = bytes && i128{facts.low_weight} << up >= -128 && i128{facts.high_weight} << up <= 127;
    }
    return bytes ? CellKind::QuadU8 : CellKind::PairS16;
}

bool have_left(const LaneExtents& e) {
    const LaneExtents endless;
    if (e.lowest == endless.lowest && e.highest == endless.highest) return false;
    std::int32_t inside = 0;
    for (int l = 0; l < e.images; ++l) inside |= e.low[l] >= e.lowest && e.high[l] <= e.highest ? 1 : 0;
    return inside == 0;
}

// Negative and other steps in turns, an even number of them: where two of one sign follow each other, a step of zero
// weights stands between.
std::vector<OrderedStep> alternating(const std::vector<OrderedStep>& steps) {
    std::vector<OrderedStep> all;
    all.reserve(steps.size() + steps.size() / 4 + 2);
    const auto is_next = [&all](bool negative) { return negative == (all.size() % 2 == 0); };
    const auto add_zero = [&all](const OrderedStep& like) {
        all.push_back({.elements = like.elements, .negative = !like.negative});
    };
    for (const OrderedStep& step : steps) {
        if (!is_next(step.negative)) add_zero(step);
        all.push_back(step);
    }
    if (all.size() % 2 != 0) add_zero(all.back());
    return all;
}

RangeRun run_of(CellKind kind, Isa isa) {
    if (kind == CellKind::QuadU8) return vnni_range_quads(isa);
    return has_vnni(isa) ? vnni_range_pairs(isa) : range_pairs(isa);
}

}  // namespace

i128 RangeGroup::bias(const LinearTerms& terms, int channel) {
    return bias_raw(terms, channel);
}

int RangeGroup::frac(const LinearTerms& terms) {
    return terms.mac.bias ? std::max(terms.product_frac(), bias_format(terms).frac()) : terms.product_frac();
}

bool RangeGroup::fits(const LinearTerms& terms, const ChannelFacts& facts) {
    constexpr i128 kLimit = i128{1} << 31;
    const int up = frac(terms) - terms.product_frac();
    if (!is_sequence(terms.mac.spec) || !facts.products_exact || up > 15) return false;
    if (!CellFormat{CellKind::PairS16}.holds(lane_type(terms.input)) || facts.largest_input > 32767) return false;
    if (i128{facts.low_weight} << up < -32768 || i128{facts.high_weight} << up > 32767) return false;
    if (terms.mac.bias && frac(terms) - bias_format(terms).frac() > 40) return false;
    const i128 bias = bias_raw(terms, facts.channel);
    return (facts.largest_sum << up) + (bias < 0 ? -bias : bias) < kLimit;
}

RangeGroup::RangeGroup(const LinearTerms& terms, const std::vector<int>& channels, Isa isa)
    : kind_(kind_of(terms, channels, isa)), run_(run_of(kind_, isa)), map_(terms, {.kind = kind_}, isa) {
    const bool fuses = raw_min(terms.input) >= 0;
    const std::int64_t scale = std::int64_t{1} << (frac(terms) - terms.product_frac());
    std::vector<std::vector<OrderedStep>> steps;
    std::vector<std::vector<CellPlace>> places;
    for (const int o : channels) {
        steps.push_back(ordered_steps(terms, o, elements_of(kind_), fuses ? i128{1} << 60 : i128{0}));
        places.emplace_back();
        if (fuses) steps.back() = alternating(steps.back());
        for (const OrderedStep& step : steps.back()) places.back().push_back(map_.add(step.elements));
    }
    map_.complete();
    const bool last = terms.mac.spec.bias == BiasPosition::Last;
    for (std::size_t first = 0; first < channels.size(); first += kRangeJobs) {
        Tile t;
        t.tile.channels = std::min(kRangeJobs, channels.size() - first);
        t.tile.alternates = fuses;
        for (std::size_t j = 0; j < t.tile.channels; ++j) {
            const int o = channels[first + j];
            t.groups[j] = o / terms.group_outputs;
            t.tile.count = std::max(t.tile.count, steps[first + j].size());
            const auto bias = static_cast<std::int32_t>(bias_raw(terms, o));
            (last ? t.tile.jobs[j].last : t.tile.jobs[j].start) = bias;
        }
        for (std::size_t s = 0; s < t.tile.count; ++s) {
            for (std::size_t j = 0; j < t.tile.channels; ++j) {
                SaturateStep step;
                if (s < steps[first + j].size()) {
                    std::array<std::int64_t, kMaxCellElements> weights = steps[first + j][s].weights;
                    for (std::int64_t& w : weights) w *= scale;
                    step = {map_.offset(places[first + j][s]), pack_weights(kind_, weights.data())};
                }
                t.steps.push_back(step);
            }
        }
        tiles_.push_back(std::move(t));
    }
}

void RangeGroup::run(std::int64_t y, std::int64_t x, std::int32_t* sums, std::int32_t* lows, std::int32_t* highs,
                     const Planes& in, CellRoom& room, const std::uint8_t* wanted) const {
    std::size_t at = 0;
    for (const Tile& t : tiles_) {
        RangeTile tile = t.tile;
        const std::size_t first = at / kLanes;
        if (wanted != nullptr &&
            !std::any_of(wanted + first, wanted + first + tile.channels, [](std::uint8_t w) { return w != 0; })) {
            at += tile.channels * kLanes;
            continue;
        }
        tile.steps = t.steps.data();
        for (std::size_t j = 0; j < tile.channels; ++j, at += kLanes) {
            tile.jobs[j].window = map_.window(y, x, t.groups[j], in, room);
            tile.jobs[j].sum = sums + at;
            tile.jobs[j].low = lows + at;
            tile.jobs[j].high = highs + at;
        }
        run_(tile);
    }
}

bool RangeGroup::widen(std::int64_t y, std::int64_t x, const LaneExtents& extents, const Planes& in, CellRoom& room,
                       std::size_t& steps) const {
    constexpr std::size_t kStepsPerLook = 64;  // as much work as several looks
    std::int64_t group = -1;
    const std::byte* window = nullptr;
    for (const Tile& t : tiles_) {
        RangeTile tile = t.tile;
        tile.steps = t.steps.data();
        for (std::size_t j = 0; j < tile.channels; ++j) {
            if (t.groups[j] != group) window = map_.window(y, x, t.groups[j], in, room);
            group = t.groups[j];
            tile.jobs[j].window = window;
            tile.jobs[j].low = extents.low;
            tile.jobs[j].high = extents.high;
        }
        run_(tile);
        steps += tile.count;
        if (steps < kStepsPerLook) continue;
        steps = 0;
        if (have_left(extents)) return true;
    }
    return false;
}

void RangeGroup::describe(std::size_t i, std::int64_t y, std::int64_t x, const Planes& in, CellRoom& room,
                          CountedJob& job) const {
    const Tile& t = tiles_[i / kRangeJobs];
    const std::size_t j = i % kRangeJobs;
    job.steps = t.steps.data() + j;
    job.count = t.tile.count;
    job.stride = t.tile.channels;
    job.window = map_.window(y, x, t.groups[j], in, room);
    job.start = t.tile.jobs[j].start;
    job.last = t.tile.jobs[j].last;
}

}  // namespace bittrue::emulator::linear
