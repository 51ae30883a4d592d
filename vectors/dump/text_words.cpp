#include "dump/text_words.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "dump/digits.hpp"
#include "dump/index_order.hpp"
#include "files/bit_string.hpp"

namespace bittrue::dump {
namespace {

std::size_t at(std::int64_t index) {
    return static_cast<std::size_t>(index);
}

template <class T>
void keep_part(std::vector<T>& all, std::size_t first, std::size_t count) {
    if (all.empty()) return;
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(first + count), all.end());
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
}

}  // namespace

bool TextWords::add(std::string_view text) {
    switch (kind_) {
        case TextKind::Hex: {
            const std::string bits = binary_of(text);
            return add_bits(bits);
        }
        case TextKind::Binary: {
            std::string bits(text.starts_with("0b") || text.starts_with("0B") ? text.substr(2) : text);
            std::erase(bits, '_');
            return add_bits(bits);
        }
        case TextKind::Signed:
        case TextKind::Unsigned: return add_integer(text);
        case TextKind::Value: {
            const std::optional<Decimal> value = parse_decimal(text);
            if (!value) return false;
            digits_ = std::max(digits_, significant_digits(*value));
            decimals_.push_back(*value);
            return true;
        }
    }
    return false;
}

bool TextWords::add_bits(std::string_view digits) {
    if (digits.empty() || digits.size() > static_cast<std::size_t>(kMaxPackedBits)) return false;
    if (!std::all_of(digits.begin(), digits.end(), is_bit_digit)) return false;
    widen((digits.size() + 63) / 64);
    bits_ = std::max(bits_, static_cast<int>(digits.size()));
    const std::size_t first = values_.size();
    values_.resize(first + limbs_);
    const bool known = digits.find_first_not_of("01") == std::string_view::npos;
    if (!known && unknown_.empty()) unknown_.resize(first);
    if (!known || !unknown_.empty()) unknown_.resize(first + limbs_);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const char c = digits[digits.size() - 1 - i];
        const std::uint64_t mask = std::uint64_t{1} << (i % 64);
        const bool z = c == 'z' || c == 'Z';
        const bool one = c == '1' || c == 'H' || c == 'h';
        if (one || z) values_[first + i / 64] |= mask;
        if (!one && c != '0' && c != 'L' && c != 'l') unknown_[first + i / 64] |= mask;
    }
    return true;
}

void TextWords::widen(std::size_t limbs) {
    if (limbs <= limbs_) return;
    for (std::vector<std::uint64_t>* all : {&values_, &unknown_}) {
        std::vector<std::uint64_t> wide(all->size() / limbs_ * limbs);
        for (std::size_t i = 0; i < all->size(); ++i) wide[i / limbs_ * limbs + i % limbs_] = (*all)[i];
        *all = std::move(wide);
    }
    limbs_ = limbs;
}

bool TextWords::add_integer(std::string_view text) {
    if (text == "x" || text == "X" || text == "z" || text == "Z") {
        undefined_.resize(integers_.size());
        undefined_.push_back(text == "z" || text == "Z" ? 'z' : 'x');
        integers_.push_back(0);
        return true;
    }
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return false;
    }
    const char* const stop = text.data() + text.size();
    std::int64_t value = 0;
    auto [rest, error] = std::from_chars(text.data(), stop, value);
    if (error == std::errc::result_out_of_range && !text.starts_with('-')) {
        std::uint64_t pattern = 0;
        const auto wide = std::from_chars(text.data(), stop, pattern);
        rest = wide.ptr;
        error = wide.ec;
        beyond_int64_ = beyond_int64_ || error == std::errc();
        value = static_cast<std::int64_t>(pattern);
    } else if (error == std::errc() && value < 0) {
        if (kind_ == TextKind::Unsigned) return false;
        negative_ = true;
    }
    if (error != std::errc() || rest != stop || text.empty() || (beyond_int64_ && negative_)) return false;
    integers_.push_back(value);
    if (!undefined_.empty()) undefined_.push_back(0);
    return true;
}

void TextWords::place(std::int64_t index, std::uint64_t line) {
    indices_.push_back(index);
    lines_.push_back(line);
}

std::int64_t TextWords::count() const {
    return static_cast<std::int64_t>(values_.size() / limbs_ + integers_.size() + decimals_.size());
}

