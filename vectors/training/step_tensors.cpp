#include "training/step_tensors.hpp"

#include <fmt/format.h>

#include "training/deltas.hpp"

namespace bittrue::training {

namespace {

class Tensors {
public:
    Tensors(const TrainingNetwork& network, const TensorTypes& types, const TrainedStep& step,
            std::optional<std::uint64_t> before)
        : network_(network), types_(types), step_(step), before_(before), prefix_(step_prefix(step.number)) {}

    std::vector<VectorLayer> all() && {
        const StepTrace& t = step_.trace;
        add("pixels", {}, types_.pixels(), maps(network_.input), words(step_.batch.pixels));
        add("labels", {}, types_.labels(), images(), words(step_.batch.labels));
        add("input", {"pixels"}, types_.input(), maps(network_.input), words(t.input));
        for (std::size_t l = 0; l < network_.layers.size(); ++l) forward(l);
        add("loss", {at(last(), "activations"), "labels"}, types_.loss(), one(), {t.loss_raw});
        for (std::size_t l = network_.layers.size(); l-- > 0;) {
            errors(l);
            update(l);
        }
        return std::move(out_);
    }

private:
    struct Shape {
        Dims dims{};
        std::vector<std::string> axes{};
    };

    [[nodiscard]] std::size_t last() const { return network_.layers.size() - 1; }
    [[nodiscard]] const std::string& name(std::size_t l) const { return network_.layers[l].name; }
    [[nodiscard]] std::string at(std::size_t l, const std::string& tensor) const { return name(l) + "." + tensor; }

    template <class T>
    static std::vector<std::int64_t> words(const std::vector<T>& from) {
        return {from.begin(), from.end()};
    }

    static Shape one() { return {{1, 1}, {"", "word"}}; }
    [[nodiscard]] Shape images() const {
        return {{1, static_cast<std::int64_t>(step_.batch.labels.size())}, {"", "image"}};
    }
    [[nodiscard]] Shape maps(const MapShape& map) const {
        Shape shape = images();
        shape.dims.push_back(map.channels);
        shape.axes.emplace_back("channel");
        if (map.rows * map.columns == 1) return shape;
        shape.dims.insert(shape.dims.end(), {map.rows, map.columns});
        shape.axes.insert(shape.axes.end(), {"row", "column"});
        return shape;
    }
    [[nodiscard]] static Shape weights(const TrainingLayer& layer) {
        if (!layer.is_conv()) return {{1, layer.input.elements(), layer.sums.channels}, {"", "in", "out"}};
        return {{1, layer.kernel_rows, layer.kernel_columns, layer.input.channels, layer.sums.channels},
                {"", "row", "column", "in", "out"}};
    }

    // `reads` without the step.
    void add(const std::string& tensor, const std::vector<std::string>& reads, const FixedType& type,
             const Shape& shape, std::vector<std::int64_t> values) {
        VectorLayer layer;
        layer.name = prefix_ + tensor;
        for (const std::string& from : reads) layer.inputs.push_back(prefix_ + from);
        layer.type = type;
        layer.axes = shape.axes;
        layer.dims = shape.dims;
        layer.words = std::move(values);
        layer.stored = type.format;
        out_.push_back(std::move(layer));
    }

    // What lives from step to step: of the step in front.
    void carried(std::size_t l, const std::string& tensor, const std::string& after, const FixedType& type,
                 const Shape& shape, std::vector<std::int64_t> values) {
        add(at(l, tensor), {}, type, shape, std::move(values));
        if (before_) out_.back().inputs = {step_prefix(*before_) + at(l, after)};
    }

    void forward(std::size_t l) {
        const TrainingLayer& layer = network_.layers[l];
        const LayerStep& t = step_.trace.layers[l];
        carried(l, "weights_before", "weights_after", types_.weights(), weights(layer), words(t.weights_before));
        const std::string source = l == 0 ? "input" : at(l - 1, "activations");
        add(at(l, "sums"), {source, at(l, "weights_before")}, types_.sums(l), maps(layer.sums), words(t.sums));
        add(at(l, "activations"), {at(l, "sums")}, types_.activations(l), maps(layer.output), words(t.activations));
    }

    void errors(std::size_t l) {
        const TrainingLayer& layer = network_.layers[l];
        const LayerStep& t = step_.trace.layers[l];
        std::vector<std::string> reads{at(l, "activations"), "labels"};
        if (l < last()) reads = {at(l, "sums"), at(l + 1, "deltas"), at(l + 1, "weights_before")};
        add(at(l, "error_exponent"), reads, TensorTypes::exponent(), one(), {t.error_exponent.value_or(kNoExponent)});
        reads.push_back(at(l, "error_exponent"));
        add(at(l, "errors"), reads, types_.errors(), maps(layer.output), words(t.errors));
        add(at(l, "deltas"), {at(l, "errors"), at(l, "sums")}, types_.errors(), maps(layer.sums),
            deltas_of(layer, t, l == last(), network_.sum_frac(l)));
    }

    void update(std::size_t l) {
        const LayerStep& t = step_.trace.layers[l];
        const Shape shape = weights(network_.layers[l]);
        const std::string source = l == 0 ? "input" : at(l - 1, "activations");
        add(at(l, "gradients"), {source, at(l, "deltas")}, types_.gradients(l), shape, words(t.gradients));
        add(at(l, "gradient_exponent"), {at(l, "gradients")}, TensorTypes::exponent(), one(),
            {t.gradient_exponent.value_or(kNoExponent)});
        add(at(l, "scaled"), {at(l, "gradients"), at(l, "gradient_exponent")}, types_.scaled(), shape, words(t.scaled));
        carried(l, "lfsr_before", "lfsr_after", types_.lfsr(), one(), {static_cast<std::int64_t>(t.lfsr_before)});
        add(at(l, "draws"), {at(l, "lfsr_before")}, types_.draws(), shape, words(t.draws));
        add(at(l, "lfsr_after"), {at(l, "lfsr_before")}, types_.lfsr(), one(),
            {static_cast<std::int64_t>(t.lfsr_after)});
        add(at(l, "steps"), {at(l, "scaled"), at(l, "draws")}, types_.steps(), shape, words(t.steps));
        add(at(l, "weights_after"), {at(l, "weights_before"), at(l, "steps")}, types_.weights(), shape,
            words(t.weights_after));
    }

    const TrainingNetwork& network_;
    const TensorTypes& types_;
    const TrainedStep& step_;
    std::optional<std::uint64_t> before_;
    std::string prefix_;
    std::vector<VectorLayer> out_{};
};

}  // namespace

std::string step_prefix(std::uint64_t number) {
    return fmt::format("step{}.", number);
}

std::vector<VectorLayer> step_tensors(const TrainingNetwork& network, const TensorTypes& types, const TrainedStep& step,
                                      std::optional<std::uint64_t> before) {
    return Tensors(network, types, step, before).all();
}

}  // namespace bittrue::training
