#include "word_check.hpp"

#include <algorithm>
#include <limits>

namespace bittrue::emulator {

WordCheck::WordCheck(Format format, InputRange range)
    : format_(format), range_(range), needed_(range.low > raw_min(format) || range.high < raw_max(format)) {}

bool WordCheck::passes(std::int64_t word) const {
    const i128 raw = raw_from_word(word, format_);
    return range_.low <= raw && raw <= range_.high;
}

bool WordCheck::pass(const Planes& planes, int images, const LaneKernels& kernels) const {
    if (!needed_) return true;
    // Of a 64-bit unsigned format the words are patterns, which lanes do not compare as numbers.
    if (!format_.is_signed && format_.width == kMaxStoredWidth) {
        for (std::int64_t e = 0; e < planes.elements; ++e) {
            const std::int64_t* const words = planes.plane<std::int64_t>(e);
            if (!std::all_of(words, words + images, [this](std::int64_t word) { return passes(word); })) return false;
        }
        return true;
    }
    LaneRange seen;
    std::fill_n(seen.low, kLanes, std::numeric_limits<std::int64_t>::max());
    std::fill_n(seen.high, kLanes, std::numeric_limits<std::int64_t>::min());
    kernels.range(planes.type, planes.data, planes.elements, seen);
    return *std::min_element(seen.low, seen.low + images) >= range_.low &&
           *std::max_element(seen.high, seen.high + images) <= range_.high;
}

}  // namespace bittrue::emulator