void TextWords::keep(std::int64_t first, std::int64_t count) {
    keep_part(values_, at(first) * limbs_, at(count) * limbs_);
    keep_part(unknown_, at(first) * limbs_, at(count) * limbs_);
    keep_part(integers_, at(first), at(count));
    keep_part(undefined_, at(first), at(count));
    keep_part(decimals_, at(first), at(count));
}

bool TextWords::equal_values(std::int64_t first, std::int64_t other, std::int64_t count) const {
    const auto from = decimals_.begin() + first;
    return std::equal(from, from + count, decimals_.begin() + other);
}

bool TextWords::equal(std::size_t a, std::size_t b) const {
    if (kind_ == TextKind::Value) return decimals_[a] == decimals_[b];
    if (!integers_.empty()) {
        return integers_[a] == integers_[b] && (undefined_.empty() || undefined_[a] == undefined_[b]);
    }
    for (std::size_t i = 0; i < limbs_; ++i) {
        if (values_[a * limbs_ + i] != values_[b * limbs_ + i]) return false;
        if (!unknown_.empty() && unknown_[a * limbs_ + i] != unknown_[b * limbs_ + i]) return false;
    }
    return true;
}

void TextWords::order(const LayerFacts& facts, const std::string& path, const std::string& where,
                      std::vector<std::string>& notes) {
    if (indices_.empty()) return;
    const IndexOrder placed = order_by_index(
        indices_, facts.expected, [&](std::size_t a, std::size_t b) { return equal(a, b); },
        [&](std::size_t entry) { return path + ":" + std::to_string(lines_[entry]); }, where);
    notes.insert(notes.end(), placed.notes.begin(), placed.notes.end());
    if (placed.holes > 0 && kind_ == TextKind::Value) {
        throw InputError(where,
                         fmt::format("{} words are missing, the first has index {}", placed.holes, placed.first_hole));
    }
    rearrange(placed.entries);
    indices_.clear();
    lines_.clear();
}

// Place i gets word entries[i]; -1 is a word that nobody wrote, all x.
void TextWords::rearrange(const std::vector<std::int64_t>& entries) {
    TextWords sorted(kind_);
    const bool holes = std::find(entries.begin(), entries.end(), -1) != entries.end();
    const bool bits = kind_ == TextKind::Hex || kind_ == TextKind::Binary;
    for (const std::int64_t entry : entries) {
        if (kind_ == TextKind::Value) {
            sorted.decimals_.push_back(decimals_[at(entry)]);
        } else if (!bits) {
            sorted.integers_.push_back(entry < 0 ? 0 : integers_[at(entry)]);
            if (holes || !undefined_.empty()) {
                sorted.undefined_.push_back(entry < 0 ? 'x' : undefined_.empty() ? '\0' : undefined_[at(entry)]);
            }
        } else {
            for (std::size_t i = 0; i < limbs_; ++i) {
                const std::size_t from = at(std::max<std::int64_t>(entry, 0)) * limbs_ + i;
                const int used = std::clamp(bits_ - static_cast<int>(64 * i), 0, 64);
                sorted.values_.push_back(entry < 0 ? 0 : values_[from]);
                if (holes || !unknown_.empty()) {
                    sorted.unknown_.push_back(entry < 0 ? low_mask(used) : unknown_.empty() ? 0 : unknown_[from]);
                }
            }
        }
    }
    values_ = std::move(sorted.values_);
    unknown_ = std::move(sorted.unknown_);
    integers_ = std::move(sorted.integers_);
    undefined_ = std::move(sorted.undefined_);
    decimals_ = std::move(sorted.decimals_);
}

VectorLayer TextWords::layer(const DumpSource& source, const VectorSet* schema, const std::string& path,
                             std::vector<std::string>& notes) {
    const LayerFacts facts = layer_facts(source, schema);
    const std::string where = path + ": layer '" + source.layer + "'";
    order(facts, path, where, notes);
    if (source.skip > 0 || source.count >= 0) {
        const std::int64_t first = std::min(source.skip, count());
        keep(first, source.count < 0 ? count() - first : std::min(source.count, count() - first));
    }
    const bool packed = source.packing != Packing{};
    if (kind_ == TextKind::Value) {
        if (packed) throw InputError(where, "decimal values are not packed; leave out the packing");
        return value_layer(source, facts);
    }
    const bool bits = kind_ == TextKind::Hex || kind_ == TextKind::Binary;
    return bits || packed ? bits_layer(source, facts, where, notes) : integer_layer(source, facts);
}

