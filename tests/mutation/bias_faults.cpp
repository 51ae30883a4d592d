// Biases: missing, late, doubled, misaligned, of another channel, wrong in one; and parameters of one channel.
#include <algorithm>

#include "fault.hpp"

namespace bittrue::mutation {

namespace {

using Edit = std::function<void(std::vector<std::int64_t>&)>;

// The words that the layer holds, changed; `grow` more bits at the top, so that they fit.
Stage bias_words(const Edit& edit, int grow = 0) {
    return edited([edit, grow](Node& n) {
        Parameter& b = *bias(n);
        hold_words(b);
        edit(b.raw);
        b.type.format.width += grow;
        b.type.format.integer += grow;
    });
}

Fault missing(const std::string& stand, const std::string& layer) {
    return fault("bias is missing", stand, layer, edited([](Node& n) { bias(n).reset(); }),
                 truth(Cause::BiasMissing, layer));
}

Fault late(const std::string& stand, const std::string& layer) {
    return fault("bias is added last", stand, layer, edited([](Node& n) { accumulator(n).bias = BiasPosition::Last; }),
                 truth(Cause::BiasPosition, layer));
}

Fault doubled(const std::string& stand, const std::string& layer) {
    return fault("bias is added twice", stand, layer,
                 bias_words(
                     [](auto& words) {
                         for (std::int64_t& w : words) w *= 2;
                     },
                     1),
                 truth({Cause::BiasDoubled, Cause::BiasAlignment}, {layer}));
}

Fault misaligned(const std::string& stand, const std::string& layer, int left) {
    return fault("bias is " + std::to_string(left) + " bits too far left", stand, layer, edited([left](Node& n) {
                     Parameter& b = *bias(n);
                     hold_words(b);
                     b.type.format.integer += left;
                 }),
                 truth(left == 1 ? std::vector<Cause>{Cause::BiasAlignment, Cause::BiasDoubled}
                                 : std::vector<Cause>{Cause::BiasAlignment},
                       {layer}));
}

Fault cast_first(const std::string& stand, const std::string& layer, int drop) {
    return fault("bias is cast to " + std::to_string(drop) + " bits less", stand, layer, edited([drop](Node& n) {
                     FixedType type = bias(n)->type;
                     type.format.width -= drop;
                     type.rounding = Rounding::Trn;
                     accumulator(n).bias_cast = type;
                 }),
                 truth({Cause::BiasCast, Cause::BiasFormat}, {layer}));
}

Fault rotated(const std::string& stand, const std::string& layer) {
    return fault("bias of the next output", stand, layer,
                 bias_words([](auto& words) { std::rotate(words.begin(), words.begin() + 1, words.end()); }),
                 truth(Cause::BiasOrder, layer));
}

Fault reversed(const std::string& stand, const std::string& layer) {
    return fault("biases in reverse order", stand, layer,
                 bias_words([](auto& words) { std::reverse(words.begin(), words.end()); }),
                 truth(Cause::BiasOrder, layer));
}

std::string number(std::size_t channel) {
    return std::to_string(channel);
}

Fault one_bias(const std::string& stand, const std::string& layer, std::size_t channel, std::int64_t add) {
    return fault("bias of channel " + number(channel) + " is wrong", stand, layer,
                 bias_words([channel, add](auto& words) { words.at(channel) += add; }, 1),
                 truth(Cause::ChannelBias, layer, {number(channel)}));
}

// Weights of an output channel: `step` apart in storage.
using EditChannel = std::function<void(std::vector<std::int64_t*>&)>;
Fault one_channel(const std::string& what, const std::string& stand, const std::string& layer, std::size_t channel,
                  const EditChannel& edit) {
    return fault("weights of channel " + number(channel) + " " + what, stand, layer, edited([channel, edit](Node& n) {
                     Parameter& w = weights(n);
                     hold_words(w);
                     std::vector<std::int64_t*> mine;
                     for (std::size_t i = channel; i < w.raw.size(); i += static_cast<std::size_t>(w.dims.back()))
                         mine.push_back(&w.raw[i]);
                     edit(mine);
                 }),
                 truth(Cause::ChannelWeights, layer, {number(channel)}));
}

void zero(std::vector<std::int64_t*>& words) {
    for (std::int64_t* w : words) *w = 0;
}
EditChannel flipped_bit(std::size_t term, int bit) {
    return [term, bit](std::vector<std::int64_t*>& words) { *words.at(term) ^= std::int64_t{1} << bit; };
}
// One flipped bit of one word: a wrong word in the channel's memory, or a bit of that operand that is stuck.
Fault one_bit(const std::string& stand, const std::string& layer, std::size_t channel, std::size_t term, int bit) {
    Fault f = one_channel("have bit " + std::to_string(bit) + " of term " + std::to_string(term) + " flipped", stand,
                          layer, channel, flipped_bit(term, bit));
    f.truths.front().causes.push_back(Cause::StuckBit);
    return f;
}
EditChannel negated(std::size_t term) {
    return [term](std::vector<std::int64_t*>& words) { *words.at(term) = -*words.at(term); };
}

Fault copied_channel(const std::string& stand, const std::string& layer, std::size_t channel, std::size_t from) {
    Fault f = fault("weights of channel " + number(channel) + " are those of " + number(from), stand, layer,
                    edited([channel, from](Node& n) {
                        Parameter& w = weights(n);
                        hold_words(w);
                        const auto step = static_cast<std::size_t>(w.dims.back());
                        for (std::size_t i = 0; i < w.raw.size(); i += step) w.raw[i + channel] = w.raw[i + from];
                    }),
                    truth(Cause::ChannelWeights, layer, {number(channel)}));
    return f;
}

}  // namespace

std::vector<Fault> bias_faults() {
    return {
        missing("cnn", "conv2d"),
        missing("cnn", "dense"),
        missing("cnn-sat", "dense_1"),
        late("cnn-sat", "conv2d"),
        late("cnn-sat", "dense"),
        late("cnn-sat", "dense_1"),
        doubled("cnn", "dense_1"),
        doubled("cnn-sat", "conv2d"),
        doubled("cnn-wrap", "dense"),
        misaligned("cnn", "dense", 2),
        misaligned("cnn-sat", "conv2d", -1),
        misaligned("cnn-wrap", "dense_1", 1),
        cast_first("cnn-sat", "dense", 4),
        cast_first("cnn", "conv2d", 3),
        rotated("cnn", "dense"),
        rotated("cnn-wrap", "conv2d"),
        reversed("cnn", "dense_1"),
        one_bias("cnn", "dense", 17, 23),
        one_bias("cnn-sat", "conv2d", 1, -16),
        one_bias("cnn-wrap", "dense_1", 7, 40),
        one_channel("are zero", "cnn", "dense", 31, zero),
        one_channel("are zero", "lenet", "qconv2d_1", 5, zero),
        one_bit("cnn", "conv2d", 1, 4, 6),
        one_bit("cnn-wrap", "dense_1", 3, 20, 6),
        one_channel("have term 60 negated", "lenet", "qfc", 11, negated(60)),
        one_channel("have term 7 negated", "lenet-wrap", "qconv2d", 2, negated(7)),
        copied_channel("cnn", "dense_1", 2, 8),
        copied_channel("lenet", "qconv2d", 4, 1),
    };
}

}  // namespace bittrue::mutation
