#include "training/tensor.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "bittrue/emulator/training_tensor.hpp"
#include "exact.hpp"
#include "training/numbers.hpp"
#include "training/sums.hpp"

namespace bittrue::emulator {

namespace training {

i128 rounded(i128 v, int shift, Rounding rounding) {
    constexpr int kFar = 60;  // words have at most 64 bits, so nothing in reach of a word is lost
    if (shift <= 0) return v * (i128{1} << std::min(-shift, kFar));
    return round_exact(v, std::min(shift, 120), rounding).value;
}

std::int64_t wrapped(i128 v, int bits, bool is_signed) {
    const Format format{.width = bits, .integer = bits, .is_signed = is_signed};
    return word_from_pattern(static_cast<std::uint64_t>(static_cast<u128>(v)), format);
}

std::optional<int> scale_of(const Words& numbers, int frac, StepRules::Scale rule) {
    std::uint64_t largest = 0;
    for (const std::int64_t v : numbers)
        largest = std::max(largest, v < 0 ? ~static_cast<std::uint64_t>(v) + 1 : static_cast<std::uint64_t>(v));
    if (largest == 0) return std::nullopt;
    const int leading = static_cast<int>(std::bit_width(largest)) - 1;
    switch (rule) {
        case StepRules::Scale::Nearest: return nearest_power_of_two(largest, -frac);
        case StepRules::Scale::LeadingOne: return leading - frac;
        case StepRules::Scale::Up: return leading - frac + (std::has_single_bit(largest) ? 0 : 1);
    }
    return std::nullopt;
}

namespace {

std::vector<std::int32_t> narrow(const Words& words) {
    std::vector<std::int32_t> out(words.size());
    std::transform(words.begin(), words.end(), out.begin(),
                   [](std::int64_t w) { return static_cast<std::int32_t>(w); });
    return out;
}

class OneTensor {
public:
    OneTensor(const TrainingNetwork& network, std::size_t l, const StepSources& from, const StepRules& rules)
        : network_(network), l_(l), from_(from), rules_(rules), numbers_(network, l) {}

    [[nodiscard]] Words words(StepTensor tensor) const {
        switch (tensor) {
            case StepTensor::Input: return input();
            case StepTensor::Sums: return sums();
            case StepTensor::Activations: return activations();
            case StepTensor::Loss: return {loss()};
            case StepTensor::ErrorExponent: return {exponent(error_numbers(), error_frac())};
            case StepTensor::Errors: return errors();
            case StepTensor::Deltas: return deltas();
            case StepTensor::Gradients: return gradients();
            case StepTensor::GradientExponent: return {exponent(from_.gradients, numbers_.fg)};
            case StepTensor::Scaled: check(from_.gradients, weights()); return scaled_of(network_, l_, from_, rules_);
            case StepTensor::Draws: {
                std::uint64_t state = from_.lfsr;
                return draws_of(network_, weights(), state, rules_.random);
            }
            case StepTensor::LfsrAfter: {
                std::uint64_t state = from_.lfsr;
                (void)draws_of(network_, weights(), state, rules_.random);
                return {static_cast<std::int64_t>(state)};
            }
            case StepTensor::Steps:
                check(from_.scaled, weights());
                check(from_.draws, weights());
                return steps_of(network_, from_, rules_.chance);
            case StepTensor::WeightsAfter:
                check(from_.weights, weights());
                check(from_.steps, weights());
                return stored_weights(network_, from_, rules_);
        }
        return {};
    }

private:
    [[nodiscard]] const TrainingLayer& layer() const { return network_.layers[l_]; }
    [[nodiscard]] bool is_last() const { return l_ + 1 == network_.layers.size(); }
    [[nodiscard]] std::size_t images() const { return from_.images; }
    [[nodiscard]] std::size_t weights() const { return static_cast<std::size_t>(layer().weight_count()); }
    [[nodiscard]] std::size_t count(const MapShape& shape) const {
        return images() * static_cast<std::size_t>(shape.elements());
    }
    static void check(const Words& words, std::size_t count) {
        if (words.size() != count) throw std::logic_error("a tensor of a step has another size than its layer");
    }

    // An activation or an input's word of A bits; v is rounded.
    [[nodiscard]] std::int64_t activation(i128 v) const {
        const int bits = std::max(network_.bits.activations - 1, 1);
        if (rules_.limit == StepRules::Limit::Rule) v = std::min<i128>(v, numbers_.most_a);
        return wrapped(v, bits, false);
    }

    [[nodiscard]] Words input() const {
        check(from_.pixels, count(network_.input));
        Words words;
        for (const std::int64_t pixel : from_.pixels) {
            words.push_back(network_.bits.activations == 1
                                ? (pixel > 0 ? 1 : 0)
                                : activation(rounded(pixel, 9 - network_.bits.activations, rules_.rounding)));
        }
        return words;
    }

