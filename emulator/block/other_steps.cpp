#include "other_steps.hpp"

#include "row_words.hpp"

namespace bittrue::emulator {
namespace {

class AliasStep final : public BlockStep {
public:
    AliasStep(RowOpPointer op, std::size_t in, std::int64_t elements)
        : op_(std::move(op)), in_(in), elements_(elements) {}

    void run(Block& block, StepRoom* /*room*/) const override {
        const Planes& planes = block.tensors[in_];
        op_->pass(planes.type, planes.data, elements_, block);
    }
    void describe(LayerPlan& plan) const override { plan.kernel = "renamed"; }

private:
    RowOpPointer op_;
    std::size_t in_;
    std::int64_t elements_;
};

class ImageStepRoom : public StepRoom {
public:
    std::vector<std::vector<std::int64_t>> inputs{};
    std::vector<std::int64_t> out{};
    std::vector<const std::int64_t*> operands{};
};

class ImageStep final : public BlockStep {
public:
    ImageStep(const Layer& layer, ImageStepSetup setup, std::string why)
        : layer_(layer), setup_(std::move(setup)), why_(std::move(why)) {}

    [[nodiscard]] std::unique_ptr<StepRoom> make_room() const override { return std::make_unique<ImageStepRoom>(); }

    void run(Block& block, StepRoom* given) const override {
        auto& room = static_cast<ImageStepRoom&>(*given);
        const auto images = static_cast<std::size_t>(block.images);
        room.inputs.resize(setup_.inputs.size());
        for (std::size_t k = 0; k < setup_.inputs.size(); ++k) {
            room.inputs[k].resize(images * static_cast<std::size_t>(setup_.input_counts[k]));
            words_of_planes(block.tensors[setup_.inputs[k]], setup_.input_counts[k], block.images,
                            room.inputs[k].data());
        }
        room.out.resize(images * static_cast<std::size_t>(setup_.count));
        LayerEvents ignored;
        LayerEvents& events = block.counts ? block.events[setup_.out] : ignored;
        room.operands.resize(setup_.inputs.size());
        for (std::size_t image = 0; image < images; ++image) {
            for (std::size_t k = 0; k < setup_.inputs.size(); ++k)
                room.operands[k] = room.inputs[k].data() + image * static_cast<std::size_t>(setup_.input_counts[k]);
            const std::uint64_t before = events.product.overflows() + events.accumulator.overflows();
            layer_.run(room.operands, room.out.data() + image * static_cast<std::size_t>(setup_.count), events,
                       block.scratch);
            if (events.product.overflows() + events.accumulator.overflows() > before)
                block.overflowed[setup_.out] |= std::uint64_t{1} << image;
        }
        const Planes& out = block.tensors[setup_.out];
        planes_of_words(room.out.data(), setup_.count, block.images, out);
        // The order of 64-bit unsigned words is not that of their patterns: the engine flips the top bit of both ends.
        if (!block.counts) return;
        const bool flips = !setup_.type.format.is_signed && setup_.type.format.width == kMaxStoredWidth;
        if (!flips) return block.see(setup_.out, out.type, out.data, setup_.count);
        LaneRange& range = block.ranges[setup_.out];
        for (std::size_t image = 0; image < images; ++image) {
            for (std::size_t e = 0; e < static_cast<std::size_t>(setup_.count); ++e) {
                const std::int64_t word = room.out[image * static_cast<std::size_t>(setup_.count) + e] ^
                                          std::numeric_limits<std::int64_t>::min();
                range.low[image] = std::min(range.low[image], word);
                range.high[image] = std::max(range.high[image], word);
            }
        }
    }
    void describe(LayerPlan& plan) const override {
        plan.kernel = "image by image";
        plan.why_not = why_;
    }

private:
    const Layer& layer_;
    ImageStepSetup setup_;
    std::string why_;
};

}  // namespace

BlockStepPointer make_alias_step(RowOpPointer op, std::size_t in, std::int64_t elements) {
    return std::make_unique<AliasStep>(std::move(op), in, elements);
}
BlockStepPointer make_image_step(const Layer& layer, ImageStepSetup setup, std::string why) {
    return std::make_unique<ImageStep>(layer, std::move(setup), std::move(why));
}

}  // namespace bittrue::emulator
