#include "bittrue/model/training.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/int128.hpp"

namespace bittrue {

namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;  // C of H16

std::uint64_t mix(std::uint64_t z) {
    z ^= z >> 30U;
    z *= 0xbf58476d1ce4e5b9U;
    z ^= z >> 27U;
    z *= 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

std::uint64_t stream(std::uint64_t start, std::uint64_t i) {
    return mix(start + (i + 1) * kStep);
}

// Seeds of H16 for the purposes of a run: weights of layer l at l, its LFSR at kLfsrs + l, epochs at kEpochs + e.
constexpr std::uint64_t kLfsrs = std::uint64_t{1} << 32U;
constexpr std::uint64_t kEpochs = std::uint64_t{1} << 33U;

std::uint64_t key(std::uint64_t seed, std::uint64_t purpose) {
    return mix(mix(seed + kStep) + purpose);
}

std::uint64_t below(std::uint64_t count, std::uint64_t draw) {
    return static_cast<std::uint64_t>((u128{draw} * count) >> 64U);
}

// M of H17.
std::int64_t spread_of_fan_in(std::int64_t gradient_scale, std::int64_t fan_in) {
    std::int64_t m = 0;
    while ((m + 1) * (m + 1) * fan_in <= 3 * gradient_scale * gradient_scale) ++m;
    return m;
}

void require_between(int value, int low, int high, const char* what, const std::string& place) {
    if (value < low || value > high)
        throw InputError(place, fmt::format("{} is {}; it must be {} to {}", what, value, low, high));
}

void validate_bits(const TrainingNetwork& network, const std::string& place) {
    const TrainingBits& bits = network.bits;
    require_between(bits.weights, 1, 8, "bits of weights", place);
    require_between(bits.activations, 1, 8, "bits of activations", place);
    require_between(bits.gradients, 2, 16, "bits of gradients", place);
    require_between(bits.errors, 2, 16, "bits of errors", place);
    require_between(bits.randomizer, 1, 16, "bits of the randomizer", place);
    const Randomizer& lfsr = network.randomizer;
    require_between(lfsr.width, bits.randomizer, 64, "the width of the LFSR", place);
    if (static_cast<int>(std::bit_width(lfsr.taps)) != lfsr.width)
        throw InputError(place,
                         fmt::format("the taps {:#x} do not fit an LFSR of {} bits; the highest tap must be bit {}",
                                     lfsr.taps, lfsr.width, lfsr.width - 1));
}

void validate_accumulator(const TrainingAccumulator& accumulator, const char* what, const std::string& place) {
    if (accumulator.width != 0) require_between(accumulator.width, 2, 63, what, place);
}

void require_shape(const MapShape& shape, const char* what, const std::string& place) {
    constexpr std::int64_t kMost = std::int64_t{1} << 26U;
    const bool fits = shape.channels >= 1 && shape.rows >= 1 && shape.columns >= 1 &&
                      std::int64_t{shape.channels} * shape.rows <= kMost &&
                      std::int64_t{shape.channels} * shape.rows * shape.columns <= kMost;
    if (!fits)
        throw InputError(place,
                         fmt::format("{} is {} x {} x {}; every side must be at least 1 and the map have at most "
                                     "2^26 elements",
                                     what, shape.channels, shape.rows, shape.columns));
}

MapShape sums_of(const TrainingLayer& layer) {
    return {.channels = layer.sums.channels,
            .rows = layer.input.rows - layer.kernel_rows + 1,
            .columns = layer.input.columns - layer.kernel_columns + 1};
}

void validate_layer(const TrainingNetwork& network, const TrainingLayer& layer, const std::string& place) {
    require_shape(layer.input, "the input", place);
    require_shape(layer.sums, "the sums", place);
    if ((layer.kernel_rows > 0) != (layer.kernel_columns > 0) || layer.kernel_rows < 0 || layer.kernel_columns < 0)
        throw InputError(place, "the kernel needs rows and columns of at least 1");
    require_between(layer.pool_rows, 1, std::max(1, layer.sums.rows), "rows of the pool", place);
    require_between(layer.pool_columns, 1, std::max(1, layer.sums.columns), "columns of the pool", place);
    if (layer.is_conv()) {
        if (layer.kernel_rows > layer.input.rows || layer.kernel_columns > layer.input.columns)
            throw InputError(place,
                             "the kernel is larger than the input; use a smaller kernel or fewer layers in front");
        if (layer.sums != sums_of(layer))
            throw InputError(place, "the shape of the sums does not follow from the input");
    } else if (layer.sums.rows != 1 || layer.sums.columns != 1) {
        throw InputError(place, "the sums of a dense layer are a vector");
    }
    if (layer.weight_count() > (std::int64_t{1} << 26U)) throw InputError(place, "a layer has at most 2^26 weights");
    const MapShape pooled{.channels = layer.sums.channels,
                          .rows = layer.sums.rows / layer.pool_rows,
                          .columns = layer.sums.columns / layer.pool_columns};
    if (layer.output != pooled) throw InputError(place, "the shape of the output does not follow from the pool");
    const int scale = weight_scale(network.bits.weights, layer.fan_in());
    if (layer.scale != scale)
        throw InputError(place,
                         fmt::format("the scale is {}; a fan-in of {} has {}", layer.scale, layer.fan_in(), scale));
    validate_accumulator(layer.forward, "the width of the forward accumulator", place);
    validate_accumulator(layer.error, "the width of the error accumulator", place);
    validate_accumulator(layer.gradient, "the width of the gradient accumulator", place);
}

}  // namespace

void validate(const TrainingNetwork& network, const std::string& place) {
    validate_bits(network, place);
    if (network.layers.empty()) throw InputError(place, "there is no layer; the last one must be dense");
    const MapShape* before = &network.input;
    for (const TrainingLayer& layer : network.layers) {
        const std::string at = fmt::format("{}{}layer '{}'", place, place.empty() ? "" : ": ", layer.name);
        validate_layer(network, layer, at);
        if (layer.input != *before) throw InputError(at, "the input is not the output of what stands in front");
        before = &layer.output;
    }
    const TrainingLayer& last = network.layers.back();
    if (last.is_conv() || last.pool_rows != 1 || last.pool_columns != 1)
        throw InputError(place, "the last layer must be dense and without a pool: its outputs are the classes");
    if (last.sums.channels > 256)
        throw InputError(place,
                         fmt::format("there are {} classes; labels are bytes, so at most 256", last.sums.channels));
}

int nearest_power_of_two(std::uint64_t numerator, int exponent) {
    const int k = static_cast<int>(std::bit_width(numerator)) - 1;
    const u128 square = u128{numerator} * numerator;
    return exponent + k + (square >> static_cast<unsigned>(2 * k + 1) != 0 ? 1 : 0);
}

int weight_scale(int weight_bits, int fan_in) {
    const std::int64_t square = std::int64_t{1} << (2 * (weight_bits - 1));
    const std::int64_t fan = fan_in;
    if (25 * fan <= 108 * square) return 0;
    int k = 0;  // the ratio is above 1.8: the first k with 3 * fan_in / (4 * S^2) < 2^(2k+1)
    while (3 * fan >= (square << (2 * k + 3))) ++k;
    return k;
}

TrainingState initial_state(const TrainingNetwork& network, std::uint64_t seed) {
    TrainingState state;
    const std::int64_t top = std::int64_t{1} << (network.bits.gradients - 1);
    const std::int64_t weight_top = std::int64_t{1} << (network.bits.weights - 1);
    const std::uint64_t low_bits = ~std::uint64_t{0} >> static_cast<unsigned>(64 - network.randomizer.width);
    std::uint64_t number = 0;
    for (const TrainingLayer& layer : network.layers) {
        const std::int64_t m =
            std::min(top, std::max(3 * top / (2 * weight_top), spread_of_fan_in(top, layer.fan_in())));
        const auto count = static_cast<std::uint64_t>(m + std::min(m, top - 1) + 1);
        const std::uint64_t start = key(seed, number);
        std::vector<std::int32_t> weights(static_cast<std::size_t>(layer.weight_count()));
        for (std::size_t i = 0; i < weights.size(); ++i)
            weights[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(below(count, stream(start, i))) - m);
        state.weights.push_back(std::move(weights));
        const std::uint64_t z = key(seed, kLfsrs + number) & low_bits;
        state.lfsr.push_back(z == 0 ? 1 : z);
        state.nan.push_back(false);
        ++number;
    }
    return state;
}

std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::uint64_t epoch, std::uint32_t images) {
    std::vector<std::uint32_t> order(images);
    std::iota(order.begin(), order.end(), 0U);
    const std::uint64_t start = key(seed, kEpochs + epoch);
    for (std::uint32_t i = images; i-- > 1;)
        std::swap(order[i], order[below(std::uint64_t{i} + 1, stream(start, images - 1 - i))]);
    return order;
}

}  // namespace bittrue
