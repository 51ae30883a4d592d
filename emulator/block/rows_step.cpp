#include "rows_step.hpp"

namespace bittrue::emulator {
namespace {

constexpr std::int64_t kTileRows = 64;  // 16 KiB of int32: stays in the first-level cache

class RowsStep : public BlockStep {
public:
    RowsStep(RowSourcePointer source, std::vector<RowOpPointer> ops, std::size_t out, LaneType type,
             std::int64_t elements, int bits)
        : source_(std::move(source)), ops_(std::move(ops)), out_(out), type_(type), elements_(elements), bits_(bits) {
        bool unchanged = source_->native() == type;
        for (const RowOpPointer& op : ops_) unchanged = unchanged && op->as_cast() && op->as_cast()->is_identity();
        native_ = unchanged;
    }

    void run(Block& block, StepRoom* /*room*/) const override {
        if (native_) return copy(block);
        bits_ == 32 ? run_tiles<std::int32_t>(block) : run_tiles<std::int64_t>(block);
    }

    void describe(LayerPlan& plan) const override {
        plan.kernel = source_->name() + (native_ ? "" : bits_ == 32 ? " int32" : " int64");
        if (!native_ && bits_ == 64) plan.why_not = "a number of it may need more than 30 bits";
    }

private:
    void copy(Block& block) const {
        const Planes& out = block.tensors[out_];
        source_->copy(out.data, 0, elements_, block);
        for (const RowOpPointer& op : ops_) op->pass(type_, out.data, elements_, block);
    }

    template <class Int>
    void run_tiles(Block& block) const {
        Int* const tile = block.rooms[0].get_as<Int>(kTileRows * kLanes);
        std::byte* const out = block.tensors[out_].data;
        for (std::int64_t first = 0; first < elements_; first += kTileRows) {
            const std::int64_t rows = std::min(kTileRows, elements_ - first);
            source_->fill(tile, first, rows, block);
            for (const RowOpPointer& op : ops_) op->run(tile, rows, block);
            std::byte* const to = out + first * kLanes * bytes_of(type_);
            if constexpr (sizeof(Int) == 4) {
                block.kernels->narrow32(tile, type_, to, nullptr, rows);
            } else {
                block.kernels->narrow64(tile, type_, to, nullptr, rows);
            }
        }
    }

    RowSourcePointer source_;
    std::vector<RowOpPointer> ops_;
    std::size_t out_;
    LaneType type_;
    std::int64_t elements_;
    int bits_;
    bool native_ = false;
};

}  // namespace

BlockStepPointer make_rows_step(RowSourcePointer source, std::vector<RowOpPointer> ops, std::size_t out, LaneType type,
                                std::int64_t elements) {
    int bits = source->lane_bits();
    if (bits == 0) return nullptr;
    for (const RowOpPointer& op : ops) {
        if (op->lane_bits() == 0) return nullptr;
        bits = std::max(bits, op->lane_bits());
    }
    return std::make_unique<RowsStep>(std::move(source), std::move(ops), out, type, elements, bits);
}

}  // namespace bittrue::emulator
