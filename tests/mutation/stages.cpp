#include <stdexcept>

#include "bittrue/golden/golden.hpp"
#include "fault.hpp"

namespace bittrue::mutation {

namespace {

// The top left part of every channel, as far as the right result goes.
TensorWords cropped(const TensorWords& made, const Shape& shape) {
    if (made.shape == shape) return made;
    TensorWords kept{.name = made.name, .shape = shape, .type = made.type, .images = made.images};
    for (std::size_t image = 0; image < made.images; ++image)
        for (std::int64_t i = 0; i < shape.count(); ++i) {
            const std::int64_t c = shape.channel_of(i);
            std::int64_t y = 0, x = 0;
            for (y = 0; y < shape.height(); ++y) {
                for (x = 0; x < shape.width() && shape.index(c, y, x) != i; ++x) {
                }
                if (x < shape.width()) break;
            }
            kept.words.push_back(made.words.at(image * static_cast<std::size_t>(made.shape.count()) +
                                               static_cast<std::size_t>(made.shape.index(c, y, x))));
        }
    return kept;
}

std::vector<ImageWords> images_of(const TensorWords& tensor) {
    std::vector<ImageWords> images;
    const auto count = static_cast<std::ptrdiff_t>(tensor.shape.count());
    for (auto at = tensor.words.begin(); at != tensor.words.end(); at += count) images.emplace_back(at, at + count);
    return images;
}

}  // namespace

TensorWords rewritten(TensorWords tensor, const Rewrite& rewrite) {
    std::vector<ImageWords> images = images_of(tensor);
    rewrite(images, tensor.shape);
    tensor.words.clear();
    for (const ImageWords& image : images) tensor.words.insert(tensor.words.end(), image.begin(), image.end());
    return tensor;
}

Stage edited(std::function<void(Node&)> edit) {
    return [edit](const Node& node, const TensorWords& input) {
        Node other = node;
        edit(other);
        return cropped(golden_layer(other, input), node.shape);
    };
}

Stage reads(Rewrite rewrite) {
    return
        [rewrite](const Node& node, const TensorWords& input) { return golden_layer(node, rewritten(input, rewrite)); };
}

Stage reads_as(const FixedType& type) {
    return [type](const Node& node, const TensorWords& input) {
        TensorWords read = input;
        read.type = type;
        for (std::int64_t& w : read.words) w = word_from_pattern(pattern_from_word(w, input.type.format), type.format);
        return golden_layer(node, read);
    };
}

Stage writes(Rewrite rewrite) {
    return
        [rewrite](const Node& node, const TensorWords& input) { return rewritten(golden_layer(node, input), rewrite); };
}

Stage summed(MacPlaces places, std::function<void(Node&)> edit) {
    return [places, edit](const Node& node, const TensorWords& input) {
        Node other = node;
        if (edit) edit(other);
        return integer_layer(other, input, places);
    };
}

AccumulatorSpec& accumulator(Node& node) {
    if (auto* conv = std::get_if<Conv2d>(&node.op)) return conv->accumulator;
    return std::get<Dense>(node.op).accumulator;
}
Parameter& weights(Node& node) {
    if (auto* conv = std::get_if<Conv2d>(&node.op)) return conv->weights;
    return std::get<Dense>(node.op).weights;
}
std::optional<Parameter>& bias(Node& node) {
    if (auto* conv = std::get_if<Conv2d>(&node.op)) return conv->bias;
    return std::get<Dense>(node.op).bias;
}

void hold_words(Parameter& parameter) {
    if (parameter.is_raw()) return;
    for (const double x : parameter.real) {
        switch (parameter.quantizer) {
            case WeightQuantizer::Cast: parameter.raw.push_back(golden::quantize_real(x, parameter.type).word); break;
            case WeightQuantizer::Sign: parameter.raw.push_back(x < 0 ? -1 : x > 0 ? 1 : 0); break;
            case WeightQuantizer::Bipolar: parameter.raw.push_back(x < 0 ? -1 : 1); break;
        }
    }
    parameter.real.clear();
    parameter.quantizer = WeightQuantizer::Cast;
}

Truth truth(Cause cause, const std::string& node, std::vector<std::string> mentions) {
    return {.causes = {cause}, .nodes = {node}, .mentions = std::move(mentions)};
}
Truth truth(std::vector<Cause> causes, std::vector<std::string> nodes, std::vector<std::string> mentions) {
    return {.causes = std::move(causes), .nodes = std::move(nodes), .mentions = std::move(mentions)};
}

Fault fault(const std::string& name, const std::string& stand, const std::string& layer, Stage stage, Truth truth) {
    Fault f{.name = layer + ": " + name, .stand = stand};
    f.truths.push_back(std::move(truth));
    f.layers.emplace(layer, std::move(stage));
    return f;
}

std::vector<Fault> all_faults() {
    std::vector<Fault> all;
    for (const auto& part : {cast_faults(), accumulator_faults(), bias_faults(), order_faults(), window_faults(),
                             activation_faults(), table_faults(), hardware_faults(), double_faults()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

}  // namespace bittrue::mutation
