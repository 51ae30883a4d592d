// Between planes and the words of images (images first, 64 bits or narrow).
#pragma once

#include <span>

#include "bittrue/model/engine.hpp"
#include "lane_kernels.hpp"

namespace bittrue::emulator {

// The first `elements` rows as words of `images` images, image after image. Unsigned planes are zero-extended.
void words_of_planes(const Planes& planes, std::int64_t elements, int images, std::int64_t* words);

// And back; lanes behind the last image become zero.
void planes_of_words(const std::int64_t* words, std::int64_t elements, int images, const Planes& planes);

// Narrow words: `bytes` per word, as in WordBatch, sign- or zero-extended by `format`. images[l] is where image l
// stands.
void planes_of_narrow(std::span<const std::byte* const> images, int bytes, Format format, std::int64_t elements,
                      const LaneKernels& kernels, const Planes& planes);
void narrow_of_planes(const Planes& planes, std::int64_t elements, int bytes, const LaneKernels& kernels,
                      std::span<std::byte* const> images);

}  // namespace bittrue::emulator
