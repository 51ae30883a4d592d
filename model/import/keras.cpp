#include "bittrue/model/keras.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "import/hdf5_file.hpp"
#include "import/keras_layers.hpp"
#include "validate_ops.hpp"

namespace bittrue {

namespace {

using detail::KerasLayer;
using detail::LayerArrays;

constexpr std::uint64_t kMaxConfigBytes = std::uint64_t{64} << 20;

std::string role_of(const std::string& array) {
    std::string last = array.substr(array.rfind('/') == std::string::npos ? 0 : array.rfind('/') + 1);
    if (last.rfind(':') != std::string::npos) last.erase(last.rfind(':'));
    if (last.ends_with("_W")) return "kernel";
    if (last.ends_with("_b")) return "bias";
    return last;
}

// Turns the layers of a configuration into operations, one after the other.
class Builder {
public:
    Builder(FloatModel& model, const detail::Hdf5File& file, const detail::KerasConfig& config)
        : model_(model), file_(file), config_(config), root_(file.has_group("model_weights") ? "model_weights" : "/") {}

    void run() {
        for (const KerasLayer& l : config_.layers) {
            for (const std::string& i : l.inputs) ++readers_[i];
        }
        ++readers_[config_.output];
        find_layout();
        for (const KerasLayer& l : config_.layers) {
            if (readers_[l.name] == 0)
                throw InputError(l.where, "is read by no other layer and is not the output; remove it");
            add(l);
        }
        if (padding_.contains(config_.output))
            throw InputError(model_.file, "the model ends in a ZeroPadding2D, which has no convolution to go into");
        model_.output = tensor_.at(config_.output);
        if (model_.output == model_.input_name)
            throw InputError(model_.file, "the model has no layer that computes anything");
    }

private:
    void find_layout() {
        for (const KerasLayer& l : config_.layers) {
            if (l.class_name == "Conv2D" || l.class_name == "MaxPooling2D" || l.class_name == "AveragePooling2D" ||
                l.class_name == "ZeroPadding2D") {
                layout_ = detail::data_format(l);
                return;
            }
        }
    }

    [[nodiscard]] const Shape& shape(const std::string& tensor) const {
        for (const FloatLayer& l : model_.layers) {
            if (l.name == tensor) return l.shape;
        }
        return model_.input_shape;
    }

    // The tensor a layer's only input stands for.
    [[nodiscard]] const std::string& input_of(const KerasLayer& l) const {
        if (l.inputs.size() != 1)
            throw InputError(l.where, fmt::format("has {} inputs, one is supported", l.inputs.size()));
        return tensor_.at(l.inputs[0]);
    }

    [[nodiscard]] LayerArrays arrays_of(const KerasLayer& l) const {
        LayerArrays result;
        const auto add_array = [&](const std::string& name) {
            const auto it = std::find_if(model_.arrays.begin(), model_.arrays.end(),
                                         [&](const NamedReals& a) { return a.name == name; });
            if (it == model_.arrays.end())
                throw InputError(l.where, fmt::format("lists the array '{}', which the file does not hold", name));
            if (!result.emplace(role_of(name), &*it).second)
                throw InputError(l.where, fmt::format("has two arrays for '{}'", role_of(name)));
        };
        const std::string group = root_ == "/" ? "/" + l.name : root_ + "/" + l.name;
        if (const auto names = file_.texts(group, "weight_names")) {
            for (const std::string& n : *names) add_array(l.name + "/" + n);
            return result;
        }
        if (const auto layers = file_.texts(root_, "layer_names");
            layers && std::find(layers->begin(), layers->end(), l.name) == layers->end()) {
            throw InputError(l.where,
                             fmt::format("is not in the weights file, whose layers are {}", fmt::join(*layers, ", ")));
        }
        for (const NamedReals& a : model_.arrays) {
            if (a.name.starts_with(l.name + "/")) add_array(a.name);
        }
        return result;
    }

