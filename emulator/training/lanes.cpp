#include "training/lanes.hpp"

#include "training/general_forward.hpp"

namespace bittrue::emulator::training {

namespace {

constexpr std::int64_t kBound = std::int64_t{1} << 30;  // of sums in int32, with room for a rounding

bool holds(const TrainingAccumulator& accumulator, std::int64_t most) {
    return accumulator.width == 0 || !accumulator.saturate || most < (std::int64_t{1} << (accumulator.width - 1));
}

int digits_of(const TrainingBits& bits) {
    if (bits.errors <= 8) return 1;
    return bits.errors <= 15 ? 2 : 3;
}

// Offsets of cells are int32.
bool cells_fit(const TrainingLayer& layer) {
    constexpr std::int64_t kMost = std::int64_t{1} << 20;
    const std::int64_t border = layer.is_conv() ? 2 * std::max(layer.kernel_rows, layer.kernel_columns) : 0;
    const std::int64_t map = (layer.sums.rows + border) * (layer.sums.columns + border);
    return layer.input.elements() < kMost && map < kMost && map * layer.sums.channels < kMost;
}

bool layer_fits(const TrainingNetwork& network, std::size_t l, std::size_t images) {
    const TrainingLayer& layer = network.layers[l];
    const LayerNumbers n(network, l);
    const std::int64_t taps = layer.is_conv() ? layer.kernel_rows * layer.kernel_columns : 1;
    const std::int64_t sum = std::int64_t{layer.fan_in()} * n.most_a * n.most_q;
    const std::int64_t error = taps * layer.sums.channels * n.most_e * n.most_q;
    const std::int64_t positions = static_cast<std::int64_t>(images) * layer.sums.rows * layer.sums.columns;
    // Bytes of deltas are at most 128, with the 128 that is added to them 255.
    return sum < kBound && 4 * n.one < kBound && holds(layer.forward, sum) && error < kBound &&
           taps * layer.sums.channels * n.most_q * 256 < kBound && holds(layer.error, error) && positions < kBound &&
           positions * n.most_a * 128 < kBound && holds(layer.gradient, positions * n.most_a * n.most_e) &&
           layer.pool_rows * layer.pool_columns <= 128 && layer.weight_count() < (1 << 24) && cells_fit(layer);
}

}  // namespace

bool lanes_fit(const TrainingNetwork& network, std::size_t images) {
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
        if (!layer_fits(network, l, images)) return false;
    }
    return true;
}

LayerRoom::LayerRoom(const TrainingNetwork& network, std::size_t l)
    : numbers(network, l),
      word_stride(round_up(network.layers[l].sums.channels, 4)),
      delta_stride(round_up(network.layers[l].sums.channels, 16)),
      forward(forward_layout(network.layers[l])),
      backward(backward_layout(network.layers[l], word_stride)),
      randomizer(network.randomizer, network.bits.randomizer,
                 static_cast<std::size_t>(network.layers[l].weight_count())) {
    const TrainingLayer& layer = network.layers[l];
    const int outs = layer.sums.channels, rows = layer.fan_in(), quads = static_cast<int>(forward.quad_rows.size());
    for (int i = 0; i < quads; ++i) forward_weights.push_back(i * outs * 4);
    for (int y = 0; y < layer.pool_rows; ++y) {
        for (int x = 0; x < layer.pool_columns; ++x) unpool_places.push_back((y * layer.sums.columns + x) * kImages);
    }
    words.reset(std::int64_t{rows + 1} * word_stride);
    row_sums.reset(rows);
    packed.reset(std::int64_t{quads} * outs);
    starts.reset(std::max(rows, layer.input.elements()));
    draws.resize(static_cast<std::size_t>(layer.weight_count()));
}

Lanes::Lanes(const TrainingNetwork& network, unsigned threads, Isa isa)
    : network_(network), team_(threads), kernels_(kernels(isa)), digits_(digits_of(network.bits)) {
    for (std::size_t l = 0; l < network_.layers.size(); ++l) layers_.emplace_back(network_, l);
    parts_.resize(team_.size());
    // Draws wait for nobody: whole tensors to the part that has drawn least.
    std::vector<std::int64_t> load(team_.size(), 0);
    for (const TrainingLayer& l : network_.layers) {
        const auto least = std::min_element(load.begin(), load.end());
        drawn_by_.push_back(static_cast<int>(least - load.begin()));
        *least += l.weight_count();
    }
}

int Lanes::images_of(int block) const {
    return std::min(kImages, static_cast<int>(batch_.labels.size()) - block * kImages);
}

std::uint64_t Lanes::wrap_rows(const TrainingAccumulator& accumulator, std::int32_t* rows, int count,
                               int vectors) const {
    if (accumulator.width == 0 || accumulator.saturate || accumulator.width >= 32) return 0;
    std::uint64_t overflows = 0;
    for (int i = 0; i < count; ++i)
        overflows += kernels_.wrap(rows + std::ptrdiff_t{i} * kImages, 16 * vectors, accumulator.width);
    return overflows;
}

