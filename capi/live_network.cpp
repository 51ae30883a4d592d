#include "live_network.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bits.hpp"
#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/graph.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/verify/report.hpp"

namespace bittrue::capi {
namespace {

std::vector<std::int64_t> index_of(std::int64_t image, std::int64_t flat, const Dims& dims) {
    std::vector<std::int64_t> index(dims.size() + 1);
    for (std::size_t axis = dims.size(); axis > 0; --axis) {
        index[axis] = flat % dims[axis - 1];
        flat /= dims[axis - 1];
    }
    index[0] = image;
    return index;
}

}  // namespace

LiveNetwork::LiveNetwork(const std::string& network_file) {
    const Graph graph = load_network(network_file);
    engine_ = emulator::make_engine(graph);
    input_type_ = graph.input.type;
    batch_ = {.images = 1, .dims = graph.input.shape.dims, .values = {}};
    const auto add = [this](const std::string& name, const FixedType& type, const Shape& shape) {
        Layer layer{.about = {}, .format = type.format, .shape = shape, .words = shape.count()};
        layer.about.name = name;
        layer.about.type = layer.about.actual_type = type;
        layer.about.dims = shape.dims;
        layer.about.dims.insert(layer.about.dims.begin(), 1);
        layer.about.axes = axis_names(shape.layout, layer.about.dims);
        layers_.push_back(std::move(layer));
    };
    add(graph.input.name, graph.input.type, graph.input.shape);
    for (const Node& node : graph.nodes) add(node.name, node.result, node.shape);
}

std::size_t LiveNetwork::place(int layer) const {
    if (layer < 0 || layer >= layer_count()) {
        throw InputError(
            fmt::format("there is no layer {}; the network has {}, numbered from 0", layer, layer_count()));
    }
    return static_cast<std::size_t>(layer);
}

int LiveNetwork::layer_index(const std::string& name) const {
    std::string names;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (layers_[i].about.name == name) return static_cast<int>(i);
        names += (i == 0 ? "" : ", ") + layers_[i].about.name;
    }
    throw InputError(fmt::format("there is no layer '{}'; the network has {}", name, names));
}

bool LiveNetwork::push(std::int64_t word) {
    const Format format = input_type_.format;
    const std::int64_t held = word_from_pattern(static_cast<std::uint64_t>(word), format);
    const double value = value_of(raw_from_word(held, format), format.frac());
    // The engine casts values; every word that can occur in the type comes back from that.
    if (emulator::quantize_real(value, input_type_).word != held) {
        throw InputError(fmt::format("word {} of image {}: {} ({}) is no word of {} that a double can stand for",
                                     batch_.values.size(), images(), print_raw(raw_from_word(held, format)),
                                     print_hex(held, format), print_type(input_type_)));
    }
    batch_.values.push_back(value);
    if (static_cast<std::int64_t>(batch_.values.size()) < layers_.front().words) return false;
    compute();
    return true;
}

void LiveNetwork::push_values(const double* values, std::int64_t count) {
    if (values == nullptr) throw InputError("the values of the image are a null pointer");
    if (count != layers_.front().words) {
        throw InputError(fmt::format("{} values are given; an image has {} ({})", count, layers_.front().words,
                                     print_dims(batch_.dims)));
    }
    if (!batch_.values.empty()) {
        throw InputError(
            fmt::format("image {} was begun word by word and has {} of {} words; push the rest of them first", images(),
                        batch_.values.size(), count));
    }
    batch_.values.assign(values, values + count);
    compute();
}

void LiveNetwork::compute() {
    InputBatch batch{.images = 1, .dims = batch_.dims, .values = {}};
    batch.values.swap(batch_.values);
    RunResult result = engine_->run(batch, {.keep_layers = true, .threads = 1});
    std::vector<Words> image;
    image.reserve(result.layers.size());
    for (LayerResult& layer : result.layers) image.push_back(std::move(layer.words));
    kept_.push_back(std::move(image));
    drop();
    batch.values.clear();
    batch_.values.swap(batch.values);
}

void LiveNetwork::drop() {
    while (keep_ > 0 && static_cast<std::int64_t>(kept_.size()) > keep_) {
        kept_.pop_front();
        ++first_kept_;
    }
}

void LiveNetwork::keep(std::int64_t images) {
    if (images < 0) throw InputError(fmt::format("{} images cannot be kept; 0 keeps all", images));
    keep_ = images;
    drop();
}

