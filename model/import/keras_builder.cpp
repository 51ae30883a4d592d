#include "import/keras_builder.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "validate_ops.hpp"

namespace bittrue::detail {

namespace {

constexpr std::array kIdle{"Dropout",       "SpatialDropout1D", "SpatialDropout2D", "AlphaDropout",
                           "GaussianNoise", "GaussianDropout",  "Identity",         "ActivityRegularization"};

bool is_zero_padding(const KerasLayer& layer) {
    return layer.class_name == "ZeroPadding2D" || layer.class_name == "ZeroPadding1D";
}
bool is_batch_norm(const KerasLayer& layer) {
    return plain_class(layer) == "BatchNormalization";
}

const nlohmann::json* batch_shape(const KerasLayer& layer) {
    for (const char* key : {"batch_input_shape", "batch_shape"}) {
        if (!is_null(layer, key)) return &layer.config.at(key);
    }
    return nullptr;
}

// Turns the layers of a configuration into operations, one after the other.
class Builder {
public:
    Builder(FloatModel& model, const KerasConfig& config, const FindArrays& find_arrays, const std::string& version)
        : model_(model), config_(config), find_arrays_(find_arrays), version_(version) {}

    void run() {
        for (const KerasLayer& l : config_.layers) {
            for (const std::string& i : l.inputs) readers_[i].push_back(&l);
        }
        find_style();
        for (const KerasLayer& l : config_.layers) {
            if (readers_[l.name].empty() && l.name != config_.output)
                throw InputError(l.where, "is read by no other layer and is not the output; remove it");
            add(l);
        }
        model_.output = tensor_.at(config_.output);
        if (model_.output == model_.input_name)
            throw InputError(model_.file, "the model has no layer that computes anything");
    }

private:
    void find_style() {
        const auto works_on_maps = [](const std::string& kind) {
            return kind.find("Conv") != std::string::npos || kind.find("Pooling") != std::string::npos ||
                   kind.find("ZeroPadding") != std::string::npos;
        };
        const auto first = std::find_if(config_.layers.begin(), config_.layers.end(),
                                        [&](const KerasLayer& l) { return works_on_maps(l.class_name); });
        if (first != config_.layers.end()) style_.layout = data_format(*first);
        for (const KerasLayer& l : config_.layers) {
            count_axes(l);
            // Layers that mean channels by the last of two axes.
            const bool channels = plain_class(l) == "Dense" || is_batch_norm(l);
            if (has_one_axis(l) || (channels && axes_[l.name] == 2)) style_.rows = true;
        }
    }

    // Of Keras' tensor, without the batch.
    void count_axes(const KerasLayer& l) {
        int axes = l.inputs.empty() ? 1 : axes_[l.inputs[0]];
        if (l.class_name == "InputLayer") {
            if (const auto* shape = batch_shape(l)) axes = static_cast<int>(shape->size()) - 1;
        } else if (l.class_name == "Reshape" && l.config.contains("target_shape")) {
            axes = static_cast<int>(l.config.at("target_shape").size());
        } else if (l.class_name == "Flatten") {
            axes = 1;
        } else if (l.class_name.starts_with("Global") && !bool_field(l, "keepdims", false)) {
            axes = 1;
        }
        axes_[l.name] = axes;
    }

    [[nodiscard]] const Shape& shape(const std::string& tensor) const {
        for (const FloatLayer& l : model_.layers) {
            if (l.name == tensor) return l.shape;
        }
        return model_.input_shape;
    }

    // What the tensor looks like that the layer `name` of Keras stands for now.
    [[nodiscard]] KerasInput standing_for(const std::string& name) const {
        return {.shape = shape(tensor_.at(name)), .axes = axes_.at(name), .style = style_, .version = version_};
    }

    // The tensor a layer's only input stands for.
    [[nodiscard]] const std::string& input_of(const KerasLayer& l) const {
        if (l.inputs.size() != 1)
            throw InputError(l.where, fmt::format("has {} inputs, one is supported", l.inputs.size()));
        return tensor_.at(l.inputs[0]);
    }