void Lanes::resize(std::size_t images) {
    const int blocks = static_cast<int>((images + kImages - 1) / kImages);
    const int vectors = blocks > 1 ? 4 : static_cast<int>((images + 15) / 16);
    const bool traces = batch_.trace != nullptr;
    batch_.blocks = blocks;
    if (blocks == room_blocks_ && vectors == most_vectors_ && (has_traced_ || !traces)) return;
    room_blocks_ = blocks;
    most_vectors_ = vectors;
    has_traced_ = traces;
    const int cell = 16 * 4 * vectors;
    int places = 1;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        const TrainingLayer& own = layer(l);
        LayerRoom& room = layers_[l];
        const std::int64_t outs = std::int64_t{blocks} * own.output.elements() * kImages;
        room.forward_offsets.measure(room.forward, cell);
        room.backward_offsets.measure(room.backward, cell);
        room.input.reset(std::int64_t{blocks} * (own.input.elements() + 1) * kImages);
        if (own.is_conv()) room.cells.reset(std::int64_t{blocks} * room.forward.cells_in_all * cell);
        if (is_last(l) || traces) room.sums.reset(std::int64_t{blocks} * own.sums.elements() * kImages);
        room.index.reset(outs);
        room.flags.reset(outs);
        room.d.reset(outs);
        if (traces) room.errors.reset(outs);
        for (std::size_t t = 0; t < static_cast<std::size_t>(digits_); ++t) {
            room.delta[t].reset(std::int64_t{blocks} * (own.sums.elements() + 1) * kImages);
            if (l > 0) room.back_cells[t].reset(std::int64_t{blocks} * room.backward.cells_in_all * cell, 128);
            if (!own.is_conv()) room.turned[t].reset(std::int64_t{blocks} * 16 * room.delta_stride);
            room.g[t].reset(own.weight_count());
        }
        places = std::max(places, own.pool_rows * own.pool_columns);
    }
    for (PartRoom& part : parts_) {
        part.tile.reset(std::int64_t{places} * kTile * kImages);
        part.more.reset(kTile * kImages);
        part.delta.reset(kDigits * kImages);
        part.unused.reset(kImages);
        std::int64_t most = 0;
        for (const LayerRoom& room : layers_) most = std::max<std::int64_t>(most, room.forward.cells_in_all);
        part.cells.reset(most * cell);
    }
}

void Lanes::take_weights(const TrainingState& state, std::size_t part) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        LayerRoom& room = layers_[l];
        const int outs = layer(l).sums.channels;
        const Share rows(layer(l).fan_in(), part, team_.size());
        kernels_.weight_rows({.weights = state.weights[l].data() + std::int64_t{rows.begin} * outs,
                              .rows = rows.end - rows.begin,
                              .outs = outs,
                              .weight_bits = network_.bits.weights,
                              .gradient_bits = network_.bits.gradients,
                              .words = room.words.at(std::int64_t{rows.begin} * room.word_stride),
                              .word_stride = room.word_stride,
                              .row_sums = room.row_sums.at(rows.begin)});
        if (layer(l).is_conv()) continue;
        for (int i = rows.begin; i < rows.end; ++i) *room.starts.at(i) = -128 * *room.row_sums.at(i);
    }
}

void Lanes::draw(TrainingState& state, const StepInput& input, std::size_t part) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        if (drawn_by_[l] != static_cast<int>(part)) continue;
        std::vector<std::uint16_t>& draws = layers_[l].draws;
        if (input.draws == nullptr) {
            state.lfsr[l] = layers_[l].randomizer.draw(state.lfsr[l], draws);
        } else {
            const std::vector<std::int32_t>& given = (*input.draws)[l];
            std::transform(given.begin(), given.end(), draws.begin(),
                           [](std::int32_t k) { return static_cast<std::uint16_t>(k); });
        }
    }
}

// H11: everything is NaN behind the layers in front of the first one with NaN weights.
void Lanes::become_nan(TrainingState& state, StepSummary& summary) const {
    for (std::size_t l = 0; l < first_nan(state); ++l)
        summary.layers[l].forward_overflows = layers_[l].forward_overflows;
    summary.nan_loss = true;
    summary.correct = static_cast<int>(std::count(batch_.labels.begin(), batch_.labels.end(), std::uint8_t{0}));
    state.nan.assign(state.nan.size(), true);
}

StepSummary Lanes::step(TrainingState& state, const StepInput& input, StepTrace* trace) {
    batch_ = {.pixels = input.pixels, .labels = input.labels, .trace = trace};
    resize(input.labels.size());
    StepSummary summary;
    summary.layers.resize(layers_.size());
    if (trace != nullptr) begin_trace(state, *trace);
    team_.run([&](std::size_t part) {
        take_weights(state, part);
        take_input(part);
        draw(state, input, part);
    });
    forward();
    if (first_nan(state) < layers_.size()) {
        become_nan(state, summary);
        return summary;
    }
    judge(summary);
    backward(summary);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        summary.layers[l].forward_overflows = layers_[l].forward_overflows;
        summary.layers[l].error_overflows = layers_[l].error_overflows;
        summary.layers[l].gradient_overflows = layers_[l].gradient_overflows;
    }
    update(state, input.rate, summary);
    if (trace != nullptr) end_trace(state, *trace, summary);
    return summary;
}

Trainer::Score Lanes::score(const TrainingState& state, std::span<const std::uint8_t> pixels,
                            std::span<const std::uint8_t> labels) {
    Trainer::Score score;
    score.nan = first_nan(state) < layers_.size();
    if (score.nan) {
        score.correct = static_cast<std::uint64_t>(std::count(labels.begin(), labels.end(), std::uint8_t{0}));
        return score;
    }
    team_.run([&](std::size_t part) { take_weights(state, part); });
    constexpr std::size_t kAtOnce = kImages;
    const auto elements = static_cast<std::size_t>(network_.input.elements());
    for (std::size_t first = 0; first < labels.size(); first += kAtOnce) {
        const std::size_t count = std::min(kAtOnce, labels.size() - first);
        batch_ = {.pixels = pixels.subspan(first * elements, count * elements), .labels = labels.subspan(first, count)};
        resize(count);
        team_.run([&](std::size_t part) { take_input(part); });
        forward();
        StepSummary summary;
        judge(summary);
        score.correct += static_cast<std::uint64_t>(summary.correct);
        score.loss_raw += summary.loss_raw;
    }
    return score;
}

}  // namespace bittrue::emulator::training
