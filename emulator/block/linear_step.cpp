#include "linear_step.hpp"

namespace bittrue::emulator {
namespace {

constexpr std::int64_t kTileRows = 64;  // of a batch of positions, where the group has fewer channels

class LinearStepRoom : public StepRoom {
public:
    explicit LinearStepRoom(std::unique_ptr<LinearRoom> room) : linear(std::move(room)) {}
    std::unique_ptr<LinearRoom> linear;
    std::vector<std::int64_t> places{};
    std::vector<const void*> window{};
    std::vector<const std::int32_t*> tiles{};
    std::vector<ChannelCounts> counts{};       // of the running group and block
    std::vector<EventCounts> result_counts{};  // the same of the result cast, where channels are counted
};

// The casts behind the sums, when the fused kernel does all of them.
std::optional<FusedCasts> fuse(const std::vector<RowOpPointer>& ops) {
    std::vector<LaneCast<std::int32_t>> casts;
    for (const RowOpPointer& op : ops) {
        if (op->as_cast() == nullptr) return std::nullopt;
        if (op->as_cast()->is_identity()) continue;
        const auto cast = op->as_cast()->clamping();
        if (!cast) return std::nullopt;
        casts.push_back(*cast);
    }
    if (casts.size() > 2) return std::nullopt;
    FusedCasts fused;
    const LaneCast<std::int32_t> none{.floor_at = std::numeric_limits<std::int32_t>::min()};
    fused.first = casts.empty() ? none : casts[0];
    fused.has_second = casts.size() == 2;
    if (fused.has_second) fused.second = casts[1];
    for (auto* cast : {&fused.first, &fused.second}) {
        if (cast->overflow == LaneOverflow::Clamp && !casts.empty()) continue;
        cast->low = std::numeric_limits<std::int32_t>::min();
        cast->high = std::numeric_limits<std::int32_t>::max();
    }
    return fused;
}

class LinearStep : public BlockStep {
public:
    LinearStep(const Linear& linear, LinearStepSetup setup, std::vector<RowOpPointer> ops, int bits)
        : linear_(linear),
          setup_(std::move(setup)),
          result_(setup_.pool ? setup_.pool->out() : setup_.shape),
          strides_(strides_of(result_)),
          ops_(std::move(ops)),
          fused_(fuse(ops_)),
          bits_(bits) {}

    [[nodiscard]] std::unique_ptr<StepRoom> make_room() const override {
        return std::make_unique<LinearStepRoom>(linear_.make_room());
    }

    void run(Block& block, StepRoom* given) const override {
        auto& room = static_cast<LinearStepRoom&>(*given);
        linear_.begin(block.tensors[setup_.in], *room.linear);
        for (std::size_t g = 0; g < linear_.groups().size(); ++g) run_group(g, block, room);
    }

    void describe(LayerPlan& plan) const override { plan.groups = linear_.groups(); }

private:
    // Positions of the result are taken in batches that fill a tile.
    void run_group(std::size_t group, Block& block, LinearStepRoom& room) const {
        const auto& channels = linear_.groups()[group].channels;
        const std::int64_t many = std::ssize(channels);
        const bool is_map = result_.layout != Layout::Vector;
        const std::int64_t width = is_map ? result_.width() : 1;
        const std::int64_t positions = is_map ? result_.height() * width : 1;
        const std::int64_t batch = std::max<std::int64_t>(1, kTileRows / many);
        room.counts.assign(channels.size(), {});
        room.result_counts.assign(channels.size(), {});
        for (std::int64_t first = 0; first < positions; first += batch) {
            const std::int64_t count = std::min(batch, positions - first);
            room.places.clear();
            for (std::int64_t p = first; p < first + count; ++p) {
                const std::int64_t base = p / width * strides_.y + p % width * strides_.x;
                for (const int c : channels) room.places.push_back(base + c * strides_.c);
            }
            if (linear_.sum_type(group) == LaneType::S32) {
                sum_batch<std::int32_t>(group, first, count, many, width, block, room);
            } else {
                sum_batch<std::int64_t>(group, first, count, many, width, block, room);
            }
        }
        if (block.counts) count_group(group, block, room);
    }

    void count_group(std::size_t group, Block& block, const LinearStepRoom& room) const {
        LayerEvents& events = block.events[setup_.node];
        const auto& channels = linear_.groups()[group].channels;
        for (std::size_t i = 0; i < channels.size(); ++i) {
            const AccumulationCounts counts = room.counts[i].total(linear_.known(group, i));
            events.product += counts.product;
            events.accumulator += counts.accumulator;
            block.overflowed[setup_.node] |= counts.lanes;
            if (events.channels.empty()) continue;
            const ChannelEvents own{counts.product, counts.accumulator, room.result_counts[i]};
            events.channels[static_cast<std::size_t>(channels[i])] += own;
            events.result += own.result;
        }
    }

