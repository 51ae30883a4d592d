// What dense and conv2d share: weights in the order of the terms, biases, one accumulation and the result cast.
#pragma once

#include <functional>

#include "faulty.hpp"
#include "layer.hpp"

namespace bittrue::emulator {

// A word of `format` as a raw. Layers on 64 bits never hold a 64-bit unsigned format, where both would differ.
template <class Int>
[[nodiscard]] Int raw_of(std::int64_t word, Format format) {
    if constexpr (sizeof(Int) == sizeof(std::int64_t)) {
        return word;
    } else {
        return raw_from_word(word, format);
    }
}

// The parameters of a layer that multiplies and accumulates. `weight_index` says where the weight of term t of output
// channel o stands in the words of `weights`.
struct MacSetup {
    Tensor weights{};
    std::optional<Tensor> bias{};
    std::int64_t channels = 0;
    std::int64_t terms = 0;
    std::function<std::int64_t(std::int64_t o, std::int64_t t)> weight_index{};
    AccumulatorSpec spec{};

    [[nodiscard]] AccumulationFormats formats(Format input) const {
        AccumulationFormats f{.weight = weights.format, .input = input, .bias = std::nullopt, .terms = terms};
        if (bias) f.bias = bias->format;
        return f;
    }
    // True for 64-bit integers, false for 128-bit ones; InputError when neither is exact.
    [[nodiscard]] bool is_narrow(const LayerSetup& layer) const {
        layer.require_exact(align(spec, formats(layer.format())).exact_bits);
        return fits_narrow(spec, formats(layer.format()));
    }
};

template <class Int>
class MacUnit {
public:
    MacUnit(const LayerSetup& layer, const MacSetup& mac)
        : accumulation_(mac.spec, mac.formats(layer.format())),
          terms_(mac.terms),
          result_(mac.spec.type.format, layer.node.result),
          faulty_{.product = term_format(mac.spec, mac.weights.format, layer.format()),
                  .weight = mac.weights.format,
                  .input = layer.format()} {
        if (layer.fault != nullptr) fault_ = *layer.fault;
        weights_.reserve(static_cast<std::size_t>(mac.channels * terms_));
        for (std::int64_t o = 0; o < mac.channels; ++o) {
            for (std::int64_t t = 0; t < terms_; ++t) {
                const auto at = static_cast<std::size_t>(mac.weight_index(o, t));
                weights_.push_back(raw_of<Int>(mac.weights.words[at], mac.weights.format));
            }
            const auto at = static_cast<std::size_t>(o);
            biases_.push_back(
                accumulation_.bias(mac.bias ? raw_from_word(mac.bias->words[at], mac.bias->format) : i128{0}));
        }
    }

    [[nodiscard]] std::int64_t terms() const { return terms_; }
    [[nodiscard]] std::int64_t room() const { return working_room(accumulation_, terms_); }

    // The result word of channel o over the window's inputs (rule A11). Its events count for the layer and, where those
    // are counted, for the channel.
    [[nodiscard]] std::int64_t operator()(std::int64_t o, const Int* inputs, std::span<Int> room,
                                          LayerEvents& events) const {
        Unobserved nobody;
        AccumulationCounts counts;
        const auto channel = static_cast<std::size_t>(o);
        const Terms<Int> terms{weights_.data() + o * terms_, inputs, terms_};
        const Int sum =
            fault_ ? accumulate_faulty(accumulation_, terms, biases_[channel], room, counts, *fault_, faulty_, o)
                   : accumulate(accumulation_, terms, biases_[channel], room, counts, nobody);
        const Converted result = result_(sum);
        const auto count = [&](auto& sums) {
            sums.product += counts.product;
            sums.accumulator += counts.accumulator;
            sums.result.add(result.events);
        };
        count(events);
        if (!events.channels.empty()) count(events.channels[channel]);
        return result.word;
    }

private:
    Accumulation<Int> accumulation_;
    std::int64_t terms_;
    Caster result_;
    FaultFormats faulty_;
    std::optional<AccumulationFault> fault_{};
    std::vector<Int> weights_{};  // channel by channel, in the order of the terms
    std::vector<BiasTerm<Int>> biases_{};
};

}  // namespace bittrue::emulator