const LiveNetwork::Words& LiveNetwork::words_of(std::size_t layer, std::int64_t image) const {
    if (image < first_kept_) {
        throw InputError(
            fmt::format("layer '{}': image {} is kept no longer, only {} to {} are; keep more images "
                        "(bittrue_keep), or check them before more are pushed",
                        layers_[layer].about.name, image, first_kept_, images() - 1));
    }
    return kept_[static_cast<std::size_t>(image - first_kept_)][layer];
}

const std::int64_t* LiveNetwork::expected(int layer, std::int64_t image, std::int64_t index) const {
    const std::size_t number = place(layer);
    if (image < 0) throw InputError(fmt::format("there is no image {}; images are numbered from 0", image));
    if (index < 0 || index >= layers_[number].words) {
        throw InputError(fmt::format("layer '{}' has no word {}; an image has {}, numbered from 0",
                                     layers_[number].about.name, index, layers_[number].words));
    }
    if (image >= images()) return nullptr;
    return &words_of(number, image)[static_cast<std::size_t>(index)];
}

Outcome LiveNetwork::check(int layer, std::int64_t word, bool defined, std::string& sentence) {
    const std::size_t number = place(layer);
    Layer& at = layers_[number];
    if (defined) return check_word(at, number, word, nullptr, sentence);
    const std::string unknown(static_cast<std::size_t>(at.format.width), 'x');
    return check_word(at, number, 0, &unknown, sentence);
}

Outcome LiveNetwork::check_bits(int layer, std::string_view bits, std::string& sentence) {
    const std::size_t number = place(layer);
    Layer& at = layers_[number];
    const Bits read = parse_bits(bits, at.format.width);
    const auto word = static_cast<std::int64_t>(read.pattern);
    return check_word(at, number, word, read.undefined.empty() ? nullptr : &read.undefined, sentence);
}

Outcome LiveNetwork::check_word(Layer& layer, std::size_t number, std::int64_t word, const std::string* undefined,
                                std::string& sentence) {
    if (layer.image >= images()) {
        layer.pending = true;
        sentence = fmt::format("layer '{}', word {} of image {}: the image is pending, {} of {} words were pushed",
                               layer.about.name, layer.index, layer.image,
                               layer.image == images() ? std::ssize(batch_.values) : 0, layers_.front().words);
        return Outcome::Pending;
    }
    const std::int64_t want = words_of(number, layer.image)[static_cast<std::size_t>(layer.index)];
    const std::int64_t got = word_from_pattern(static_cast<std::uint64_t>(word), layer.format);
    const bool equal = got == want && undefined == nullptr;
    if (!equal) {
        Mismatch mismatch;
        mismatch.flat = layer.checked;
        mismatch.image = layer.image;
        mismatch.index = index_of(layer.image, layer.index, layer.shape.dims);
        mismatch.expected = raw_from_word(want, layer.format);
        if (undefined == nullptr) {
            mismatch.actual = raw_from_word(got, layer.format);
        } else {
            mismatch.actual_bits = "0b" + *undefined;
        }
        sentence = mismatch_line(layer.about, mismatch);
        if (layer.mismatches == 0) {
            layer.first_image = layer.image;
            layer.first_line = sentence;
        }
        ++layer.mismatches;
    }
    layer.pending = false;
    ++layer.checked;
    if (++layer.index == layer.words) {
        layer.index = 0;
        ++layer.image;
    }
    return equal ? Outcome::Equal : Outcome::Different;
}

std::int64_t LiveNetwork::checked(int layer) const {
    if (layer != -1) return layers_[place(layer)].checked;
    std::int64_t sum = 0;
    for (const Layer& at : layers_) sum += at.checked;
    return sum;
}

std::int64_t LiveNetwork::mismatches(int layer) const {
    if (layer != -1) return layers_[place(layer)].mismatches;
    std::int64_t sum = 0;
    for (const Layer& at : layers_) sum += at.mismatches;
    return sum;
}

void LiveNetwork::note_refused(const std::string& sentence) {
    if (refused_.empty()) refused_ = sentence;
}

void LiveNetwork::reset() {
    for (Layer& layer : layers_) {
        layer.image = layer.index = layer.checked = layer.mismatches = layer.first_image = 0;
        layer.pending = false;
        layer.first_line.clear();
    }
    batch_.values.clear();
    kept_.clear();
    first_kept_ = 0;
    refused_.clear();
}

}  // namespace bittrue::capi
