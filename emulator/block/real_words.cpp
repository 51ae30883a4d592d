#include "real_words.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <vector>

#include <tbb/parallel_for.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "threads.hpp"

namespace bittrue::emulator {
namespace {

constexpr std::size_t kPart = 256;

void put(std::int64_t word, int bytes, std::byte* to) {
    for (int i = 0; i < bytes; ++i) to[i] = static_cast<std::byte>(word >> (8 * i));
}

template <class Narrow>
void narrow(const std::int32_t* from, std::size_t count, std::byte* to) {
    Narrow part[kPart];
    for (std::size_t i = 0; i < count; ++i) part[i] = static_cast<Narrow>(from[i]);
    std::memcpy(to, part, count * sizeof(Narrow));
}

void check_size(const Dims& dims, std::size_t images, std::size_t have, std::size_t each, const char* what,
                const InputSpec& input) {
    if (dims != input.shape.dims) {
        throw InputError("input", "an image has the shape " + print_dims(dims) + ", the network's input is " +
                                      print_dims(input.shape.dims));
    }
    const std::size_t needed = images * static_cast<std::size_t>(input.shape.count()) * each;
    if (have == needed) return;
    throw InputError("input", std::to_string(images) + " images need " + std::to_string(needed) + " " + what +
                                  ", there are " + std::to_string(have));
}

}  // namespace

RealWords::RealWords(const FixedType& type, const LaneKernels& kernels)
    : type_(type), kernels_(kernels), bytes_(word_bytes(type.format)) {
    constexpr int kMaxFrac = 1000;
    const int frac = type.format.frac();
    fast_ = frac >= 0 && frac <= kMaxFrac && type.format.width <= 31;
    if (!fast_) return;
    cast_ = {.scale = std::ldexp(1.0, frac),
             .low = static_cast<double>(range_min(type)),
             .high = static_cast<double>(range_max(type)),
             .rounding = type.rounding,
             .clamps = type.overflow == Overflow::Sat || type.overflow == Overflow::SatSym};
}

bool RealWords::convert_part(const double* values, std::size_t count, std::byte* words, EventCounts& counts) const {
    std::int32_t narrow_words[kPart];
    EventCounts fast;
    std::size_t done = 0;
    while (done < count) {
        const std::size_t more =
            fast_ ? kernels_.reals(values + done, count - done, cast_, narrow_words, fast) : std::size_t{0};
        std::byte* const to = words + done * static_cast<std::size_t>(bytes_);
        if (bytes_ == 1) narrow<std::int8_t>(narrow_words, more, to);
        if (bytes_ == 2) narrow<std::int16_t>(narrow_words, more, to);
        if (bytes_ == 4) narrow<std::int32_t>(narrow_words, more, to);
        fast.conversions += more;
        done += more;
        // A vector that is not for the kernel, or the rest.
        constexpr std::size_t kVector = 8;
        const std::size_t stop = std::min(count, done + kVector);
        for (; done < stop; ++done) {
            if (!std::isfinite(values[done])) return false;
            const Converted one = quantize_real(values[done], type_);
            put(one.word, bytes_, words + done * static_cast<std::size_t>(bytes_));
            counts.add(one.events);
        }
    }
    fast.saturations = fast.overflows();  // the kernel takes overflows only where they saturate
    counts += fast;
    return true;
}

bool RealWords::operator()(const double* values, std::size_t count, std::byte* words, EventCounts& counts) const {
    for (std::size_t first = 0; first < count; first += kPart) {
        std::byte* const to = words + first * static_cast<std::size_t>(bytes_);
        if (!convert_part(values + first, std::min(kPart, count - first), to, counts)) return false;
    }
    return true;
}

void check_sizes(const InputBatch& batch, const InputSpec& input) {
    check_size(batch.dims, batch.images, batch.values.size(), 1, "values", input);
}

void check_finite(const InputBatch& batch) {
    const auto size = static_cast<std::size_t>(element_count(batch.dims));
    for (std::size_t i = 0; i < batch.values.size(); ++i) {
        if (std::isfinite(batch.values[i])) continue;
        throw InputError("input", "image " + std::to_string(i / size) + " has a value that is not finite at index " +
                                      std::to_string(i % size) + "; only finite numbers have a fixed-point word");
    }
}

void check_words(const WordBatch& batch, const InputSpec& input) {
    const bool valid = batch.bytes == 1 || batch.bytes == 2 || batch.bytes == 4 || batch.bytes == 8;
    if (!valid) throw InputError("input", std::to_string(batch.bytes) + " bytes are no word; 1, 2, 4 or 8 are");
    check_size(batch.dims, batch.images, batch.data.size(), static_cast<std::size_t>(batch.bytes), "bytes", input);
    const Format format = input.type.format;
    if (format.width == 8 * batch.bytes) return;
    if (format.width > 8 * batch.bytes) {
        throw InputError("input", "words of " + std::to_string(batch.bytes) + " bytes do not hold the network's " +
                                      std::to_string(format.width) + " bits");
    }
    const auto size = static_cast<std::size_t>(input.shape.count());
    for (std::size_t i = 0; i < batch.images * size; ++i) {
        const i128 word = batch.word(i, format);
        if (word >= raw_min(format) && word <= raw_max(format)) continue;
        throw InputError("input", "image " + std::to_string(i / size) + " has the word " +
                                      std::to_string(static_cast<std::int64_t>(word)) + " at index " +
                                      std::to_string(i % size) + ", which the input's " + std::to_string(format.width) +
                                      " bits do not hold");
    }
}

WordBatch words_of(const InputBatch& batch, const FixedType& type, int threads) {
    const RealWords convert(type, lane_kernels(best_isa()));
    const std::size_t size = batch.images == 0 ? 0 : batch.values.size() / batch.images;
    check_sizes(batch, {.shape = {.layout = Layout::Vector, .dims = batch.dims}, .type = type});
    const auto bytes = static_cast<std::size_t>(convert.bytes());
    WordBatch words{.images = batch.images,
                    .dims = batch.dims,
                    .bytes = convert.bytes(),
                    .data = std::vector<std::byte>(batch.values.size() * bytes)};
    std::mutex mutex;
    const std::size_t blocks = (batch.images + kLanes - 1) / kLanes;
    on_threads(threads, [&] {
        tbb::parallel_for(std::size_t{0}, blocks, [&](std::size_t block) {
            const std::size_t first = block * kLanes * size;
            const std::size_t last = std::min(first + kLanes * size, batch.values.size());
            EventCounts counts;
            if (!convert(batch.values.data() + first, last - first, words.data.data() + first * bytes, counts))
                check_finite(batch);
            const std::lock_guard lock(mutex);
            words.cast += counts;
        });
    });
    return words;
}

}  // namespace bittrue::emulator
