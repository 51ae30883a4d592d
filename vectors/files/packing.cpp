#include "bittrue/vectors/packing.hpp"

#include <stdexcept>

#include "bit_string.hpp"
#include "bittrue/model/error.hpp"
#include "packer.hpp"

namespace bittrue {
namespace {

std::size_t at(std::int64_t index) {
    return static_cast<std::size_t>(index);
}

// A kind of deviation: how often, and where first.
struct Oddity {
    std::int64_t count = 0;
    std::int64_t first = 0;
    void operator()(std::int64_t word) {
        if (count++ == 0) first = word;
    }
};

}  // namespace

std::size_t first_misfit(std::span<const std::int64_t> words, Format format) {
    if (format.width == 64) return words.size();
    std::uint64_t wrong = 0;
    const unsigned shift = 64U - static_cast<unsigned>(format.width);
    if (format.is_signed) {
        for (const std::int64_t word : words) {
            const std::int64_t kept = static_cast<std::int64_t>(static_cast<std::uint64_t>(word) << shift) >> shift;
            wrong |= static_cast<std::uint64_t>(word ^ kept);
        }
    } else {
        for (const std::int64_t word : words) wrong |= static_cast<std::uint64_t>(word) >> format.width;
    }
    if (wrong == 0) return words.size();
    std::size_t i = 0;
    while (words[i] == word_from_pattern(pattern_from_word(words[i], format), format)) ++i;
    return i;
}

// What the bits around the elements are, against what the packing says.
struct Packer::Oddities {
    Oddity above{}, pad{}, empty{}, keep{}, last{};

