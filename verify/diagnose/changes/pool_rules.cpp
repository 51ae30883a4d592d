#include "changes/pool_rules.hpp"

#include <bit>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "changes/fit.hpp"
#include "changes/unfold.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

// Holds every word of `f`, also with the sign changed, and sums of `n` of them.
FixedType room_for(Format f, std::int64_t n) {
    const int more = 1 + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n)));
    return {.format = {.width = std::min(kMaxStoredWidth, f.width + more),
                       .integer = std::min(kMaxStoredWidth, f.width + more) - f.frac(),
                       .is_signed = true}};
}

Proposal proposal(const Site& site, const std::string& setting, const std::string& expected, const std::string& found,
                  const std::string& clause, double bits) {
    return {.cause = Cause::PoolRule,
            .setting = setting,
            .expected = expected,
            .found = found,
            .text = fmt::format("the pool '{}' {}", site.name(), clause),
            .bits = bits,
            .fit = fits_many(site.maker().evidence),
            .slot = "pool"};
}

void add_largest(const Site& site, const MaxPool& op) {
    const Format in = site.inputs()[0].type.format;
    const Datapath* datapath = &site.maker().datapath;
    // The largest of the negated words, negated. Of a pool that ignores padding it is among the faults of pools.
    if (op.pad_rule == PoolPadding::Msb)
        site.propose_chain(
            proposal(site, "op", "the largest", "the smallest", "takes the smallest word of its window", 3),
            [in, datapath](Variant& variant, int index) {
                if (in.width >= kMaxStoredWidth) return false;
                Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
                auto& pool = std::get<MaxPool>(node.op);
                TensorWords words = words_in(variant, node.inputs[0], *datapath);
                for (std::int64_t& word : words.words) word = -word;
                words.type = room_for(in, 1);
                pool.pad_rule = PoolPadding::Ignore;
                const FixedType result = node.result;
                const std::optional<FixedType> cast = std::exchange(pool.accumulator, std::nullopt);
                node.result = words.type;
                give(variant, index, std::move(words));
                Parameter minus{.dims = {1}, .raw = {-1}, .type = {.format = {2, 2, true}}};
                insert_behind(variant, index,
                              {.op = Affine{.scale = std::move(minus)}, .result = cast.value_or(result)});
                if (cast) insert_behind(variant, index + 1, {.op = Quantize{}, .result = result});
                drop_unread(variant);
                return true;
            });
    const std::int64_t n = std::int64_t{op.pool[0]} * op.pool[1];
    for (const Rounding divide : {Rounding::TrnZero, Rounding::Trn}) {
        if (divide == Rounding::Trn && !in.is_signed) continue;
        site.propose(proposal(site, "op", "max_pool", "average_pool", "averages its window", 6), [=](Node& node) {
            const auto* pool = std::get_if<MaxPool>(&node.op);
            if (pool == nullptr) return false;
            node.op = AveragePool{.pool = pool->pool,
                                  .stride = pool->stride,
                                  .padding = pool->padding,
                                  .accumulator = room_for(in, n),
                                  .divide = divide};
            return true;
        });
    }
    const Padding& p = op.padding;
    if (p == Padding{}) return;
    const bool ignore = op.pad_rule == PoolPadding::Ignore;
    Proposal rule = proposal(site, "pad_rule", ignore ? "ignore" : "msb", ignore ? "msb" : "ignore",
                             ignore ? "takes padding as words of which only the top bit is set" : "ignores padding", 3);
    rule.cause = Cause::PaddingValue;
    site.propose(std::move(rule), [ignore](Node& node) {
        auto* pool = std::get_if<MaxPool>(&node.op);
        if (pool == nullptr) return false;
        pool->pad_rule = ignore ? PoolPadding::Msb : PoolPadding::Ignore;
        return true;
    });
}

