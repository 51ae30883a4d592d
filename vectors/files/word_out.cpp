#include <array>
#include <cstring>

#include "bittrue/model/error.hpp"
#include "word_parts.hpp"

namespace bittrue {
namespace {

// The two digits of each byte.
using Pairs = std::array<std::array<char, 2>, 256>;

constexpr Pairs pairs_of(const char* digits) {
    Pairs pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {digits[i >> 4], digits[i & 15]};
    return pairs;
}
constexpr Pairs kLower = pairs_of("0123456789abcdef");
constexpr Pairs kUpper = pairs_of("0123456789ABCDEF");

char* put_digits(char* at, std::uint64_t value, int digits, const Pairs& pairs) {
    if (digits % 2 != 0) {
        *at++ = pairs[value >> (4 * (digits - 1)) & 15U][1];
        --digits;
    }
    for (int shift = 4 * digits - 8; shift >= 0; shift -= 8) {
        std::memcpy(at, pairs[value >> shift & 0xffU].data(), 2);
        at += 2;
    }
    return at;
}

char* put_digits(char* at, ConstLimbs word, int digits, const Pairs& pairs) {
    for (auto limb = static_cast<std::size_t>((digits + 15) / 16); limb-- > 0;) {
        const int below = static_cast<int>(16 * limb);
        at = put_digits(at, word[limb], digits - below, pairs);
        digits = below;
    }
    return at;
}

}  // namespace

char* put_hex(char* at, std::uint64_t value, int digits) {
    return put_digits(at, value, digits, kLower);
}

void TextOut::put(std::string_view text) {
    while (!text.empty()) {
        const std::string_view part = text.substr(0, kMaxRoom);
        char* at = room(part.size());
        std::memcpy(at, part.data(), part.size());
        used(at + part.size());
        text.remove_prefix(part.size());
    }
}

void TextOut::hex(ConstLimbs word, int digits) {
    used(put_digits(room(static_cast<std::size_t>(digits)), word, digits, kLower));
}
void TextOut::hex_upper(ConstLimbs word, int digits) {
    used(put_digits(room(static_cast<std::size_t>(digits)), word, digits, kUpper));
}

void TextOut::binary(ConstLimbs word, int digits) {
    char* at = room(static_cast<std::size_t>(digits));
    for (auto bit = static_cast<std::size_t>(digits); bit-- > 0;) {
        *at++ = (word[bit / 64] >> (bit % 64) & 1U) != 0 ? '1' : '0';
    }
    used(at);
}

void TextOut::flush() {
    if (used_ > 0) sink_(std::string_view(buffer_.data(), used_));
    used_ = 0;
}

WordSource::WordSource(std::span<const std::int64_t> words, const WordFileContext& context)
    : words_(words), context_(context), packer_(context.packing, context.shape, context.name) {
    if (static_cast<std::int64_t>(words.size()) != element_count(context.shape.dims)) {
        throw std::logic_error("encode_words: " + context.name + " has " + std::to_string(words.size()) +
                               " words for " + print_dims(context.shape.dims));
    }
}

void WordSource::refuse(const std::string& reason) const {
    throw InputError(context_.name, reason);
}

void WordSource::pieces(const std::function<void(const PackedWords& words, std::int64_t first)>& take) const {
    constexpr std::int64_t kPiece = 1 << 16;
    const PackingPlan& sizes = plan();
    if (sizes.elements == 0) return;
    const std::int64_t images = std::max<std::int64_t>(1, kPiece / sizes.elements);
    PackedWords packed;
    for (std::int64_t image = 0; image < sizes.images; image += images) {
        const std::int64_t first = image * sizes.elements;
        const std::int64_t count = std::min(images, sizes.images - image) * sizes.elements;
        packer_.pack(words_.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)), first, packed);
        take(packed, image * sizes.words);
    }
}

}  // namespace bittrue