    void append(FloatLayer layer, const std::string& where) {
        std::vector<detail::TensorInfo> inputs;
        for (const std::string& i : layer.inputs) inputs.push_back({shape(i), {}});
        // Tables do not exist yet; both operations that have some keep the shape.
        const bool keeps_shape = std::holds_alternative<Softmax>(layer.op) || std::holds_alternative<Lookup>(layer.op);
        layer.shape = keeps_shape ? inputs[0].shape : detail::check_operation(where, layer.op, inputs);
        const bool taken =
            layer.name == model_.input_name || std::any_of(model_.layers.begin(), model_.layers.end(),
                                                           [&](const FloatLayer& l) { return l.name == layer.name; });
        if (taken)
            throw InputError(
                where, fmt::format("needs a layer named '{}' but there is one already; rename either", layer.name));
        model_.layers.push_back(std::move(layer));
    }

    // Drops a layer that does nothing at inference: its readers read its input.
    void skip(const KerasLayer& l, const char* why) {
        tensor_[l.name] = input_of(l);
        skipped_[l.name] = l.inputs[0];
        model_.notes.push_back(fmt::format("{} ({}) {}", l.name, l.class_name, why));
    }

    void append_activation(const KerasLayer& l, const std::string& name, const std::string& input) {
        const std::optional<Operation> op = detail::convert_activation(l, shape(input));
        if (!op) return;
        append({.name = name,
                .class_name = "Activation",
                .inputs = {input},
                .op = *op,
                .shape = {},
                .weights_source = {},
                .bias_source = {},
                .batch_norm = {}},
               l.where);
        tensor_[l.name] = name;
    }

    void add_linear(const KerasLayer& l) {
        const std::string& input = input_of(l);
        std::optional<Padding> padding;
        if (const auto it = padding_.find(l.inputs[0]); it != padding_.end()) padding = it->second;
        FloatLayer layer = l.class_name == "Conv2D" ? detail::convert_conv2d(l, arrays_of(l), shape(input), padding)
                                                    : detail::convert_dense(l, arrays_of(l), shape(input));
        layer.inputs = {input};
        append(std::move(layer), l.where);
        tensor_[l.name] = l.name;
        append_activation(l, l.name + "_" + detail::activation_name(l), l.name);
    }