// The sum of a window, as the pool adds it up, times 2^-shift: a division by shifting.
bool shift_the_sum(Variant& variant, int index, int shift) {
    Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
    const auto pool = std::get<AveragePool>(node.op);
    const ReadTensor in = read_by(variant.chain, node.inputs[0]);
    const std::int64_t channels = in.shape.channels();
    Parameter ones{.dims = {pool.pool[0], pool.pool[1], 1, channels}, .type = {.format = {1, 1, false}}};
    ones.raw.assign(static_cast<std::size_t>(element_count(ones.dims)), 1);
    const FixedType result = node.result;
    Conv2d sum{.weights = std::move(ones)};
    sum.accumulator.type = pool.accumulator;
    sum.stride = pool.stride;
    sum.groups = static_cast<int>(channels);
    sum.padding = pool.padding;
    node.op = std::move(sum);
    node.result = {.format = pool.accumulator.format};
    if (shift == 0) {
        insert_behind(variant, index, {.op = Quantize{}, .result = result});
        return true;
    }
    Parameter scale{.dims = {1}, .raw = {1}, .type = {.format = {1, 1 - shift, false}}};
    FixedType quotient = pool.accumulator;
    quotient.rounding = pool.divide;
    insert_behind(variant, index, {.op = Affine{.scale = std::move(scale)}, .result = quotient});
    insert_behind(variant, index + 1, {.op = Quantize{}, .result = result});
    return true;
}

void add_average(const Site& site, const AveragePool& op) {
    for (const Rounding r : kAllRoundings) {
        if (r == op.divide || (r == Rounding::RndConvOdd && op.accumulator.dialect != Dialect::Ac)) continue;
        const Dialect dialect = op.accumulator.dialect;
        Proposal p = proposal(site, "divide", mode_name(op.divide, dialect), mode_name(r, dialect),
                              fmt::format("rounds its quotient by {} where the network rounds by {}",
                                          mode_name(r, dialect), mode_name(op.divide, dialect)),
                              r == Rounding::Trn || r == Rounding::Rnd || r == Rounding::TrnZero ? 3 : 4.5);
        p.cause = Cause::SoftmaxInner;
        p.fit = fits_rounding(site.maker().evidence);
        p.slot = "divide";
        site.propose(std::move(p), [r](Node& node) {
            auto* pool = std::get_if<AveragePool>(&node.op);
            if (pool == nullptr) return false;
            pool->divide = r;
            return true;
        });
    }
    const std::int64_t n = std::int64_t{op.pool[0]} * op.pool[1];
    const int floor = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n))) - 1;
    const bool power = (n & (n - 1)) == 0;
    for (const int shift : {0, floor, floor + 1, floor - 1}) {
        if (shift < 0 || (shift == 0 && n == 1) || (shift == 0 && floor <= 1 && shift != 0)) continue;
        // Of a whole window of a power of two that is the division itself.
        if (power && shift == floor && op.padding == Padding{}) continue;
        if (shift == floor - 1 && shift == 0) continue;
        site.propose_chain(
            proposal(site, "divide", fmt::format("by {}", n), fmt::format("by {}", std::int64_t{1} << shift),
                     shift == 0
                         ? "gives the sum of its window without dividing it"
                         : fmt::format("divides by {} where its window has {} elements", std::int64_t{1} << shift, n),
                     shift == 0 ? 4 : 5),
            [shift](Variant& variant, int index) { return shift_the_sum(variant, index, shift); });
    }
    site.propose(proposal(site, "op", "average_pool", "max_pool", "takes the largest word of its window", 5),
                 [](Node& node) {
                     const auto* pool = std::get_if<AveragePool>(&node.op);
                     if (pool == nullptr) return false;
                     node.op = MaxPool{.pool = pool->pool, .stride = pool->stride, .padding = pool->padding};
                     return true;
                 });
    if (op.padding == Padding{}) return;
    site.propose(
        proposal(site, "count_padding", op.count_padding ? "true" : "false", op.count_padding ? "false" : "true",
                 op.count_padding ? "divides by the elements that are no padding" : "divides by its whole window", 3),
        [](Node& node) {
            auto* pool = std::get_if<AveragePool>(&node.op);
            if (pool == nullptr) return false;
            pool->count_padding = !pool->count_padding;
            return true;
        });
}

}  // namespace

void add_pool_rules(const Site& site) {
    if (const auto* largest = std::get_if<MaxPool>(&site.node().op)) add_largest(site, *largest);
    if (const auto* average = std::get_if<AveragePool>(&site.node().op)) add_average(site, *average);
}

}  // namespace bittrue::diagnose_detail
