// Chapter H, one step: forward, back, update, and what a NaN does (H11).
#include <utility>

#include "bittrue/golden/training.hpp"
#include "training/backward.hpp"
#include "training/forward.hpp"
#include "training/weights.hpp"

namespace bittrue::golden {
namespace {

// What a layer's forward pass leaves for the way back.
struct LayerState {
    UsedWeights weights;
    int fx = 0;
    BatchTensor input;  // a, of the layer in front
    BatchTensor sums;
    BatchTensor pooled;
};

class Step {
public:
    Step(const TrainingNetwork& network, TrainingState& state, const TrainingBatch& batch, LearningRate rate,
         const std::vector<std::vector<std::int32_t>>* draws)
        : network_(network), bits_(network.bits), state_(state), batch_(batch), rate_(rate), draws_(draws) {
        trace_.layers.resize(network.layers.size());
    }

    [[nodiscard]] StepTrace run() {
        forward();
        judge();
        backward();
        return std::move(trace_);
    }

private:
    [[nodiscard]] int images() const { return static_cast<int>(batch_.labels.size()); }
    [[nodiscard]] int fa() const { return bits_.activations - 1; }
    [[nodiscard]] bool is_last(std::size_t l) const { return l + 1 == network_.layers.size(); }
    [[nodiscard]] bool zeros_are_nan() const { return network_.zero_scale == ZeroScale::Nan; }

    void forward() {
        BatchTensor a = input_words(network_, batch_);
        trace_.input = words32(a.raws);
        for (std::size_t l = 0; l < network_.layers.size(); ++l) {
            a = forward_layer(l, a);
            trace_.layers[l].activations = words32(a.raws);
        }
        outputs_ = a;
    }

    // H4. From the first layer on whose weights are NaN there are no numbers: zeros stand for them.
    [[nodiscard]] BatchTensor forward_layer(std::size_t l, const BatchTensor& a) {
        const TrainingLayer& layer = network_.layers[l];
        LayerStep& out = trace_.layers[l];
        UsedWeights weights = used_weights(state_.weights[l], bits_, layer.scale);
        const int fx = weights.frac + fa();
        nan_outputs_ = nan_outputs_ || state_.nan[l];
        Summed<BatchTensor> x{.words = BatchTensor(images(), layer.sums)};
        if (!nan_outputs_) x = layer_sums(layer, a, weights.q);
        out.sums = words64(x.words.raws);
        out.forward_overflows = x.overflows;
        const BatchTensor pooled = max_pool(layer, x.words);
        layers_.push_back({.weights = std::move(weights), .fx = fx, .input = a, .sums = x.words, .pooled = pooled});
        return is_last(l) ? outputs(x.words, fx) : activations(pooled, fx, bits_.activations);
    }

    // H5; of NaN outputs every answer is 0, as it is of zeros.
    void judge() {
        trace_.nan_loss = nan_outputs_;
        if (!nan_outputs_)
            trace_.loss_raw = static_cast<std::int64_t>(loss(outputs_, batch_.labels, layers_.back().fx));
        for (int n = 0; n < images(); ++n) {
            if (answer(outputs_, n) == batch_.labels[static_cast<std::size_t>(n)]) ++trace_.correct;
        }
    }

    void backward() {
        bool nan = nan_outputs_;
        BatchTensor behind(0, {});  // the deltas of the sums of the layer behind
        for (std::size_t l = network_.layers.size(); l-- > 0;) {
            const TrainingLayer& layer = network_.layers[l];
            LayerStep& out = trace_.layers[l];
            Errors e{.words = BatchTensor(images(), layer.output), .exponent = std::nullopt};
            if (!nan) {
                e = is_last(l) ? last_layer_errors() : layer_errors(l, behind);
                nan = !e.exponent && zeros_are_nan();
            }
            out.errors = words32(e.words.raws);
            out.error_exponent = e.exponent;
            out.nan_errors = nan;
            if (nan) out.error_overflows = 0;
            behind = is_last(l) ? last_deltas(e.words, layers_[l].sums, layers_[l].fx)
                                : deltas(layer, e.words, layers_[l].sums);
            update(l, behind);
        }
    }