    // One tile per element of the pooling window, so that the largest of them is taken row by row.
    template <class Sum>
    void sum_batch(std::size_t group, std::int64_t first, std::int64_t count, std::int64_t channels, std::int64_t width,
                   Block& block, LinearStepRoom& room) const {
        const std::int64_t window = setup_.pool ? setup_.pool->size() : 1;
        const std::int64_t rows = count * channels;
        Sum* const tiles = block.rooms[0].get_as<Sum>(window * rows * kLanes);
        // Pooling windows of one row stand side by side, since they are whole and share nothing.
        const std::int64_t step = setup_.pool ? setup_.pool->step_x() : 1;
        for (std::int64_t p = 0; p < count;) {
            const std::int64_t y = (first + p) / width, x = (first + p) % width;
            const std::int64_t along = std::min(count - p, width - x);
            const PoolWindow w = setup_.pool ? setup_.pool->at(y, x) : PoolWindow{y, y + 1, x, x + 1};
            Sum* to = tiles + p * channels * kLanes;
            for (std::int64_t wy = w.y_begin; wy < w.y_end; ++wy)
                for (std::int64_t wx = w.x_begin; wx < w.x_end; ++wx, to += rows * kLanes)
                    linear_.sums_along(group, {.y = wy, .x = wx, .count = along, .step = step}, to, *room.linear,
                                       block.images, block.counts ? room.counts.data() : nullptr);
            p += along;
        }
        finish(tiles, window, rows, block, room);
    }

    void finish(std::int32_t* tiles, std::int64_t window, std::int64_t rows, Block& block, LinearStepRoom& room) const {
        void* const out = block.tensors[setup_.out].data;
        if (fused_ && !block.counts) {
            room.tiles.clear();
            for (std::int64_t k = 0; k < window; ++k) room.tiles.push_back(tiles + k * rows * kLanes);
            block.kernels->fused(room.tiles.data(), static_cast<int>(window), rows, *fused_, setup_.type, out,
                                 room.places.data());
            return;
        }
        take_largest(tiles, window, rows, LaneType::S32, block, room);
        if (bits_ == 32) {
            run_ops(tiles, rows, block, room);
            block.kernels->narrow32(tiles, setup_.type, out, room.places.data(), rows);
            return;
        }
        std::int64_t* const wide = block.rooms[3].get_as<std::int64_t>(rows * kLanes);
        block.kernels->widen_tile(tiles, wide, rows);
        finish_wide(wide, rows, block, room);
    }
    void finish(std::int64_t* tiles, std::int64_t window, std::int64_t rows, Block& block, LinearStepRoom& room) const {
        take_largest(tiles, window, rows, LaneType::S64, block, room);
        finish_wide(tiles, rows, block, room);
    }
    void finish_wide(std::int64_t* tile, std::int64_t rows, Block& block, LinearStepRoom& room) const {
        run_ops(tile, rows, block, room);
        block.kernels->narrow64(tile, setup_.type, block.tensors[setup_.out].data, room.places.data(), rows);
    }

    // The first of them is the result cast; its events may have to be told apart by channel.
    template <class Int>
    void run_ops(Int* tile, std::int64_t rows, Block& block, LinearStepRoom& room) const {
        std::size_t first = 0;
        if (!block.events[setup_.node].channels.empty()) {
            ops_[first++]->as_cast()->by_row(tile, rows, *block.kernels, block.images, room.result_counts);
            block.see(setup_.node, tile_type<Int>(), tile, rows);
        }
        for (std::size_t i = first; i < ops_.size(); ++i) ops_[i]->run(tile, rows, block);
    }

    template <class Sum>
    void take_largest(Sum* tiles, std::int64_t window, std::int64_t rows, LaneType type, const Block& block,
                      LinearStepRoom& room) const {
        if (window == 1) return;
        for (std::int64_t row = 0; row < rows; ++row) {
            room.window.clear();
            for (std::int64_t k = 0; k < window; ++k) room.window.push_back(tiles + (k * rows + row) * kLanes);
            block.kernels->largest(type, room.window.data(), window, tiles + row * kLanes);
        }
    }

    const Linear& linear_;
    LinearStepSetup setup_;
    Shape result_;
    Strides strides_;
    std::vector<RowOpPointer> ops_;
    std::optional<FusedCasts> fused_;
    int bits_;
};

}  // namespace

BlockStepPointer make_linear_step(const Linear& linear, LinearStepSetup setup, std::vector<RowOpPointer> ops) {
    int bits = 32;
    for (const RowOpPointer& op : ops) {
        if (op->lane_bits() == 0) return nullptr;
        bits = std::max(bits, op->lane_bits());
    }
    return std::make_unique<LinearStep>(linear, std::move(setup), std::move(ops), bits);
}

}  // namespace bittrue::emulator