    void say(const std::string& where, std::vector<std::string>& notes) const {
        const auto one = [&](const Oddity& oddity, const std::string& what) {
            if (oddity.count == 0) return;
            notes.push_back(where + ": " + what + " in " + std::to_string(oddity.count) +
                            (oddity.count == 1 ? " word" : " words") + ", first in word " +
                            std::to_string(oddity.first));
        };
        one(above, "bits above the lanes are not 0");
        one(pad, "lane bits above the element are not what the packing says");
        one(empty, "lanes that are empty are not 0");
        one(keep, "TKEEP is not what the number of lanes says");
        one(last, "TLAST is not 1 in the last beat of an image alone");
    }
};

Packer::Packer(const Packing& packing, const PackedShape& shape, const std::string& where)
    : packing_(packing),
      format_(shape.format),
      where_(where),
      plan_(plan_packing(packing, shape, where)),
      order_(element_order(packing, shape)) {}

bool Packer::is_narrow() const {
    return plan_.total_bits <= 64 && !packing_.reverse_bits && !packing_.reverse_bytes && !packing_.axis;
}

bool Packer::is_plain() const {
    return is_narrow() && plan_.lanes == 1 && order_.empty();
}

void Packer::check_words(std::span<const std::int64_t> words, std::int64_t first_element) const {
    const std::size_t wrong = first_misfit(words, format_);
    if (wrong == words.size()) return;
    throw InputError(where_, "element " + std::to_string(first_element + static_cast<std::int64_t>(wrong)) + " is " +
                                 std::to_string(words[wrong]) + ", which is no word of " +
                                 std::to_string(format_.width) + (format_.is_signed ? " signed" : " unsigned") +
                                 " bits");
}

void Packer::pack(std::span<const std::int64_t> words, std::int64_t first_element, PackedWords& out) const {
    const std::int64_t images = plan_.elements == 0 ? 0 : static_cast<std::int64_t>(words.size()) / plan_.elements;
    if (at(images * plan_.elements) != words.size()) {
        throw std::logic_error("Packer::pack: " + std::to_string(words.size()) + " words for images of " +
                               std::to_string(plan_.elements));
    }
    check_words(words, first_element);
    out.bits = plan_.total_bits;
    const std::size_t limbs = out.limbs_per_word();
    if (is_plain()) {
        out.limbs.resize(words.size());
        pack_plain(words, out);
        return;
    }
    out.limbs.assign(at(images * plan_.words) * limbs, 0);
    if (is_narrow()) {
        pack_narrow(words, out);
        return;
    }
    std::span<std::uint64_t> rest(out.limbs);
    for (std::int64_t image = 0; image < images; ++image) {
        const auto block = words.subspan(at(image * plan_.elements), at(plan_.elements));
        for (std::int64_t first = 0; first < plan_.elements; first += plan_.lanes) {
            pack_word(block, first, rest.first(limbs));
            rest = rest.subspan(limbs);
        }
    }
}

void Packer::pack_plain(std::span<const std::int64_t> words, PackedWords& out) const {
    const bool extend = packing_.sign_extend && format_.is_signed;
    const std::uint64_t mask = low_mask(extend ? plan_.lane_bits : plan_.width);
    for (std::size_t i = 0; i < words.size(); ++i) out.limbs[i] = static_cast<std::uint64_t>(words[i]) & mask;
}

void Packer::pack_narrow(std::span<const std::int64_t> words, PackedWords& out) const {
    const bool extend = packing_.sign_extend && format_.is_signed;
    const std::uint64_t mask = low_mask(extend ? plan_.lane_bits : plan_.width);
    std::uint64_t* word = out.limbs.data();
    for (const std::int64_t* image = words.data(); image != words.data() + words.size(); image += plan_.elements) {
        for (std::int64_t first = 0; first < plan_.elements; first += plan_.lanes, ++word) {
            const std::int64_t present = std::min<std::int64_t>(plan_.lanes, plan_.elements - first);
            for (std::int64_t lane = 0; lane < present; ++lane) {
                const auto element = static_cast<std::uint64_t>(image[place(first + lane)]) & mask;
                *word |= element << plan_.lane_offset(static_cast<int>(lane), packing_.first_high);
            }
        }
    }
}

void Packer::pack_word(std::span<const std::int64_t> image, std::int64_t first, std::span<std::uint64_t> word) const {
    const auto present = static_cast<int>(std::min<std::int64_t>(plan_.lanes, plan_.elements - first));
    const auto pad = static_cast<std::size_t>(plan_.lane_bits - plan_.width);
    for (int lane = 0; lane < present; ++lane) {
        const std::int64_t element = image[place(first + lane)];
        const std::size_t offset = plan_.lane_offset(lane, packing_.first_high);
        put_bits(word, offset, plan_.width, pattern_from_word(element, format_));
        if (pad != 0 && packing_.sign_extend && format_.is_signed && element < 0) {
            put_ones(word, offset + static_cast<std::size_t>(plan_.width), pad);
        }
    }
    const auto data = word.first(at((plan_.data_bits + 63) / 64));
    if (packing_.reverse_bits) reverse_bits(data, plan_.data_bits);
    if (packing_.reverse_bytes) reverse_bytes(data, plan_.data_bits);
    if (!packing_.axis) return;
    const int bytes = plan_.data_bits / 8;
    for (int from = 0; from < bytes; from += 64) {
        put_bits(word, static_cast<std::size_t>(plan_.data_bits + from), std::min(64, bytes - from),
                 keep_of(present, from));
    }
    if (first + plan_.lanes >= plan_.elements) put_bits(word, static_cast<std::size_t>(plan_.total_bits - 1), 1, 1);
}

// Whether a byte of TDATA, counted as it lies in the beat, holds a bit of one of the first `present` lanes.
bool Packer::byte_present(int byte, int present) const {
    const int bytes = plan_.data_bits / 8;
    if (packing_.reverse_bits != packing_.reverse_bytes) byte = bytes - 1 - byte;
    const std::int64_t low = 8 * std::int64_t{byte}, high = low + 8, lane = plan_.lane_bits;
    const std::int64_t end = std::int64_t{plan_.lanes} * lane;
    if (packing_.first_high) return high > (plan_.lanes - present) * lane && low < end;
    return low < present * lane;
}

std::uint64_t Packer::keep_of(int present, int from) const {
    std::uint64_t keep = 0;
    const int count = std::min(64, plan_.data_bits / 8 - from);
    if (present == plan_.lanes) return low_mask(count);
    for (int i = 0; i < count; ++i) {
        if (byte_present(from + i, present)) keep |= std::uint64_t{1} << i;
    }
    return keep;
}

Unpacked Packer::unpack(const PackedWords& packed) const {
    if (packed.bits != plan_.total_bits) {
        throw InputError(where_, "has words of " + std::to_string(packed.bits) + " bits; the packing makes words of " +
                                     std::to_string(plan_.total_bits));
    }
    if (packed.size() != at(plan_.images * plan_.words)) {
        throw InputError(where_, "has " + std::to_string(packed.size()) + " words instead of " +
                                     std::to_string(plan_.images * plan_.words) + ", " + std::to_string(plan_.words) +
                                     " for each of " + std::to_string(plan_.images) +
                                     (plan_.images == 1 ? " image" : " images"));
    }
    Unpacked result;
    if (is_plain() && unpack_plain(packed, result)) return result;
    result.words.resize(at(plan_.images * plan_.elements));
    if (is_narrow() && unpack_narrow(packed, result)) return result;
    Oddities odd;
    std::vector<std::uint64_t> scratch(packed.limbs_per_word());
    for (std::int64_t image = 0, index = 0; image < plan_.images; ++image) {
        std::int64_t* block = result.words.data() + image * plan_.elements;
        for (std::int64_t first = 0; first < plan_.elements; first += plan_.lanes, ++index) {
            const ConstLimbs word = packed.word(at(index));
            std::copy(word.begin(), word.end(), scratch.begin());
            unpack_word(scratch, first, index, block, odd);
        }
    }
    odd.say(where_, result.notes);
    return result;
}

// False when padding is not what the packing says: the slow way then finds out where.
bool Packer::unpack_plain(const PackedWords& packed, Unpacked& result) const {
    const unsigned shift = 64U - static_cast<unsigned>(plan_.width);
    const bool extend = packing_.sign_extend && format_.is_signed;
    const std::uint64_t mask = low_mask(extend ? plan_.lane_bits : plan_.width);
    std::uint64_t wrong = 0;
    result.words.assign(packed.limbs.begin(), packed.limbs.end());
    for (std::size_t i = 0; i < packed.limbs.size(); ++i) {
        const std::uint64_t pattern = packed.limbs[i] << shift;
        const std::int64_t word = format_.is_signed ? static_cast<std::int64_t>(pattern) >> shift
                                                    : static_cast<std::int64_t>(pattern >> shift);
        result.words[i] = word;
        wrong |= packed.limbs[i] ^ (static_cast<std::uint64_t>(word) & mask);
    }
    return wrong == 0;
}

bool Packer::unpack_narrow(const PackedWords& packed, Unpacked& result) const {
    const unsigned shift = 64U - static_cast<unsigned>(plan_.width);
    const bool extend = packing_.sign_extend && format_.is_signed;
    const std::uint64_t mask = low_mask(extend ? plan_.lane_bits : plan_.width);
    std::uint64_t wrong = 0;
    const std::uint64_t* word = packed.limbs.data();
    std::int64_t* const end = result.words.data() + result.words.size();
    for (std::int64_t* image = result.words.data(); image != end; image += plan_.elements) {
        for (std::int64_t first = 0; first < plan_.elements; first += plan_.lanes, ++word) {
            const std::int64_t present = std::min<std::int64_t>(plan_.lanes, plan_.elements - first);
            std::uint64_t again = 0;
            for (std::int64_t lane = 0; lane < present; ++lane) {
                const std::size_t offset = plan_.lane_offset(static_cast<int>(lane), packing_.first_high);
                const std::uint64_t pattern = *word >> offset << shift;
                const std::int64_t element = format_.is_signed ? static_cast<std::int64_t>(pattern) >> shift
                                                               : static_cast<std::int64_t>(pattern >> shift);
                image[place(first + lane)] = element;
                again |= (static_cast<std::uint64_t>(element) & mask) << offset;
            }
            wrong |= again ^ *word;
        }
    }
    return wrong == 0;
}

void Packer::unpack_word(std::span<std::uint64_t> word, std::int64_t first, std::int64_t index, std::int64_t* image,
                         Oddities& odd) const {
    const auto present = static_cast<int>(std::min<std::int64_t>(plan_.lanes, plan_.elements - first));
    if (packing_.axis) {
        const int bytes = plan_.data_bits / 8;
        bool same = true;
        for (int from = 0; from < bytes; from += 64) {
            const auto keep =
                get_bits(word, static_cast<std::size_t>(plan_.data_bits + from), std::min(64, bytes - from));
            same = same && keep == keep_of(present, from);
        }
        if (!same) odd.keep(index);
        const bool last = get_bits(word, static_cast<std::size_t>(plan_.total_bits - 1), 1) != 0;
        if (last != (first + plan_.lanes >= plan_.elements)) odd.last(index);
        for (std::size_t bit = static_cast<std::size_t>(plan_.data_bits); bit < word.size() * 64;
             bit = (bit / 64 + 1) * 64) {
            word[bit / 64] &= low_mask(static_cast<int>(bit % 64));
        }
        word = word.first(at((plan_.data_bits + 63) / 64));
    }
    if (packing_.reverse_bytes) reverse_bytes(word, plan_.data_bits);
    if (packing_.reverse_bits) reverse_bits(word, plan_.data_bits);
    for (int lane = 0; lane < plan_.lanes; ++lane) {
        const std::size_t offset = plan_.lane_offset(lane, packing_.first_high);
        const std::size_t end = offset + static_cast<std::size_t>(plan_.lane_bits);
        if (lane >= present) {
            if (!all_bits_are(word, offset, end, false)) odd.empty(index);
            continue;
        }
        const std::int64_t element = word_from_pattern(get_bits(word, offset, plan_.width), format_);
        image[place(first + lane)] = element;
        const bool ones = packing_.sign_extend && format_.is_signed && element < 0;
        if (!all_bits_are(word, offset + static_cast<std::size_t>(plan_.width), end, ones)) odd.pad(index);
    }
    const auto used = static_cast<std::size_t>(plan_.lanes) * static_cast<std::size_t>(plan_.lane_bits);
    if (!all_bits_are(word, used, static_cast<std::size_t>(plan_.data_bits), false)) odd.above(index);
}

PackedWords pack(std::span<const std::int64_t> words, const Packing& packing, const PackedShape& shape,
                 const std::string& where) {
    const Packer packer(packing, shape, where);
    if (static_cast<std::int64_t>(words.size()) != element_count(shape.dims)) {
        throw std::logic_error("pack: " + std::to_string(words.size()) + " words for " + print_dims(shape.dims));
    }
    PackedWords packed;
    packer.pack(words, 0, packed);
    return packed;
}

Unpacked unpack(const PackedWords& packed, const Packing& packing, const PackedShape& shape, const std::string& where) {
    return Packer(packing, shape, where).unpack(packed);
}

std::vector<std::int64_t> unpack_stream(const PackedWords& packed, const Packing& packing, Format format,
                                        const std::string& where) {
    if (packing.order != ElementOrder::Storage || packing.pe != 0 || packing.simd != 0) {
        throw InputError(where, "a stream of unknown shape is read without order, pe and simd");
    }
    // As one image of full beats, from which the lanes that TKEEP leaves out are then dropped.
    const auto count = static_cast<std::int64_t>(packed.size());
    const PackedShape shape{.format = format, .dims = {1, count * packing.lanes}, .layout = {}};
    const Packer packer(packing, shape, where);
    std::vector<std::int64_t> words = packer.unpack(packed).words;
    if (!packing.axis) return words;
    const PackingPlan& plan = packer.plan();
    const int bytes = plan.data_bits / 8;
    const bool turned = packing.reverse_bits != packing.reverse_bytes;
    std::size_t kept = 0;
    for (std::int64_t index = 0; index < count; ++index) {
        const ConstLimbs word = packed.word(at(index));
        for (int lane = 0; lane < plan.lanes; ++lane) {
            const std::size_t offset = plan.lane_offset(lane, packing.first_high);
            bool present = true;
            for (std::size_t byte = offset / 8; present && byte * 8 < offset + static_cast<std::size_t>(plan.lane_bits);
                 ++byte) {
                const std::size_t bit = turned ? static_cast<std::size_t>(bytes) - 1 - byte : byte;
                present = get_bits(word, static_cast<std::size_t>(plan.data_bits) + bit, 1) != 0;
            }
            if (present) words[kept++] = words[at(index * plan.lanes + lane)];
        }
    }
    words.resize(kept);
    return words;
}

}  // namespace bittrue