    // A name that a network file can hold.
    static void check_name(const std::string& name, const std::string& where) {
        if (const std::string reason = reason_bad_name(name); !reason.empty())
            throw InputError(where, fmt::format("its name '{}' {}", name, reason));
    }

    void append(FloatLayer layer, const std::string& where) {
        check_name(layer.name, where);
        const FixedType no_type;  // types are not meaningful yet
        std::vector<TensorInfo> inputs;
        for (const std::string& i : layer.inputs) inputs.push_back({shape(i), no_type});
        // Tables do not exist yet; both operations that have some keep the shape.
        const bool keeps_shape = std::holds_alternative<Softmax>(layer.op) || std::holds_alternative<Lookup>(layer.op);
        layer.shape = keeps_shape ? inputs[0].shape : check_operation(where, layer.op, inputs);
        const bool taken =
            layer.name == model_.input_name || std::any_of(model_.layers.begin(), model_.layers.end(),
                                                           [&](const FloatLayer& l) { return l.name == layer.name; });
        if (taken)
            throw InputError(
                where, fmt::format("needs a layer named '{}' but there is one already; rename either", layer.name));
        model_.layers.push_back(std::move(layer));
    }

    // Operations one behind the other, the first behind `inputs`; the last then stands for the layer's result.
    void append_chain(const KerasLayer& l, KerasChain chain, std::vector<std::string> inputs) {
        for (FloatLayer& layer : chain) {
            layer.inputs = std::move(inputs);
            inputs = {layer.name};
            append(std::move(layer), l.where);
        }
        tensor_[l.name] = inputs.at(0);
    }

    // Drops a layer that does nothing at inference: its readers read its input.
    void skip(const KerasLayer& l, const char* why) {
        tensor_[l.name] = input_of(l);
        skipped_[l.name] = l.inputs[0];
        model_.notes.push_back(fmt::format("{} ({}) {}", l.name, l.class_name, why));
    }

    void add_linear(const KerasLayer& l) {
        const std::string& input = input_of(l);
        std::optional<Padding> padding;
        if (const auto it = padding_.find(l.inputs[0]); it != padding_.end()) padding = it->second;
        append_chain(l, convert_linear(l, find_arrays_(l), standing_for(l.inputs[0]), padding), {input});
        const std::string linear = tensor_.at(l.name);
        append_chain(l, convert_activation(l, l.name + "_" + activation_name(l), standing_for(l.name)), {linear});
    }

    void add_activation(const KerasLayer& l) {
        const std::string& input = input_of(l);
        KerasChain chain = convert_activation(l, l.name, standing_for(l.inputs[0]));
        if (chain.empty()) return skip(l, "is linear and left out");
        append_chain(l, std::move(chain), {input});
    }

    // The linear layer in front that nobody else reads, so that a normalisation can be folded into it.
    FloatLayer* foldable(const KerasLayer& l) {
        const std::string& tensor = input_of(l);
        const auto it = std::find_if(model_.layers.begin(), model_.layers.end(),
                                     [&](const FloatLayer& f) { return f.name == tensor; });
        const bool linear = it != model_.layers.end() &&
                            (std::holds_alternative<Conv2d>(it->op) || std::holds_alternative<Dense>(it->op));
        // Folding would undo the training of quantised weights and normalisations.
        if (!linear || it->batch_norm || it->class_name[0] == 'Q' || l.class_name[0] == 'Q') return nullptr;
        for (std::string at = l.inputs[0];; at = skipped_.at(at)) {
            if (readers_[at].size() > 1 || at == config_.output) return nullptr;
            if (!skipped_.contains(at)) break;
        }
        return &*it;
    }

    void add_batch_norm(const KerasLayer& l) {
        BatchNormSource source;
        const BatchNorm norm = convert_batch_norm(l, find_arrays_(l), standing_for(l.inputs.at(0)), source);
        FloatLayer* front = foldable(l);
        if (front == nullptr) return add_affine(l, norm);
        std::visit([&](auto& op) { fold(l, norm, op); }, front->op);
        front->batch_norm = source;
        tensor_[l.name] = front->name;
        skipped_[l.name] = l.inputs[0];
        model_.notes.push_back(fmt::format("{} (BatchNormalization) is folded into {}", l.name, front->name));
    }