    // q of H2.
    [[nodiscard]] std::vector<std::int32_t> weight_words(const Words& stored, std::size_t l) const {
        check(stored, static_cast<std::size_t>(network_.layers[l].weight_count()));
        if (rules_.weights_as_stored) return narrow(stored);
        std::vector<std::int32_t> q;
        q.reserve(stored.size());
        const TrainingBits& bits = network_.bits;
        for (const std::int64_t w : stored) {
            if (bits.weights == 1) {
                q.push_back(w > 0 || (w == 0 && rules_.zero_is_one) ? 1 : w < 0 ? -1 : 0);
            } else {
                const i128 v = rounded(w, bits.gradients - bits.weights, rules_.weight_rounding);
                q.push_back(static_cast<std::int32_t>(std::clamp<i128>(v, -numbers_.most_q, numbers_.most_q)));
            }
        }
        return q;
    }

    [[nodiscard]] Words sums() const {
        check(from_.front, count(layer().input));
        const std::vector<std::int32_t> a = narrow(from_.front), q = weight_words(from_.weights, l_);
        Accumulator sum(layer().forward, rules_.sums_are_kept);
        Words out(count(layer().sums));
        const auto in = static_cast<std::size_t>(layer().input.elements());
        const auto per_image = static_cast<std::size_t>(layer().sums.elements());
        for (std::size_t n = 0; n < images(); ++n)
            sums_of(layer(), a.data() + n * in, q.data(), sum, out.data() + n * per_image);
        return out;
    }

    // Calls visit(map's sums, place of the window's maximum by the rule, number of the pooled word).
    template <class Visit>
    void for_windows(Visit visit) const {
        check(from_.sums, count(layer().sums));
        const TrainingLayer& own = layer();
        const std::size_t map = static_cast<std::size_t>(own.sums.rows) * static_cast<std::size_t>(own.sums.columns);
        std::size_t pooled = 0;
        for (std::size_t m = 0; m < images() * static_cast<std::size_t>(own.sums.channels); ++m) {
            const std::int64_t* sums = from_.sums.data() + m * map;
            for (int y = 0; y < own.output.rows; ++y) {
                for (int x = 0; x < own.output.columns; ++x, ++pooled) {
                    const auto corner =
                        static_cast<std::size_t>(y * own.pool_rows * own.sums.columns + x * own.pool_columns);
                    auto at = static_cast<std::size_t>(first_maximum(own, sums, y, x));
                    if (rules_.pool == StepRules::Pool::Corner) at = corner;
                    if (rules_.pool == StepRules::Pool::Last) at = last_maximum(sums, corner);
                    if (rules_.pool == StepRules::Pool::Smallest) at = smallest(sums, corner);
                    visit(sums, m * map, at, corner, pooled);
                }
            }
        }
    }
    [[nodiscard]] std::size_t last_maximum(const std::int64_t* sums, std::size_t corner) const {
        std::size_t best = corner;
        for_places(corner, [&](std::size_t at) {
            if (sums[at] >= sums[best]) best = at;
        });
        return best;
    }
    [[nodiscard]] std::size_t smallest(const std::int64_t* sums, std::size_t corner) const {
        std::size_t least = corner;
        for_places(corner, [&](std::size_t at) {
            if (sums[at] < sums[least]) least = at;
        });
        return least;
    }
    template <class Visit>
    void for_places(std::size_t corner, Visit visit) const {
        for (int y = 0; y < layer().pool_rows; ++y) {
            for (int x = 0; x < layer().pool_columns; ++x)
                visit(corner + static_cast<std::size_t>(y * layer().sums.columns + x));
        }
    }

    [[nodiscard]] Words activations() const {
        Words out(count(layer().output));
        for_windows([&](const std::int64_t* sums, std::size_t, std::size_t at, std::size_t, std::size_t pooled) {
            std::int64_t v = sums[at];
            if (v < 0 && !rules_.relu_missing) v = 0;
            if (is_last()) {
                if (rules_.limit == StepRules::Limit::Rule) v = std::min(v, numbers_.one);
                out[pooled] = wrapped(v, numbers_.fx + 1, false);
            } else if (numbers_.fa == 0) {
                out[pooled] = rules_.positive == StepRules::Mask::Equal ? sums[at] >= 0 : sums[at] > 0;
            } else {
                out[pooled] = activation(rounded(v, numbers_.fw, rules_.rounding));
            }
        });
        return out;
    }

    [[nodiscard]] std::int64_t target(std::size_t i) const {
        const auto classes = static_cast<std::size_t>(network_.classes());
        return from_.labels[i / classes] == static_cast<std::int64_t>(i % classes) ? numbers_.one : 0;
    }

