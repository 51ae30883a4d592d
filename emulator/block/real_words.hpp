// Reals of images into narrow words (rule I2).
#pragma once

#include "bittrue/model/engine.hpp"
#include "lane_kernels.hpp"

namespace bittrue::emulator {

class RealWords {
public:
    RealWords(const FixedType& type, const LaneKernels& kernels);

    [[nodiscard]] int bytes() const { return bytes_; }  // of a word: word_bytes(type.format)

    // `count` values to words one behind the other; their conversions are added to `counts`. False when one of them is
    // not finite.
    [[nodiscard]] bool operator()(const double* values, std::size_t count, std::byte* words, EventCounts& counts) const;

private:
    [[nodiscard]] bool convert_part(const double* values, std::size_t count, std::byte* words,
                                    EventCounts& counts) const;

    FixedType type_;
    const LaneKernels& kernels_;
    int bytes_;
    bool fast_ = false;
    RealCast cast_{};
};

// InputError when dims or the number of values do not fit the shape.
void check_sizes(const InputBatch& batch, const InputSpec& input);
// InputError that names the first value that is not finite.
void check_finite(const InputBatch& batch);
// InputError when dims or sizes do not fit, or a word is none of the format.
void check_words(const WordBatch& batch, const InputSpec& input);

}  // namespace bittrue::emulator