    template <typename Op>
    void fold(const KerasLayer& l, const BatchNorm& norm, Op& op) const {
        if constexpr (std::is_same_v<Op, Conv2d> || std::is_same_v<Op, Dense>) {
            RealTensor weights{.dims = op.weights.dims, .values = std::move(op.weights.real)};
            RealTensor bias;
            if (op.bias) bias = {.dims = op.bias->dims, .values = op.bias->real};
            fold_batch_norm(l.where, norm, weights, bias);
            op.weights.real = std::move(weights.values);
            op.bias = Parameter{.dims = bias.dims, .real = bias.values, .raw = {}, .type = {}};
        }
    }

    // A normalisation that stands alone: folded into weights of one and a bias of zero.
    void add_affine(const KerasLayer& l, const BatchNorm& norm) {
        const std::string& input = input_of(l);
        const std::int64_t channels = shape(input).channels();
        RealTensor scale{.dims = {channels}, .values = std::vector<double>(static_cast<std::size_t>(channels), 1.0)};
        RealTensor bias;
        fold_batch_norm(l.where, norm, scale, bias);
        FloatLayer layer;
        layer.name = l.name;
        layer.class_name = l.class_name;
        layer.op = Affine{.scale = {.dims = scale.dims, .real = scale.values, .raw = {}, .type = {}},
                          .bias = Parameter{.dims = bias.dims, .real = bias.values, .raw = {}, .type = {}}};
        append_chain(l, {std::move(layer)}, {input});
    }

    // True when every reader is a convolution that can take the padding over.
    [[nodiscard]] bool merges(const KerasLayer& l) {
        const std::vector<const KerasLayer*>& readers = readers_[l.name];
        return l.name != config_.output && std::all_of(readers.begin(), readers.end(), [&](const KerasLayer* r) {
                   return is_valid_convolution(*r) && has_one_axis(*r) == has_one_axis(l);
               });
    }

    void add(const KerasLayer& l) {
        if (l.class_name == "InputLayer") return add_input(l);
        if (std::find(kIdle.begin(), kIdle.end(), l.class_name) != kIdle.end())
            return skip(l, "has no effect at inference and is left out");
        if (is_linear(l)) return add_linear(l);
        if (is_batch_norm(l)) return add_batch_norm(l);
        if (plain_class(l) == "Activation") return add_activation(l);
        if (is_zero_padding(l) && merges(l)) {
            need_format(l, shape(input_of(l)));
            padding_[l.name] = zero_padding(l);
            return skip(l, "is merged into the convolution behind it");
        }
        std::vector<std::string> inputs;
        for (const std::string& i : l.inputs) inputs.push_back(tensor_.at(i));
        append_chain(l, convert_plain(l, standing_for(l.inputs[0])), std::move(inputs));
    }

    void add_input(const KerasLayer& l) {
        const auto* shape = batch_shape(l);
        if (shape == nullptr) throw InputError(l.where, "has no batch_input_shape");
        check_name(l.name, l.where);
        model_.input_name = l.name;
        model_.input_shape = shape_field(l, *shape, true, style_);
        check_shape(l.where, model_.input_shape);
        tensor_[l.name] = l.name;
    }

    FloatModel& model_;
    const KerasConfig& config_;
    const FindArrays& find_arrays_;
    const std::string& version_;
    MapStyle style_{};
    std::map<std::string, int> axes_{};             // of each Keras layer's result
    std::map<std::string, std::string> tensor_{};   // Keras layer -> tensor that stands for its result
    std::map<std::string, std::string> skipped_{};  // layer without own tensor -> the layer it reads
    std::map<std::string, Padding> padding_{};
    std::map<std::string, std::vector<const KerasLayer*>> readers_{};
};

}  // namespace

void build_keras_layers(FloatModel& model, const KerasConfig& config, const FindArrays& find_arrays,
                        const std::string& version) {
    Builder(model, config, find_arrays, version).run();
}

}  // namespace bittrue::detail