// Packed words that were printed as integers.
void TextWords::integers_to_bits(int width, const std::string& where) {
    if (width > 64) throw InputError(where, "packed words of more than 64 bits must be hexadecimal or binary");
    for (std::size_t i = 0; i < integers_.size(); ++i) {
        const auto word = static_cast<std::uint64_t>(integers_[i]) & low_mask(width);
        const bool fits = integers_[i] >= 0 || beyond_int64_
                              ? word == static_cast<std::uint64_t>(integers_[i])
                              : integers_[i] >= -static_cast<std::int64_t>(std::uint64_t{1} << (width - 1));
        if (!fits && width < 64) {
            throw InputError(where, fmt::format("word {} is {}, which does not fit {} bits", i, integers_[i], width));
        }
        values_.push_back(word);
        if (undefined_.empty()) continue;
        if (undefined_[i] == 'z') values_.back() = low_mask(width);
        unknown_.push_back(undefined_[i] != 0 ? low_mask(width) : 0);
    }
    integers_.clear();
    bits_ = width;
}

VectorLayer TextWords::bits_layer(const DumpSource& source, const LayerFacts& facts, const std::string& where,
                                  std::vector<std::string>& notes) {
    int packed = 0;
    if (facts.format) {
        Packing stream = source.packing;
        stream.order = ElementOrder::Storage;
        const PackedShape shape{.format = *facts.format, .dims = {1, stream.lanes}, .layout = {}};
        check_packing(stream, shape, where);
        packed = packed_bits(stream, shape);
    }
    if (!integers_.empty()) integers_to_bits(packed == 0 ? 64 : packed, where);
    if (packed > bits_) {
        widen((static_cast<std::size_t>(packed) + 63) / 64);
        bits_ = packed;
    }
    if (packed > 0 && packed < bits_) {  // digits in front that hold nothing
        bool zeros = true;
        for (const std::vector<std::uint64_t>* all : {&values_, &unknown_}) {
            for (std::size_t i = 0; zeros && i < all->size(); i += limbs_) {
                zeros = all_bits_are(std::span(*all).subspan(i, limbs_), static_cast<std::size_t>(packed),
                                     static_cast<std::size_t>(bits_), false);
            }
        }
        if (zeros) bits_ = packed;
    }
    Beats beats;
    beats.bits = bits_;
    const std::size_t limbs = beats.limbs_per_beat();
    for (std::size_t i = 0; i < values_.size(); i += limbs_) {
        bool known = true;
        for (std::size_t k = 0; k < limbs; ++k) {
            beats.limbs.push_back(values_[i + k]);
            known = known && (unknown_.empty() || unknown_[i + k] == 0);
        }
        if (known) continue;
        beats.undefined.push_back(i / limbs_);
        for (std::size_t k = 0; k < limbs; ++k) beats.unknown.push_back(unknown_[i + k]);
    }
    return stream_layer(std::move(beats), source, facts, where, notes);
}

VectorLayer TextWords::integer_layer(const DumpSource& source, const LayerFacts& facts) const {
    VectorLayer layer;
    layer.name = source.layer;
    layer.words = integers_;
    layer.stored = {.width = 64, .integer = 64, .is_signed = !beyond_int64_};
    LayerFacts known = facts;
    const bool fits = facts.format && std::all_of(integers_.begin(), integers_.end(), [&](std::int64_t word) {
                          const i128 raw = raw_from_word(word, layer.stored);
                          return raw >= raw_min(*facts.format) && raw <= raw_max(*facts.format);
                      });
    if (fits) {
        layer.stored = *facts.format;
    } else {
        known.type = std::nullopt;
    }
    const int width = facts.format ? facts.format->width : 1;
    for (std::size_t i = 0; i < undefined_.size(); ++i) {
        if (undefined_[i] == 0) continue;
        layer.undefined.push_back(static_cast<std::int64_t>(i));
        layer.undefined_bits.push_back("0b" + std::string(static_cast<std::size_t>(width), undefined_[i]));
    }
    describe(layer, known);
    return layer;
}

VectorLayer TextWords::value_layer(const DumpSource& source, const LayerFacts& facts) const {
    VectorLayer layer;
    layer.name = source.layer;
    layer.decimals = decimals_;
    layer.precision = std::clamp(digits_, 6, 17);
    if (facts.format) layer.stored = *facts.format;
    describe(layer, facts);
    return layer;
}

}  // namespace bittrue::dump