    [[nodiscard]] Errors last_layer_errors() const {
        const LayerState& last = layers_.back();
        return last_errors(outputs_, batch_.labels, last.fx, bits_.errors);
    }

    // H9, H8.
    [[nodiscard]] Errors layer_errors(std::size_t l, const BatchTensor& behind) {
        const LayerState& here = layers_[l];
        const UsedWeights& weights = layers_[l + 1].weights;
        const Summed<BatchTensor> back = going_back(network_.layers[l + 1], behind, weights.q);
        trace_.layers[l].error_overflows = back.overflows;
        BatchTensor d(images(), here.pooled.shape);
        d.raws = back.words.raws;  // a dense layer reads a map in storage order
        d = unclipped(d, here.pooled, here.fx, bits_.activations);
        return quantized_errors(d, bits_.errors - 1 + weights.frac, bits_.errors);
    }

    // H10 to H14.
    void update(std::size_t l, const BatchTensor& delta) {
        const TrainingLayer& layer = network_.layers[l];
        LayerStep& out = trace_.layers[l];
        const std::size_t count = state_.weights[l].size();
        const int frac = fa() + bits_.errors - 1;
        Summed<std::vector<Integer>> g{.words = std::vector<Integer>(count)};
        if (!out.nan_errors) g = gradients(layer, layers_[l].input, delta);
        out.gradients = words64(g.words);
        out.gradient_exponent = shift_of_largest(g.words, frac);
        out.nan_gradients = out.nan_errors || (!out.gradient_exponent && zeros_are_nan());
        out.gradient_overflows = out.nan_gradients ? 0 : g.overflows;
        out.scaled = words64(scaled(g.words, frac, out.gradient_exponent));
        draw_for(l);
        store(l);
    }

    // n of H10; a tensor without a scale stays zero (H11).
    [[nodiscard]] std::vector<Integer> scaled(const std::vector<Integer>& g, int frac,
                                              const std::optional<int>& exponent) const {
        std::vector<Integer> n(g.size());
        if (!exponent) return n;
        for (std::size_t i = 0; i < g.size(); ++i) {
            n[i] = half_even({.raw = g[i] * rate_.raw * s_of(bits_.gradients), .frac = frac + rate_.frac + *exponent});
        }
        return n;
    }

    void draw_for(std::size_t l) {
        LayerStep& out = trace_.layers[l];
        out.lfsr_before = state_.lfsr[l];
        out.draws = draws_ != nullptr
                        ? (*draws_)[l]
                        : draw(network_.randomizer, bits_.randomizer, state_.weights[l].size(), state_.lfsr[l]);
        out.lfsr_after = state_.lfsr[l];
    }

    void store(std::size_t l) {
        LayerStep& out = trace_.layers[l];
        std::vector<std::int32_t>& weights = state_.weights[l];
        out.weights_before = weights;
        out.steps.resize(weights.size());
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const Integer step = stochastic_step(out.scaled[i], out.draws[i], bits_);
            const Integer w = weights[i] - step;
            const Integer kept = stored(w, network_.store, bits_.gradients);
            if (out.nan_gradients) continue;
            if (kept != w) ++out.saturated_weights;
            out.steps[i] = static_cast<std::int32_t>(step);
            weights[i] = static_cast<std::int32_t>(kept);
        }
        out.weights_after = weights;
        if (out.nan_gradients) state_.nan[l] = true;
    }

    const TrainingNetwork& network_;
    const TrainingBits& bits_;
    TrainingState& state_;
    const TrainingBatch& batch_;
    LearningRate rate_;
    const std::vector<std::vector<std::int32_t>>* draws_;
    std::vector<LayerState> layers_{};
    BatchTensor outputs_{0, {}};
    bool nan_outputs_ = false;
    StepTrace trace_{};
};

}  // namespace

StepTrace training_step(const TrainingNetwork& network, TrainingState& state, const TrainingBatch& batch,
                        LearningRate rate, const std::vector<std::vector<std::int32_t>>* draws) {
    return Step(network, state, batch, rate, draws).run();
}

}  // namespace bittrue::golden
