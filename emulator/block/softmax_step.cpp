// L13, L14, L16 in lanes: the elements of a vector are rows, so that maxima, sums and products are those of rows.
#include "other_steps.hpp"

namespace bittrue::emulator {
namespace {

constexpr int kWideBits = 62;

// Table entries by index: raws and, where the table's cast is counted, what it met.
struct Entries {
    std::vector<std::int64_t> raws{};
    std::vector<Events> events{};
    bool silent = true;  // no entry has an event

    explicit Entries(const std::vector<Converted>& converted) {
        for (const Converted& c : converted) {
            raws.push_back(c.word);
            events.push_back(c.events);
            silent = silent && c.events == Events{};
        }
    }
};

// T4 on raws in 64-bit lanes.
struct LaneIndex {
    LaneIndex() = default;
    LaneIndex(Format format, std::int64_t entries)
        : mask(static_cast<std::int64_t>(pattern_from_word(-1, format))), down(format.width - ceil_log2(entries)) {}
    std::int64_t mask = 0;
    int down = 0;
    [[nodiscard]] std::size_t operator()(std::int64_t raw) const {
        return static_cast<std::size_t>((raw & mask) >> down);
    }
};

class SoftmaxStep final : public BlockStep {
public:
    SoftmaxStep(const LayerSetup& setup, const Softmax& op, const SoftmaxTables& tables, std::size_t in,
                std::size_t out)
        : in_(in),
          out_(out),
          stable_(op.kind == SoftmaxKind::Stable),
          count_(setup.shape().count()),
          type_(lane_type(setup.node.result.format)),
          exponentials_(cast_entries(tables.exp, op.accumulator)),
          inverses_(tables.inv.words),
          exp_index_(stable_ ? op.difference.format : setup.format(), std::ssize(exponentials_.raws)),
          inv_index_(op.inv_input.format, std::ssize(inverses_)),
          inv_input_(op.accumulator.format, op.inv_input) {
        const Format acc = op.accumulator.format, from = setup.format(), inv = tables.inv.format;
        const auto too_wide = [](Format f) { return signed_width(f) > kWideBits - 1; };
        if (too_wide(acc) || too_wide(from) || too_wide(product_format(acc, inv)) || too_wide(op.inv_input.format))
            return;
        if (stable_ && too_wide(op.difference.format)) return;
        const i128 span = raw_max(from) - raw_min(from);
        difference_ = RowCast(RawRange{0, span}, from.frac(), op.difference);
        sum_ = RowCast(RawRange{2 * raw_min(acc), 2 * raw_max(acc)}, acc.frac(), op.accumulator);
        const i128 ends[] = {raw_min(acc) * raw_min(inv), raw_min(acc) * raw_max(inv), raw_max(acc) * raw_min(inv),
                             raw_max(acc) * raw_max(inv)};
        const RawRange products{std::min(std::min(ends[0], ends[1]), std::min(ends[2], ends[3])),
                                std::max(std::max(ends[0], ends[1]), std::max(ends[2], ends[3]))};
        result_ = RowCast(products, acc.frac() + inv.frac(), setup.node.result);
        fits_ = sum_.lane_bits() != 0 && result_.lane_bits() != 0 && inv_input_.lane_bits() != 0 &&
                (!stable_ || difference_.lane_bits() != 0);
    }

    [[nodiscard]] bool fits() const { return fits_; }

    void run(Block& block, StepRoom* /*room*/) const override {
        const std::int64_t numbers = count_ * kLanes;
        std::int64_t* const leaves = block.rooms[0].get_as<std::int64_t>(numbers);
        std::int64_t* const nodes = block.rooms[1].get_as<std::int64_t>(numbers);
        const Planes& in = block.tensors[in_];
        block.kernels->widen64(in.type, in.data, leaves, count_);
        EventCounts* const counts = block.accumulator_counts(out_);
        if (stable_) subtract_from_largest(leaves, block, counts);
        look_up(leaves, block, counts);
        std::copy_n(leaves, numbers, nodes);
        add_tree(nodes, block, counts);
        inv_input_(nodes, 1, *block.kernels, block.images, counts);
        for (int l = 0; l < kLanes; ++l) nodes[l] = inverses_[inv_index_(nodes[l])];
        for (std::int64_t row = 0; row < count_; ++row)
            for (int l = 0; l < kLanes; ++l) leaves[row * kLanes + l] *= nodes[l];
        result_(leaves, count_, *block.kernels, block.images, block.result_counts(out_));
        block.see(out_, LaneType::S64, leaves, count_);
        block.kernels->narrow64(leaves, type_, block.tensors[out_].data, nullptr, count_);
    }

    void describe(LayerPlan& plan) const override { plan.kernel = "lanes int64"; }

private:
    void subtract_from_largest(std::int64_t* rows, Block& block, EventCounts* counts) const {
        alignas(64) std::int64_t largest[kLanes];
        std::copy_n(rows, kLanes, largest);
        for (std::int64_t row = 1; row < count_; ++row)
            for (int l = 0; l < kLanes; ++l) largest[l] = std::max(largest[l], rows[row * kLanes + l]);
        for (std::int64_t row = 0; row < count_; ++row)
            for (int l = 0; l < kLanes; ++l) rows[row * kLanes + l] = largest[l] - rows[row * kLanes + l];
        difference_(rows, count_, *block.kernels, block.images, counts);
    }

