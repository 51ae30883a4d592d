// Windows: padding, stride, dilation, offset, what a pool does.
#include <algorithm>

#include "fault.hpp"

namespace bittrue::mutation {

namespace {

Fault padded_with(const std::string& stand, const std::string& layer, std::int64_t word) {
    return fault("padding has the word " + std::to_string(word), stand, layer,
                 summed({.input = [word](const Term&, std::int64_t at, std::int64_t w) { return at < 0 ? word : w; }}),
                 truth(Cause::PaddingValue, layer));
}

Padding& padding(Node& n) {
    if (auto* conv = std::get_if<Conv2d>(&n.op)) return conv->padding;
    return std::get<MaxPool>(n.op).padding;
}
std::array<int, 2>& stride(Node& n) {
    if (auto* conv = std::get_if<Conv2d>(&n.op)) return conv->stride;
    return std::get<MaxPool>(n.op).stride;
}

// The frame lies on the other side.
Fault frame_moved(const std::string& stand, const std::string& layer) {
    return fault("padding is on the other side", stand, layer, edited([](Node& n) {
                     Padding& p = padding(n);
                     std::swap(p.top, p.bottom);
                     std::swap(p.left, p.right);
                 }),
                 truth(Cause::Offset, layer));
}

// Windows begin `rows` and `columns` further down and right; zeros beyond the map.
Fault window_moved(const std::string& stand, const std::string& layer, int rows, int columns) {
    const auto text = std::to_string(rows) + " rows and " + std::to_string(columns) + " columns";
    return fault("windows are " + text + " too far", stand, layer,
                 reads([rows, columns](std::vector<ImageWords>& images, const Shape& s) {
                     for (ImageWords& image : images) {
                         const ImageWords was = image;
                         for (std::int64_t c = 0; c < s.channels(); ++c)
                             for (std::int64_t y = 0; y < s.height(); ++y)
                                 for (std::int64_t x = 0; x < s.width(); ++x) {
                                     const std::int64_t from_y = y + rows, from_x = x + columns;
                                     const bool inside =
                                         from_y >= 0 && from_x >= 0 && from_y < s.height() && from_x < s.width();
                                     image[static_cast<std::size_t>(s.index(c, y, x))] =
                                         inside ? was[static_cast<std::size_t>(s.index(c, from_y, from_x))] : 0;
                                 }
                     }
                 }),
                 truth({Cause::Offset, Cause::InputOrder}, {layer}));
}

// As many words, of windows that lie closer.
Fault strides(const std::string& stand, const std::string& layer, int rows, int columns) {
    return fault("stride " + std::to_string(rows) + "x" + std::to_string(columns), stand, layer,
                 edited([rows, columns](Node& n) {
                     stride(n) = {rows, columns};
                 }),
                 truth(Cause::Stride, layer));
}

Fault dilated(const std::string& stand, const std::string& layer, int by) {
    return fault("dilation " + std::to_string(by), stand, layer, edited([by](Node& n) {
                     std::get<Conv2d>(n.op).dilation = {by, by};
                 }),
                 truth(Cause::Dilation, layer));
}

// word = rule(words of the window in row-major order); windows as the pool has them, without padding.
using PoolRule = std::function<std::int64_t(const std::vector<std::int64_t>&)>;
Stage pools(const PoolRule& rule) {
    return [rule](const Node& node, const TensorWords& input) {
        TensorWords out{.name = node.name, .shape = node.shape, .type = node.result, .images = input.images};
        const auto& pool = std::get<MaxPool>(node.op);
        out.words.resize(static_cast<std::size_t>(node.shape.count()) * input.images);
        for (std::size_t image = 0; image < input.images; ++image)
            for (std::int64_t c = 0; c < node.shape.channels(); ++c)
                for (std::int64_t y = 0; y < node.shape.height(); ++y)
                    for (std::int64_t x = 0; x < node.shape.width(); ++x) {
                        std::vector<std::int64_t> window;
                        for (int r = 0; r < pool.pool[0]; ++r)
                            for (int s = 0; s < pool.pool[1]; ++s)
                                window.push_back(input.words[image * static_cast<std::size_t>(input.shape.count()) +
                                                             static_cast<std::size_t>(input.shape.index(
                                                                 c, y * pool.stride[0] + r, x * pool.stride[1] + s))]);
                        out.words[image * static_cast<std::size_t>(node.shape.count()) +
                                  static_cast<std::size_t>(node.shape.index(c, y, x))] = rule(window);
                    }
        return out;
    };
}

Fault pool_rule(const std::string& what, const std::string& stand, const std::string& layer, const PoolRule& rule) {
    return fault(what, stand, layer, pools(rule), truth(Cause::PoolRule, layer));
}

std::int64_t smallest(const std::vector<std::int64_t>& w) {
    return *std::min_element(w.begin(), w.end());
}
std::int64_t floor_average(const std::vector<std::int64_t>& w) {
    std::int64_t sum = 0;
    for (const std::int64_t v : w) sum += v;
    return sum >> 2;
}
std::int64_t right_column(const std::vector<std::int64_t>& w) {
    return std::max(w.at(1), w.at(3));
}
std::int64_t upper_row(const std::vector<std::int64_t>& w) {
    return std::max(w.at(0), w.at(1));
}
std::int64_t first_word(const std::vector<std::int64_t>& w) {
    return w.front();
}

// The register of the largest word is never cleared within an image's channel.
Fault pool_keeps(const std::string& stand, const std::string& layer) {
    return fault("the largest word is kept from window to window", stand, layer,
                 writes([](std::vector<ImageWords>& images, const Shape& s) {
                     for (ImageWords& image : images)
                         for (std::int64_t c = 0; c < s.channels(); ++c) {
                             std::int64_t largest = image[static_cast<std::size_t>(s.index(c, 0, 0))];
                             for (std::int64_t y = 0; y < s.height(); ++y)
                                 for (std::int64_t x = 0; x < s.width(); ++x) {
                                     std::int64_t& w = image[static_cast<std::size_t>(s.index(c, y, x))];
                                     largest = w = std::max(largest, w);
                                 }
                         }
                 }),
                 truth({Cause::StaleState, Cause::PoolRule}, {layer}));
}

Fault pool_padding(const std::string& stand, const std::string& layer) {
    return fault("padded positions take part with their top bit set", stand, layer,
                 edited([](Node& n) { std::get<MaxPool>(n.op).pad_rule = PoolPadding::Msb; }),
                 truth({Cause::PaddingValue, Cause::PoolRule}, {layer}));
}

// The quotient rounded otherwise than toward zero, sums in a narrower register.
Fault average(const std::string& what, const std::string& stand, const std::string& layer, std::vector<Cause> causes,
              std::function<void(AveragePool&)> edit) {
    return fault(what, stand, layer, edited([edit](Node& n) { edit(std::get<AveragePool>(n.op)); }),
                 truth(std::move(causes), {layer}));
}

}  // namespace

std::vector<Fault> window_faults() {
    return {
        padded_with("cnn-pad", "conv2d", 255),
        padded_with("cnn-pad", "conv2d", 128),
        padded_with("lenet-pad", "qconv2d", 1),
        frame_moved("cnn-pad", "conv2d"),
        frame_moved("lenet-pad", "qconv2d"),
        window_moved("cnn", "conv2d", 0, 1),
        window_moved("lenet", "qconv2d_1", 1, 0),
        window_moved("cnn-wrap", "max_pooling2d", 1, 1),
        window_moved("lenet", "maxpool", 0, 1),
        strides("cnn-stride", "conv2d", 1, 1),
        strides("cnn", "max_pooling2d", 1, 2),
        strides("lenet", "maxpool_1", 1, 1),
        dilated("cnn-stride", "conv2d", 1),
        pool_rule("takes the smallest", "cnn", "max_pooling2d", smallest),
        pool_rule("takes the smallest", "lenet-sat", "maxpool", smallest),
        pool_rule("takes the average", "lenet", "maxpool_1", floor_average),
        pool_rule("takes the right column only", "cnn-sat", "max_pooling2d", right_column),
        pool_rule("takes the upper row only", "lenet", "maxpool", upper_row),
        pool_rule("takes the first word", "cnn", "max_pooling2d", first_word),
        pool_keeps("cnn", "max_pooling2d"),
        pool_padding("cnn-stride", "max_pooling2d"),
        average("quotient is rounded", "cnn-average", "average_pooling2d", {Cause::SoftmaxInner, Cause::PoolRule},
                [](AveragePool& p) { p.divide = Rounding::Rnd; }),
        average("quotient is floored", "lenet-average", "maxpool", {Cause::SoftmaxInner, Cause::PoolRule},
                [](AveragePool& p) { p.divide = Rounding::Trn; }),
        average("sum wraps in three bits less", "lenet-average", "maxpool",
                {Cause::AccumulatorFormat, Cause::SoftmaxInner},
                [](AveragePool& p) {
                    p.accumulator.format.width -= 3;
                    p.accumulator.format.integer -= 3;
                }),
    };
}

}  // namespace bittrue::mutation
