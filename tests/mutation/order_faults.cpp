// Addresses: weights, inputs and results in another order, and words that are not those of this image.
#include <algorithm>

#include "fault.hpp"

namespace bittrue::mutation {

namespace {

using Words = std::vector<std::int64_t>;

// words'[new place] = words[place(...)] for kernels [row][column][in][out] of these dims.
using KernelPlace = std::function<std::size_t(std::size_t r, std::size_t s, std::size_t c, std::size_t o)>;
Stage kernel(const std::function<KernelPlace(const Dims&)>& make) {
    return edited([make](Node& n) {
        Parameter& w = weights(n);
        hold_words(w);
        const Words stored = w.raw;
        const KernelPlace place = make(w.dims);
        std::size_t at = 0;
        for (std::size_t r = 0; r < static_cast<std::size_t>(w.dims[0]); ++r)
            for (std::size_t s = 0; s < static_cast<std::size_t>(w.dims[1]); ++s)
                for (std::size_t c = 0; c < static_cast<std::size_t>(w.dims[2]); ++c)
                    for (std::size_t o = 0; o < static_cast<std::size_t>(w.dims[3]); ++o)
                        w.raw[at++] = stored.at(place(r, s, c, o));
    });
}

KernelPlace in_dims(const Dims& d, const std::function<std::array<std::size_t, 4>(std::array<std::size_t, 4>)>& f) {
    const std::size_t columns = static_cast<std::size_t>(d[1]), ins = static_cast<std::size_t>(d[2]),
                      outs = static_cast<std::size_t>(d[3]);
    return [=](std::size_t r, std::size_t s, std::size_t c, std::size_t o) {
        const auto p = f({r, s, c, o});
        return ((p[0] * columns + p[1]) * ins + p[2]) * outs + p[3];
    };
}

Fault kernel_flipped(const std::string& stand, const std::string& layer) {
    return fault(
        "kernel is flipped in rows and columns", stand, layer, kernel([](const Dims& d) {
            const auto r = static_cast<std::size_t>(d[0]) - 1, s = static_cast<std::size_t>(d[1]) - 1;
            return in_dims(d, [r, s](auto p) { return std::array<std::size_t, 4>{r - p[0], s - p[1], p[2], p[3]}; });
        }),
        truth(Cause::WeightOrder, layer));
}

Fault kernel_transposed(const std::string& stand, const std::string& layer) {
    return fault("kernel's rows and columns are exchanged", stand, layer, kernel([](const Dims& d) {
                     return in_dims(d, [](auto p) { return std::array<std::size_t, 4>{p[1], p[0], p[2], p[3]}; });
                 }),
                 truth(Cause::WeightOrder, layer));
}

Fault kernel_inputs_reversed(const std::string& stand, const std::string& layer) {
    return fault("kernel's input channels are reversed", stand, layer, kernel([](const Dims& d) {
                     const auto c = static_cast<std::size_t>(d[2]) - 1;
                     return in_dims(d, [c](auto p) { return std::array<std::size_t, 4>{p[0], p[1], c - p[2], p[3]}; });
                 }),
                 truth({Cause::WeightOrder, Cause::InputOrder}, {layer}));
}

Fault kernel_outputs_reversed(const std::string& stand, const std::string& layer, bool has_bias) {
    return fault(
        "kernel's output channels are reversed", stand, layer, kernel([](const Dims& d) {
            const auto o = static_cast<std::size_t>(d[3]) - 1;
            return in_dims(d, [o](auto p) { return std::array<std::size_t, 4>{p[0], p[1], p[2], o - p[3]}; });
        }),
        has_bias ? truth(Cause::WeightOrder, layer) : truth({Cause::WeightOrder, Cause::OutputOrder}, {layer}));
}

// The memory image of [in][out] read as [out][in].
Fault transposed(const std::string& stand, const std::string& layer) {
    return fault("weights are transposed", stand, layer, edited([](Node& n) {
                     Parameter& w = weights(n);
                     hold_words(w);
                     const Words stored = w.raw;
                     const auto ins = static_cast<std::size_t>(w.dims[0]), outs = static_cast<std::size_t>(w.dims[1]);
                     for (std::size_t i = 0; i < ins; ++i)
                         for (std::size_t o = 0; o < outs; ++o) w.raw[i * outs + o] = stored[o * ins + i];
                 }),
                 truth(Cause::WeightOrder, layer));
}

// image'[i] = image[place(i)].
Rewrite reordered(const std::function<std::int64_t(std::int64_t, const Shape&)>& place) {
    return [place](std::vector<ImageWords>& images, const Shape& shape) {
        for (ImageWords& image : images) {
            const ImageWords was = image;
            for (std::int64_t i = 0; i < shape.count(); ++i)
                image[static_cast<std::size_t>(i)] = was.at(static_cast<std::size_t>(place(i, shape)));
        }
    };
}

// The same words enumerated as the other layout would store them.
std::int64_t other_layout(std::int64_t i, const Shape& s) {
    const std::int64_t c = s.channels(), h = s.height(), w = s.width();
    const bool hwc = s.layout == Layout::Hwc;
    const std::int64_t channel = hwc ? i / (h * w) : i % c, y = hwc ? i / w % h : i / (c * w),
                       x = hwc ? i % w : i / c % w;
    return s.index(channel, y, x);
}
std::int64_t behind(std::int64_t i, const Shape&) {
    return i == 0 ? 0 : i - 1;
}
std::int64_t channels_reversed(std::int64_t i, const Shape& s) {
    const std::int64_t c = s.channel_of(i), step = s.layout == Layout::Hwc ? 1 : s.height() * s.width();
    return i + (s.channels() - 1 - 2 * c) * step;
}
std::int64_t rows_and_columns(std::int64_t i, const Shape& s) {
    const std::int64_t c = s.channel_of(i);
    const std::int64_t place = s.layout == Layout::Hwc ? i / s.channels() : i % (s.height() * s.width());
    return s.index(c, place % s.width(), place / s.width());
}

Fault flatten_order(const std::string& stand, const std::string& layer, const std::string& reader, bool dumped) {
    Fault f = fault(
        dumped ? "elements in the other layout's order" : "elements in the other layout's order, not dumped", stand,
        layer, reads(reordered(other_layout)), truth({Cause::InputOrder, Cause::OutputOrder}, {layer, reader}));
    if (!dumped) {
        f.absent = {layer};
        f.judged = {reader};
    }
    return f;
}

Fault read_in_order(const std::string& what, const std::string& stand, const std::string& layer,
                    std::int64_t (*place)(std::int64_t, const Shape&), std::vector<Cause> causes) {
    return fault("input " + what, stand, layer, reads(reordered(place)), truth(std::move(causes), {layer}));
}

// The other bank of a double buffer is never written: odd images see the words of the image before.
void stale_bank(std::vector<ImageWords>& images, const Shape&) {
    for (std::size_t i = 1; i < images.size(); i += 2) images[i] = images[i - 1];
}
void stale_half(std::vector<ImageWords>& images, const Shape& shape) {
    const std::vector<ImageWords> was = images;
    const auto half = static_cast<std::ptrdiff_t>(shape.count() / 2);
    for (std::size_t i = 1; i < images.size(); ++i)
        std::copy(was[i - 1].begin() + half, was[i - 1].end(), images[i].begin() + half);
}
void stale_all(std::vector<ImageWords>& images, const Shape&) {
    for (std::size_t i = images.size() - 1; i > 0; --i) images[i] = images[i - 1];
}
void stale_last_word(std::vector<ImageWords>& images, const Shape&) {
    for (std::size_t i = images.size() - 1; i > 0; --i) images[i].back() = images[i - 1].back();
}

Fault stale(const std::string& what, const std::string& stand, const std::string& layer, const Rewrite& rewrite) {
    return fault("input " + what, stand, layer, reads(rewrite), truth(Cause::StaleImage, layer));
}

Fault moved(const std::string& what, const std::string& stand, const std::string& layer,
            std::int64_t (*place)(std::int64_t, const Shape&), FindingKind finding) {
    Fault f = fault("result " + what, stand, layer, writes(reordered(place)),
                    truth({Cause::OutputOrder, Cause::WeightOrder}, {layer}));
    f.finding = finding;
    return f;
}

// The design is right, its dump is not.
Fault put_down(const std::string& what, const std::string& stand, const std::string& layer,
               std::int64_t (*place)(std::int64_t, const Shape&), FindingKind finding) {
    Fault f{.name = layer + ": dump " + what, .stand = stand, .truths = {truth(Cause::OutputOrder, layer)}};
    f.dumped.emplace(layer, reordered(place));
    f.judged = {layer};
    f.finding = finding;
    return f;
}

}  // namespace

std::vector<Fault> order_faults() {
    return {
        kernel_flipped("cnn", "conv2d"),
        kernel_flipped("lenet", "qconv2d_1"),
        kernel_transposed("cnn-sat", "conv2d"),
        kernel_transposed("lenet-wrap", "qconv2d"),
        kernel_inputs_reversed("lenet", "qconv2d_1"),
        kernel_outputs_reversed("cnn", "conv2d", true),
        kernel_outputs_reversed("lenet", "qconv2d", false),
        transposed("cnn", "dense"),
        transposed("cnn-sat", "dense_1"),
        transposed("lenet", "qfc_1"),
        flatten_order("cnn", "flatten", "dense", true),
        flatten_order("cnn-wrap", "flatten", "dense", false),
        flatten_order("lenet", "reshape", "qfc", true),
        flatten_order("lenet-sat", "reshape", "qfc", false),
        read_in_order("is read in the other layout's order", "lenet", "qconv2d_1", other_layout, {Cause::InputOrder}),
        read_in_order("has rows and columns exchanged", "cnn", "conv2d", rows_and_columns, {Cause::InputOrder}),
        read_in_order("has its channels reversed", "lenet-wrap", "qconv2d_1", channels_reversed,
                      {Cause::InputOrder, Cause::WeightOrder}),
        read_in_order("is read one address behind", "cnn", "dense", behind, {Cause::InputOrder, Cause::Offset}),
        read_in_order("is read one address behind", "lenet", "qfc_1", behind, {Cause::InputOrder, Cause::Offset}),
        stale("bank is stale for odd images", "cnn", "dense", stale_bank),
        stale("is that of the image before", "lenet", "qfc_1", stale_all),
        stale("half is that of the image before", "lenet", "qfc", stale_half),
        stale("half is that of the image before", "cnn-sat", "conv2d", stale_half),
        stale("ends with a word of the image before", "cnn", "dense_1", stale_last_word),
        moved("has its channels reversed", "cnn", "max_pooling2d", channels_reversed, FindingKind::Lanes),
        moved("has rows and columns exchanged", "lenet", "qconv2d", rows_and_columns, FindingKind::Transposed),
        put_down("has rows and columns exchanged", "cnn", "conv2d", rows_and_columns, FindingKind::Transposed),
        put_down("has its channels reversed", "lenet-sat", "maxpool", channels_reversed, FindingKind::Lanes),
    };
}

}  // namespace bittrue::mutation