    // Folds into the layer in front, which nobody else may read.
    void add_batch_norm(const KerasLayer& l) {
        const std::string tensor = input_of(l);
        const auto it = std::find_if(model_.layers.begin(), model_.layers.end(),
                                     [&](const FloatLayer& f) { return f.name == tensor; });
        const bool linear = it != model_.layers.end() &&
                            (std::holds_alternative<Conv2d>(it->op) || std::holds_alternative<Dense>(it->op));
        if (!linear) {
            throw InputError(l.where, fmt::format("stands behind '{}'; it can only be folded into a Conv2D or Dense "
                                                  "without activation right in front of it",
                                                  tensor));
        }
        for (std::string at = l.inputs[0];; at = skipped_.at(at)) {
            if (readers_[at] > 1)
                throw InputError(l.where,
                                 fmt::format("cannot be folded because '{}' is also read by another layer", at));
            if (!skipped_.contains(at)) break;
        }
        if (it->batch_norm)
            throw InputError(l.where, fmt::format("is the second normalisation of '{}'; one can be folded", tensor));
        BatchNormSource source;
        const BatchNorm norm =
            detail::convert_batch_norm(l, arrays_of(l), it->shape.dims.size(), it->shape.layout, source);
        std::visit([&](auto& op) { fold(l, norm, op); }, it->op);
        it->batch_norm = source;
        tensor_[l.name] = tensor;
        skipped_[l.name] = l.inputs[0];
        model_.notes.push_back(fmt::format("{} (BatchNormalization) is folded into {}", l.name, tensor));
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

    void add(const KerasLayer& l) {
        const std::string& kind = l.class_name;
        for (const std::string& i : l.inputs) {
            if (padding_.contains(i) && kind != "Conv2D")
                throw InputError(
                    l.where,
                    fmt::format("reads the ZeroPadding2D '{}'; only a 'valid' Conv2D can take over its padding", i));
        }
        if (kind == "InputLayer") return add_input(l);
        if (kind == "Dropout") return skip(l, "has no effect at inference and is left out");
        if (kind == "Conv2D" || kind == "Dense") return add_linear(l);
        if (kind == "BatchNormalization") return add_batch_norm(l);
        if (kind == "ZeroPadding2D") {
            const Shape& in = shape(input_of(l));
            if (in.layout != detail::data_format(l)) throw InputError(l.where, "needs a map in its own data_format");
            padding_[l.name] = detail::zero_padding(l);
            return skip(l, "is merged into the convolution behind it");
        }
        if (kind == "Activation") {
            tensor_[l.name] = input_of(l);
            append_activation(l, l.name, input_of(l));
            if (tensor_[l.name] != l.name) skip(l, "is linear and left out");
            return;
        }
        FloatLayer layer;
        layer.name = l.name;
        layer.class_name = kind;
        for (const std::string& i : l.inputs) layer.inputs.push_back(tensor_.at(i));
        layer.op = detail::convert_plain(l, shape(layer.inputs[0]), layout_);
        append(std::move(layer), l.where);
        tensor_[l.name] = l.name;
    }

    void add_input(const KerasLayer& l) {
        const char* key = l.config.contains("batch_input_shape") ? "batch_input_shape" : "batch_shape";
        if (detail::is_null(l, key)) throw InputError(l.where, "has no batch_input_shape");
        model_.input_name = l.name;
        model_.input_shape = detail::shape_field(l, l.config.at(key), true, layout_);
        detail::check_shape(l.where, model_.input_shape);
        tensor_[l.name] = l.name;
    }

    FloatModel& model_;
    const detail::Hdf5File& file_;
    const detail::KerasConfig& config_;
    std::string root_;
    Layout layout_ = Layout::Hwc;
    std::map<std::string, std::string> tensor_{};   // Keras layer -> tensor that stands for its result
    std::map<std::string, std::string> skipped_{};  // layer without own tensor -> the layer it reads
    std::map<std::string, Padding> padding_{};
    std::map<std::string, int> readers_{};
};

std::string find_config(const std::string& path) {
    namespace fs = std::filesystem;
    const fs::path file(path);
    std::vector<std::string> stems{file.stem().string()};
    constexpr std::string_view suffix = "_weights";
    if (stems[0].ends_with(suffix)) stems.push_back(stems[0].substr(0, stems[0].size() - suffix.size()));
    for (const std::string& stem : stems) {
        const fs::path candidate = file.parent_path() / (stem + ".json");
        std::error_code ignored;
        if (fs::is_regular_file(candidate, ignored)) return candidate.string();
    }
    return "";
}

}  // namespace

FloatModel import_keras(const std::string& path, const std::string& config) {
    FloatModel model;
    model.file = path;
    model.name = std::filesystem::path(path).stem().string();
    model.arrays = read_real_arrays(path);
    const detail::Hdf5File file(path);
    const bool whole = file.has_group("model_weights");
    std::optional<std::string> version = file.text("/", "keras_version");
    if (!version && whole) version = file.text("model_weights", "keras_version");
    model.framework = "Keras " + version.value_or("of unknown version");
    if (version && version->starts_with("1."))
        throw InputError(path, "was saved by Keras " + *version + "; load it with Keras 2 and save it again");
    std::optional<std::string> text;
    std::string where = path;
    if (config.empty()) text = file.text("/", "model_config");
    if (!text) {
        where = config.empty() ? find_config(path) : config;
        if (where.empty()) return model;
        text = read_file(where, kMaxConfigBytes);
    }
    const detail::KerasConfig parsed = detail::parse_keras_config(*text, where);
    model.name = parsed.name;
    Builder(model, file, parsed).run();
    return model;
}

}  // namespace bittrue