    [[nodiscard]] std::int64_t loss() const {
        check(from_.activations, count(layer().output));
        check(from_.labels, images());
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < from_.activations.size(); ++i) {
            const std::int64_t off = from_.activations[i] - target(i);
            sum += off * off;
        }
        return sum;
    }

    [[nodiscard]] int error_frac() const { return is_last() ? numbers_.fx : LayerNumbers(network_, l_ + 1).fd; }

    // d of H7, or of H8.
    [[nodiscard]] Words error_numbers() const {
        Words d(count(layer().output));
        if (is_last()) {
            check(from_.activations, d.size());
            check(from_.labels, images());
            for (std::size_t i = 0; i < d.size(); ++i) d[i] = 2 * (from_.activations[i] - target(i));
            return d;
        }
        const TrainingLayer& behind = network_.layers[l_ + 1];
        check(from_.behind_deltas, count(behind.sums));
        const std::vector<std::int32_t> delta = narrow(from_.behind_deltas),
                                        q = weight_words(from_.behind_weights, l_ + 1);
        Accumulator sum(behind.error, rules_.sums_are_kept);
        const auto sums = static_cast<std::size_t>(behind.sums.elements());
        const auto outs = static_cast<std::size_t>(layer().output.elements());
        for (std::size_t n = 0; n < images(); ++n)
            errors_back(behind, delta.data() + n * sums, q.data(), sum, d.data() + n * outs);
        if (rules_.clipped == StepRules::Mask::Missing) return d;
        const std::int64_t clip = numbers_.clip - (rules_.clipped == StepRules::Mask::Equal ? 1 : 0);
        for_windows([&](const std::int64_t* own, std::size_t, std::size_t at, std::size_t, std::size_t pooled) {
            if (own[at] > clip) d[pooled] = 0;
        });
        return d;
    }

    [[nodiscard]] int exponent(const Words& numbers, int frac) const {
        return scale_of(numbers, frac, rules_.scale).value_or(kNoStepExponent);
    }

    [[nodiscard]] Words errors() const {
        Words words = error_numbers();
        const int bits = network_.bits.errors;
        const int shift = error_frac() + from_.error_exponent.value_or(0) - (bits - 1);
        for (std::int64_t& word : words) {
            i128 e = from_.error_exponent ? rounded(word, shift, rules_.rounding) : 0;
            if (rules_.limit == StepRules::Limit::Rule) e = std::clamp<i128>(e, -numbers_.most_e, numbers_.most_e);
            if (rules_.limit == StepRules::Limit::Full) e = std::clamp<i128>(e, -numbers_.most_e - 1, numbers_.most_e);
            word = wrapped(e, bits, true);
        }
        return words;
    }

    [[nodiscard]] Words deltas() const {
        check(from_.errors, count(layer().output));
        check(from_.sums, count(layer().sums));
        const StepRules::Mask rule = rules_.positive;
        Words out(from_.sums.size(), 0);
        if (is_last()) {
            const std::int64_t edge = rule == StepRules::Mask::Equal ? 1 : 0;
            for (std::size_t i = 0; i < out.size(); ++i) {
                const bool stops = from_.sums[i] < edge || from_.sums[i] > numbers_.one - edge;
                if (rule == StepRules::Mask::Missing || !stops) out[i] = from_.errors[i];
            }
            return out;
        }
        for_windows(
            [&](const std::int64_t* sums, std::size_t base, std::size_t at, std::size_t corner, std::size_t pooled) {
                const std::int64_t edge = rule == StepRules::Mask::Equal ? -1 : 0;
                const auto put = [&](std::size_t place) {
                    if (rule == StepRules::Mask::Missing || sums[place] > edge)
                        out[base + place] = from_.errors[pooled];
                };
                put(at);
                if (rules_.pool == StepRules::Pool::All) {
                    for_places(corner, [&](std::size_t place) {
                        if (sums[place] == sums[at]) put(place);
                    });
                }
            });
        return out;
    }

    [[nodiscard]] Words gradients() const {
        check(from_.front, count(layer().input));
        check(from_.deltas, count(layer().sums));
        const std::vector<std::int32_t> a = narrow(from_.front), deltas = narrow(from_.deltas);
        Accumulator sum(layer().gradient, rules_.sums_are_kept);
        Words g(weights());
        gradients_of(layer(), a.data(), deltas.data(), images(), sum, g.data());
        return g;
    }

    const TrainingNetwork& network_;
    std::size_t l_;
    const StepSources& from_;
    const StepRules& rules_;
    LayerNumbers numbers_;
};

}  // namespace
}  // namespace training

std::vector<std::int64_t> training_tensor(const TrainingNetwork& network, std::size_t layer, StepTensor tensor,
                                          const StepSources& sources, const StepRules& rules) {
    return training::OneTensor(network, layer, sources, rules).words(tensor);
}

}  // namespace bittrue::emulator
