#include "settle.hpp"

#include <algorithm>

#include "bittrue/model/error.hpp"
#include "word_parts.hpp"

namespace bittrue {
namespace {

std::size_t at(std::int64_t index) {
    return static_cast<std::size_t>(index);
}

std::string count_text(std::size_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// Integers of a file as patterns of `bits`; rows of bytes, where one of 64 bits does not hold a word. A reason where
// one does not fit.
std::string pack_integers(const FileWords& file, int bits, PackedWords& packed) {
    packed.bits = bits;
    const std::size_t limbs = packed.limbs_per_word();
    if (bits > 64) {
        const auto bytes = static_cast<std::size_t>((bits + 7) / 8);
        if (file.container.width != 8 || file.dims.empty() || at(file.dims.back()) != bytes) {
            return "words of " + std::to_string(bits) + " bits are expected as rows of " + std::to_string(bytes) +
                   " bytes";
        }
        packed.limbs.resize(file.integers.size() / bytes * limbs);
        for (std::size_t i = 0; i < file.integers.size(); ++i) {
            const std::size_t byte = i % bytes;
            const auto value = static_cast<std::uint64_t>(file.integers[i]) & 0xffU;
            packed.limbs[i / bytes * limbs + byte / 8] |= value << (8 * (byte % 8));
        }
        if (bits % 8 == 0) return {};
        for (std::size_t i = 0; i < packed.size(); ++i) {
            if (used_bits(packed.word(i)) > bits) return "word " + std::to_string(i) + " has more bits";
        }
        return {};
    }
    const i128 low = -(i128{1} << (bits - 1)), high = (i128{1} << bits) - 1;
    packed.limbs.reserve(file.integers.size());
    for (std::size_t i = 0; i < file.integers.size(); ++i) {
        const i128 value = raw_from_word(file.integers[i], file.container);
        if (value < low || value > high) {
            return "word " + std::to_string(i) + " does not fit " + count_text(static_cast<std::size_t>(bits), "bit");
        }
        packed.limbs.push_back(static_cast<std::uint64_t>(file.integers[i]) & low_mask(bits));
    }
    return {};
}

// Every word is the sign-extension of its low `width` bits: cuts them to these.
bool narrow_signed(PackedWords& packed, int width) {
    if (packed.bits > 64) return false;
    const Format wide{.width = packed.bits, .integer = packed.bits, .is_signed = true};
    const Format format{.width = width, .integer = width, .is_signed = true};
    for (const std::uint64_t limb : packed.limbs) {
        const std::int64_t word = word_from_pattern(limb, wide);
        if (word != word_from_pattern(limb, format)) return false;
    }
    for (std::uint64_t& limb : packed.limbs) limb &= low_mask(width);
    packed.bits = width;
    return true;
}

// Brings the width of the file's words to that of the packing.
std::string fit_bits(const FileWords& file, PackedWords& packed, const Packing& packing, Format format, int bits,
                     std::vector<std::string>& notes, const std::string& where) {
    const int before = packed.bits;
    if (file.bits_known && before < bits) {
        return "its words have " + std::to_string(before) + " bits instead of " + std::to_string(bits);
    }
    if (narrow(packed, bits)) return {};
    if (packing == Packing{} && format.is_signed && narrow_signed(packed, bits)) {
        notes.push_back(where + ": words of " + std::to_string(before) + " bits are the sign-extension of " +
                        std::to_string(bits) + " bits");
        return {};
    }
    std::size_t wide = 0;
    while (wide < packed.size() && used_bits(packed.word(wide)) <= bits) ++wide;
    return "word " + std::to_string(wide) + " has more than " + std::to_string(bits) + " bits";
}

// The lane columns of a csv say what the words say.
std::string compare_lanes(const FileWords& file, const std::vector<std::int64_t>& words, const Packing& packing,
                          const PackedShape& shape) {
    if (file.lane_values.empty()) return {};
    if (file.lane_values.size() != words.size()) {
        return "its lane columns hold " + count_text(file.lane_values.size(), "integer") + " for " +
               count_text(words.size(), "element");
    }
    const std::vector<std::int64_t> order = element_order(packing, shape);
    const std::int64_t block = shape.dims[0] == 0 ? 1 : static_cast<std::int64_t>(words.size()) / shape.dims[0];
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::int64_t image = static_cast<std::int64_t>(i) / block, place = static_cast<std::int64_t>(i) % block;
        const std::size_t element = order.empty() ? i : at(image * block + order[at(place)]);
        if (file.lane_values[i] != words[element]) {
            const std::int64_t row = image * ((block + packing.lanes - 1) / packing.lanes) + place / packing.lanes;
            return "lane " + std::to_string(place % packing.lanes) + " of word " + std::to_string(row) + " is " +
                   std::to_string(file.lane_values[i]) + ", the hex column says " + std::to_string(words[element]) +
                   "; correct one of the two";
        }
    }
    return {};
}

// Which elements a word with x or z touches, and their bits where the lanes lie plainly.
void settle_undefined(const FileWords& file, const Packing& packing, const PackedShape& shape, const PackingPlan& plan,
                      Settled& result) {
    if (file.undefined.empty()) return;
    const std::vector<std::int64_t> order = element_order(packing, shape);
    const bool plain = !packing.reverse_bits && !packing.reverse_bytes;
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (std::size_t i = 0; i < file.undefined.size(); ++i) {
        const auto word = static_cast<std::int64_t>(file.undefined[i]);
        std::string bits = file.undefined_bits[i].substr(2);
        // A short word is extended by 0, and by x or z where it begins with one.
        const char fill = bits.empty() || bits[0] == '1' ? '0' : bits[0];
        if (bits.size() < at(plan.total_bits)) bits.insert(0, at(plan.total_bits) - bits.size(), fill);
        bits = bits.substr(bits.size() - at(plan.total_bits));
        for (int lane = 0; lane < plan.lanes; ++lane) {
            const std::int64_t place = word % plan.words * plan.lanes + lane;
            if (place >= plan.elements) break;
            const std::size_t end = bits.size() - plan.lane_offset(lane, packing.first_high);
            const std::string own = plain ? bits.substr(end - at(plan.width), at(plan.width)) : bits;
            if (own.find_first_of("xz") == std::string::npos) continue;
            const std::int64_t element = order.empty() ? place : order[at(place)];
            found.emplace_back(word / plan.words * plan.elements + element, "0b" + own);
        }
    }
    std::sort(found.begin(), found.end());
    for (auto& [element, bits] : found) {
        result.undefined.push_back(element);
        result.undefined_bits.push_back(std::move(bits));
    }
}

void settle_decimals(const FileWords& file, Format format, Settled& result) {
    const int precision = std::max(precision_of(file.decimals), 18);
    for (std::size_t i = 0; i < file.decimals.size(); ++i) {
        const auto word = word_of_decimal(file.decimals[i], precision, format);
        if (!word) {
            result.reason =
                "value " + std::to_string(i) + ", " + print_decimal(file.decimals[i]) + ", is no word of the format";
            return;
        }
        result.words.push_back(*word);
    }
}

void settle_integers(FileWords& file, Format format, Settled& result) {
    for (std::size_t i = 0; i < file.integers.size(); ++i) {
        const i128 raw = raw_from_word(file.integers[i], file.container);
        if (raw < raw_min(format) || raw > raw_max(format)) {
            result.reason = "word " + std::to_string(i) + " is no word of " + std::to_string(format.width) +
                            (format.is_signed ? " signed" : " unsigned") + " bits";
            return;
        }
    }
    result.words = std::move(file.integers);
}

void settle_packed(FileWords& file, const Packing& packing, const PackedShape& shape, const PackingPlan& plan,
                   const std::string& where, Settled& result) {
    PackedWords integers;
    if (!file.packed) result.reason = pack_integers(file, plan.total_bits, integers);
    PackedWords& packed = file.packed ? *file.packed : integers;
    const std::size_t expected = at(plan.images * plan.words);
    if (result.reason.empty() && packed.size() != expected) {
        result.reason = "it holds " + count_text(packed.size(), "word") + " instead of " + std::to_string(expected);
    }
    if (result.reason.empty() && file.packed) {
        result.reason = fit_bits(file, packed, packing, shape.format, plan.total_bits, result.notes, where);
    }
    if (!result.reason.empty()) return;
    Unpacked unpacked = unpack(packed, packing, shape, where);
    result.words = std::move(unpacked.words);
    result.notes.insert(result.notes.end(), unpacked.notes.begin(), unpacked.notes.end());
    result.reason = compare_lanes(file, result.words, packing, shape);
    if (result.reason.empty() && file.packed) settle_undefined(file, packing, shape, plan, result);
}

}  // namespace

int precision_of(const std::vector<Decimal>& decimals) {
    int precision = 6;
    for (const Decimal& value : decimals) precision = std::max(precision, significant_digits(value));
    return precision;
}

std::optional<std::int64_t> word_of_decimal(const Decimal& value, int precision, Format format) {
    const RawRange raws = raws_printed_as(value, precision, format);
    if (!raws.exact()) return {};
    return word_from_raw(raws.low);
}

Settled settle(FileWords& file, const Packing& packing, const PackedShape& shape, const std::string& where) {
    Settled result;
    const PackingPlan plan = plan_packing(packing, shape, where);
    const std::size_t elements = at(plan.images * plan.elements);
    const bool by_element = !file.packed && packing == Packing{};
    if (by_element && file.size() != elements) {
        result.reason = "it holds " + count_text(file.size(), "word") + " instead of " + std::to_string(elements);
    } else if (!file.decimals.empty()) {
        if (packing != Packing{}) result.reason = "decimal values have no packing";
        if (result.reason.empty()) settle_decimals(file, shape.format, result);
    } else if (by_element) {
        settle_integers(file, shape.format, result);
    } else {
        settle_packed(file, packing, shape, plan, where, result);
    }
    if (!result.reason.empty()) result.words.clear();
    return result;
}

VectorLayer layer_alone(const FileWords& file, const Packing& packing, std::optional<Format> format,
                        const std::string& where) {
    VectorLayer layer;
    layer.dims = file.dims;
    if (!file.decimals.empty()) {
        layer.decimals = file.decimals;
        layer.precision = precision_of(file.decimals);
    } else if (!file.packed && packing == Packing{}) {
        layer.words = file.integers;
        layer.stored = file.container;
    } else if (packing == Packing{} && file.packed->bits <= 64) {
        layer.words.assign(file.packed->limbs.begin(), file.packed->limbs.end());
        layer.stored = {.width = file.packed->bits, .integer = file.packed->bits, .is_signed = false};
        layer.patterns = true;
        layer.undefined.assign(file.undefined.begin(), file.undefined.end());
        layer.undefined_bits = file.undefined_bits;
    } else {
        const int file_bits = file.packed ? file.packed->bits : file.container.width;
        const int lane = packing.lane_bits != 0 ? packing.lane_bits : file_bits / std::max(1, packing.lanes);
        const int width = format ? format->width : lane;
        if (width < 1 || width > 64) {
            throw InputError(where, "has words of " + std::to_string(file_bits) +
                                        " bits; give the packing (lanes, lane_bits) of its elements");
        }
        const Format element = format ? *format : Format{.width = width, .integer = width, .is_signed = false};
        const PackedShape shape{.format = element, .dims = {1, packing.lanes}, .layout = {}};
        const int bits = packed_bits(packing, shape);
        PackedWords packed;
        std::string reason;
        std::vector<std::string> ignored;
        if (file.packed) {
            packed = *file.packed;
            reason = fit_bits(file, packed, packing, element, bits, ignored, where);
        } else {
            reason = pack_integers(file, bits, packed);
        }
        if (!reason.empty()) throw InputError(where, reason + ", which the packing makes");
        layer.words = unpack_stream(packed, packing, element, where);
        layer.stored = element;
        layer.patterns = !format;
        layer.lanes = packing.lanes;
        layer.dims.clear();
    }
    if (layer.dims.empty() || element_count(layer.dims) != layer.word_count()) layer.dims = {layer.word_count()};
    return layer;
}

namespace {

// Whether the file is this packing of so many whole images, down to its padding.
bool is_packed_so(const FileWords& file, const Packing& packing, const PackedShape& shape) {
    const std::int64_t elements = element_count({shape.dims.begin() + 1, shape.dims.end()});
    const std::int64_t per_image = (elements + packing.lanes - 1) / packing.lanes;
    const auto count = static_cast<std::int64_t>(file.packed->size());
    if (count % per_image != 0) return false;
    PackedShape all = shape;
    all.dims[0] = count / per_image;
    FileWords copy = file;
    const Settled settled = settle(copy, packing, all, "");
    return settled.reason.empty() && settled.notes.empty();
}

// Lanes of the format that fill so many bits, the most first. Digits may stand for `slack` bits more than the word has.
std::vector<Packing> lanes_filling(int bits, int slack, int width) {
    std::vector<Packing> packings;
    for (int lanes = bits / width; lanes > 1; --lanes) {
        // Wider lanes fill the word.
        for (const int lane_bits : {width, bits / lanes}) {
            if (lanes * lane_bits > bits || lanes * lane_bits <= bits - slack) continue;
            packings.push_back({.lanes = lanes, .lane_bits = lane_bits == width ? 0 : lane_bits});
        }
    }
    return packings;
}

}  // namespace

std::optional<Packing> lanes_that_fit(const FileWords& file, const PackedShape& shape) {
    if (!file.packed || shape.dims.empty() || shape.dims[0] == 0) return {};
    const int bits = file.packed->bits;
    const int slack = file.bits_known ? 1 : 4;
    for (Packing packing : lanes_filling(bits, slack, shape.format.width)) {
        for (const bool first_high : {false, true}) {
            for (const bool sign_extend : {false, true}) {
                packing.first_high = first_high;
                packing.sign_extend = sign_extend;
                if (is_packed_so(file, packing, shape)) return packing;
            }
        }
    }
    // {TLAST, TKEEP, TDATA} of D/8 bytes.
    for (int beat = bits; beat > bits - slack; --beat) {
        if (beat % 9 != 1) continue;
        for (Packing packing : lanes_filling(beat / 9 * 8, 1, shape.format.width)) {
            packing.axis = true;
            if (is_packed_so(file, packing, shape)) return packing;
        }
    }
    return {};
}

}  // namespace bittrue
