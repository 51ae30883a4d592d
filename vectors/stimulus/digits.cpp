#include "bittrue/vectors/digits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "bittrue/model/error.hpp"
#include "bittrue/model/input.hpp"
#include "glyphs.hpp"
#include "pen.hpp"
#include "random.hpp"

namespace bittrue {
namespace {

// An own stream for each purpose and index, so that image i never depends on how many images came before.
SplitMix64 stream(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index) {
    SplitMix64 mix(seed);
    mix = SplitMix64(mix.next() ^ (purpose * 0xd1342543de82ef95U));
    return SplitMix64(mix.next() ^ (index * 0x9e3779b97f4a7c15U));
}

std::array<std::uint8_t, 10> shuffled_labels(std::uint64_t seed, std::uint64_t block) {
    std::array<std::uint8_t, 10> labels{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    SplitMix64 random = stream(seed, 1, block);
    for (std::size_t i = labels.size() - 1; i > 0; --i) {
        std::swap(labels[i], labels[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i) + 1))]);
    }
    return labels;
}

const Glyph& choose(std::span<const Glyph> glyphs, SplitMix64& random) {
    int total = 0;
    for (const Glyph& glyph : glyphs) total += glyph.weight;
    auto left = random.below(total);
    for (const Glyph& glyph : glyphs) {
        left -= glyph.weight;
        if (left < 0) return glyph;
    }
    return glyphs.back();
}

}  // namespace

Digits make_digits(std::size_t count, std::uint64_t seed) {
    if (count > kMaxDigits) {
        throw InputError("digits:" + std::to_string(count),
                         "at most " + std::to_string(kMaxDigits) + " digits can be generated at once");
    }
    constexpr std::size_t image_size = Digits::kRows * Digits::kColumns;
    Digits digits{.count = count, .pixels = std::vector<std::uint8_t>(count * image_size), .labels = {}};
    digits.labels.reserve(count);
    std::array<std::uint8_t, 10> labels{};
    for (std::size_t i = 0; i < count; ++i) {
        if (i % 10 == 0) labels = shuffled_labels(seed, i / 10);
        const std::uint8_t label = labels[i % 10];
        SplitMix64 random = stream(seed, 2, i);
        const Glyph& glyph = choose(glyphs_of(label), random);
        draw_glyph(glyph, random, std::span(digits.pixels).subspan(i * image_size).first<image_size>());
        digits.labels.push_back(label);
    }
    return digits;
}

InputBatch input_from_digits(const Digits& digits, const InputSpec& spec) {
    constexpr std::size_t image_size = Digits::kRows * Digits::kColumns;
    if (spec.shape.count() != static_cast<std::int64_t>(image_size)) {
        throw InputError(
            "input '" + spec.name + "'",
            "generated digits are images of 28x28 pixels, the network reads " + print_dims(spec.shape.dims));
    }
    std::array<double, 256> values{};
    for (std::size_t pixel = 0; pixel < values.size(); ++pixel) {
        values[pixel] = pixel_value(static_cast<std::int64_t>(pixel), spec);
    }
    InputBatch batch{.images = digits.count, .dims = spec.shape.dims, .values = {}};
    batch.values.reserve(digits.pixels.size());
    for (const std::uint8_t pixel : digits.pixels) batch.values.push_back(values[pixel]);
    return batch;
}

bool is_digits_request(const std::string& text) {
    return text.rfind("digits:", 0) == 0;
}

DigitsRequest parse_digits_request(const std::string& text) {
    const auto fail = [&text]() -> InputError {
        return {"'" + text + "'",
                "generated digits are written digits:COUNT or digits:COUNT:SEED, for example digits:100:1"};
    };
    if (!is_digits_request(text)) throw fail();
    DigitsRequest request;
    const char* at = text.data() + 7;
    const char* const end = text.data() + text.size();
    const auto number = [&](auto& value) {
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc{} || next == at) throw fail();
        at = next;
    };
    number(request.count);
    if (at != end) {
        if (*at++ != ':') throw fail();
        number(request.seed);
    }
    if (at != end) throw fail();
    if (request.count < 1 || request.count > kMaxDigits) {
        throw InputError("'" + text + "'", "the number of digits must be 1.." + std::to_string(kMaxDigits));
    }
    return request;
}

}  // namespace bittrue
