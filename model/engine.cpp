#include "bittrue/model/engine.hpp"

#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue {
namespace {

constexpr int kMaxExactWidth = 53;  // of a double

// Little endian, so that the low bytes come first.
std::uint64_t low_bytes(const std::byte* from, int bytes) {
    std::uint64_t pattern = 0;
    for (int i = 0; i < bytes; ++i) pattern |= std::to_integer<std::uint64_t>(from[i]) << (8 * i);
    return pattern;
}

}  // namespace

int word_bytes(Format format) {
    int bytes = 1;
    while (8 * bytes < format.width) bytes *= 2;
    return bytes;
}

std::int64_t WordBatch::word(std::size_t i, Format format) const {
    const auto pattern = low_bytes(data.data() + i * static_cast<std::size_t>(bytes), bytes);
    const Format stored{.width = 8 * bytes, .integer = 8 * bytes, .is_signed = format.is_signed};
    return word_from_pattern(pattern, stored);
}

InputError outside_input(const InputSpec& input, std::size_t image, std::size_t index, i128 raw) {
    const std::string where = fmt::format("input '{}'", input.name);
    const int frac = input.type.format.frac();
    if (!input.range || raw < range_min(input.type)) {
        return {where,
                fmt::format("image {} has the word {} at index {}, which no cast into {} gives; its words are {} to {}",
                            image, print_raw(raw), index, print_type(input.type), print_raw(range_min(input.type)),
                            print_raw(range_max(input.type)))};
    }
    return {where,
            fmt::format("image {} has the value {} at index {}, outside of the declared range {} to {}; correct the "
                        "image or declare a wider 'range' in [input] of the network file",
                        image, value_of(raw, frac), index, input.range->low, input.range->high)};
}

RunResult Engine::run(const WordBatch& batch, const RunOptions& options) const {
    const InputSpec& to = input();
    const Format format = to.type.format;
    if (format.width > kMaxExactWidth) {
        throw InputError("input '" + to.name + "'", "words of " + std::to_string(format.width) +
                                                        " bits are no doubles; this engine takes words up to 53 bits");
    }
    const std::size_t count = batch.images * static_cast<std::size_t>(element_count(batch.dims));
    if (batch.data.size() != count * static_cast<std::size_t>(batch.bytes)) {
        throw InputError("input '" + to.name + "'", std::to_string(count) + " words of " + std::to_string(batch.bytes) +
                                                        " bytes need " +
                                                        std::to_string(count * static_cast<std::size_t>(batch.bytes)) +
                                                        " bytes, there are " + std::to_string(batch.data.size()));
    }
    const InputRaws allowed = input_raws(to);
    const auto size = static_cast<std::size_t>(element_count(batch.dims));
    InputBatch values{.images = batch.images, .dims = batch.dims, .values = std::vector<double>(count)};
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t word = batch.word(i, format);
        if (word < raw_min(format) || word > raw_max(format)) {
            throw InputError("input '" + to.name + "'",
                             std::to_string(word) + " at index " + std::to_string(i) + " is no word of the format");
        }
        if (word < allowed.low || word > allowed.high) throw outside_input(to, i / size, i % size, word);
        values.values[i] = std::ldexp(static_cast<double>(word), -format.frac());
    }
    RunResult result = run(values, options);
    if (options.count_events) result.layers.front().events.result = batch.cast;
    return result;
}

}  // namespace bittrue