    void look_up(std::int64_t* rows, const Block& block, EventCounts* counts) const {
        if (counts != nullptr) {
            counts->conversions += static_cast<std::uint64_t>(count_) * static_cast<unsigned>(block.images);
            if (!exponentials_.silent) count_entries(rows, block.images, *counts);
        }
        for (std::int64_t i = 0; i < count_ * kLanes; ++i) rows[i] = exponentials_.raws[exp_index_(rows[i])];
    }
    void count_entries(const std::int64_t* rows, int images, EventCounts& counts) const {
        EventCounts sum;
        for (std::int64_t row = 0; row < count_; ++row)
            for (int l = 0; l < images; ++l) sum.add(exponentials_.events[exp_index_(rows[row * kLanes + l])]);
        sum.conversions = 0;
        counts += sum;
    }

    // Rule A9 with step; a single leaf is not converted. The sum ends in the first row.
    void add_tree(std::int64_t* nodes, Block& block, EventCounts* counts) const {
        for (std::int64_t count = count_; count > 1; count = count / 2 + count % 2) {
            const std::int64_t pairs = count / 2;
            for (std::int64_t i = 0; i < pairs; ++i)
                for (int l = 0; l < kLanes; ++l)
                    nodes[i * kLanes + l] = nodes[2 * i * kLanes + l] + nodes[(2 * i + 1) * kLanes + l];
            sum_(nodes, pairs, *block.kernels, block.images, counts);
            if (count % 2 != 0) std::copy_n(nodes + (count - 1) * kLanes, kLanes, nodes + pairs * kLanes);
        }
    }

    std::size_t in_, out_;
    bool stable_;
    std::int64_t count_;
    LaneType type_;
    Entries exponentials_;
    std::vector<std::int64_t> inverses_;
    LaneIndex exp_index_, inv_index_;
    RowCast difference_{}, sum_{}, inv_input_, result_{};
    bool fits_ = false;
};

// L16
class ArgmaxStep final : public BlockStep {
public:
    ArgmaxStep(const LayerSetup& setup, std::size_t in, std::size_t out)
        : in_(in),
          out_(out),
          count_(setup.shape().count()),
          type_(lane_type(setup.node.result.format)),
          one_(Caster(2, 0, setup.node.result)(1)),
          zero_(Caster(2, 0, setup.node.result)(0)) {}

    void run(Block& block, StepRoom* /*room*/) const override {
        std::int64_t* const rows = block.rooms[0].get_as<std::int64_t>(count_ * kLanes);
        const Planes& in = block.tensors[in_];
        block.kernels->widen64(in.type, in.data, rows, count_);
        alignas(64) std::int64_t largest[kLanes];
        std::int64_t first[kLanes] = {};
        std::copy_n(rows, kLanes, largest);
        for (std::int64_t row = 1; row < count_; ++row) {
            for (int l = 0; l < kLanes; ++l) {
                if (rows[row * kLanes + l] <= largest[l]) continue;
                largest[l] = rows[row * kLanes + l];
                first[l] = row;
            }
        }
        for (std::int64_t row = 0; row < count_; ++row)
            for (int l = 0; l < kLanes; ++l) rows[row * kLanes + l] = first[l] == row ? one_.word : zero_.word;
        if (block.counts) {
            EventCounts& counts = block.events[out_].result;
            for (int l = 0; l < block.images; ++l) {
                counts.add(one_.events);
                for (std::int64_t row = 1; row < count_; ++row) counts.add(zero_.events);
            }
        }
        block.see(out_, LaneType::S64, rows, count_);
        block.kernels->narrow64(rows, type_, block.tensors[out_].data, nullptr, count_);
    }

    void describe(LayerPlan& plan) const override { plan.kernel = "lanes int64"; }

private:
    std::size_t in_, out_;
    std::int64_t count_;
    LaneType type_;
    Converted one_, zero_;
};

}  // namespace

BlockStepPointer make_softmax_step(const LayerSetup& setup, const Softmax& op, const SoftmaxTables& tables,
                                   std::size_t in, std::size_t out) {
    switch (op.kind) {
        case SoftmaxKind::Stable:
        case SoftmaxKind::Latency: {
            auto step = std::make_unique<SoftmaxStep>(setup, op, tables, in, out);
            if (!step->fits()) return nullptr;
            return step;
        }
        case SoftmaxKind::Argmax:
            if (signed_width(setup.format()) > 64 || signed_width(setup.node.result.format) > 64) return nullptr;
            return std::make_unique<ArgmaxStep>(setup, in, out);
        case SoftmaxKind::Legacy: break;
    }
    return nullptr;
}

}  // namespace bittrue::emulator
