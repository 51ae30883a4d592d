// The fast engine: chapter H on planes of images (kernels.hpp), every sum a dot product of bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bittrue/emulator/training.hpp"
#include "training/general.hpp"
#include "training/kernels.hpp"
#include "training/lfsr.hpp"
#include "training/numbers.hpp"
#include "training/rooms.hpp"
#include "training/team.hpp"

namespace bittrue::emulator::training {

// Whether all sums of a step of that many images are proven to fit int32, and their accumulators unless these wrap.
[[nodiscard]] bool lanes_fit(const TrainingNetwork& network, std::size_t images);

class Lanes {
public:
    Lanes(const TrainingNetwork& network, unsigned threads, Isa isa);

    // No trace of a step that begins with NaN weights.
    StepSummary step(TrainingState& state, const StepInput& input, StepTrace* trace);
    Trainer::Score score(const TrainingState& state, std::span<const std::uint8_t> pixels,
                         std::span<const std::uint8_t> labels);

private:
    struct Batch {
        std::span<const std::uint8_t> pixels;
        std::span<const std::uint8_t> labels;
        StepTrace* trace = nullptr;
        int blocks = 1;
    };

    // lanes.cpp
    void become_nan(TrainingState& state, StepSummary& summary) const;
    void resize(std::size_t images);
    void take_weights(const TrainingState& state, std::size_t part);
    void draw(TrainingState& state, const StepInput& input, std::size_t part);
    int images_of(int block) const;
    int vectors_of(int block) const { return (images_of(block) + 15) / 16; }
    const TrainingLayer& layer(std::size_t l) const { return network_.layers[l]; }
    bool is_last(std::size_t l) const { return l + 1 == network_.layers.size(); }

    // H15 where it wraps: rows of images, of which the first `vectors` times 16 count.
    std::uint64_t wrap_rows(const TrainingAccumulator& accumulator, std::int32_t* rows, int count, int vectors) const;

    // lanes_forward.cpp
    void forward();
    void take_input(std::size_t part);
    void pack_weights(std::size_t l, std::size_t part);
    void build_cells(std::size_t l, int block, Share cells, std::uint8_t* out) const;
    void dense_sums(std::size_t l, std::size_t part);
    void conv_sums(std::size_t l, std::size_t part);
    void conv_trace_sums(std::size_t l, std::size_t part);
    void count_dropped_sums(std::size_t l, std::size_t part);
    Activation activation_of(std::size_t l, int block, int element);
    void conv_dot(std::size_t l, int block, int y, int x, Share channels, std::int32_t* out) const;
    void judge(StepSummary& summary);

    // lanes_backward.cpp
    void backward(StepSummary& summary);
    void quantise(std::size_t l, int shift, std::size_t part);
    void flip_cells(std::size_t l, int block, int begin, int end);
    Quantise quantise_at(std::size_t l, const Quantise& how, int block, int element);
    void quantise_dense(std::size_t l, const Quantise& how, std::size_t part);
    void quantise_conv(std::size_t l, const Quantise& how, std::size_t part);
    void back(std::size_t l, std::size_t part);
    void back_tile(std::size_t l, int block, int first_cell, int first_channel, int channels, std::size_t part,
                   int first_element, int element_step);
    std::uint64_t wrap_gradients(std::size_t l, std::int64_t first, std::int64_t count);
    void dense_gradients(std::size_t l, std::size_t part);
    void conv_gradients(std::size_t l, std::size_t part);

    // lanes_update.cpp
    void update(TrainingState& state, LearningRate rate, StepSummary& summary);
    // For gradients whose products with the rate fit int32; none for others and where n and steps are asked for.
    std::optional<Update> narrow_update(std::size_t l, LearningRate rate, int exponent) const;
    void update_wide(TrainingState& state, std::size_t l, LearningRate rate, StepSummary::Layer& summary);
    void widen(std::size_t l);

    // lanes_trace.cpp
    void begin_trace(const TrainingState& state, StepTrace& trace) const;
    void end_trace(const TrainingState& state, StepTrace& trace, const StepSummary& summary) const;

    TrainingNetwork network_;
    Team team_;
    Kernels kernels_;
    int digits_;
    int most_vectors_ = 0;  // of any block: the size of cells
    int room_blocks_ = 0;
    bool has_traced_ = false;  // rooms for traces are there
    Batch batch_{};
    std::size_t nan_layers_ = 0;  // layers below have NaN errors
    std::vector<LayerRoom> layers_;
    std::vector<PartRoom> parts_;
    std::vector<int> drawn_by_;  // the part that draws for a layer
};

}  // namespace bittrue::emulator::training
