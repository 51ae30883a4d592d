#include "word_pair.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

namespace bittrue {
namespace {

// Never equal to another word's.
Token only_token(std::int64_t flat, bool is_expected) {
    return static_cast<Token>(
        mix(0x9d5c3a1f00000000U + 2 * static_cast<std::uint64_t>(flat) + (is_expected ? 1U : 0U)));
}

Token number_token(const Decimal& value) {
    return static_cast<Token>(mix(static_cast<std::uint64_t>(value.digits)) ^
                              mix(static_cast<std::uint64_t>(value.exponent) + 0x51ed2701U));
}

// A digit of a memory file stands for 4 bits, also where the format has fewer left.
std::string bits_within(const std::string& bits, const std::optional<Format>& format) {
    const std::size_t width = format ? static_cast<std::size_t>(format->width) : bits.size();
    return bits.size() <= width + 2 ? bits : "0b" + bits.substr(bits.size() - width);
}

i128 nearest_in(const RawRange& range, i128 raw, i128 otherwise) {
    return range.empty() ? otherwise : std::clamp(raw, range.low, range.high);
}

}  // namespace

WordPair::WordPair(const WordReader& expected, const WordReader& actual, const std::optional<Format>& format)
    : expected_(expected), actual_(actual), format_(format) {
    if (!expected.has_decimals() && !actual.has_decimals()) return;
    kind_ = format ? Kind::Ranges : Kind::Numbers;
    if (kind_ == Kind::Numbers) return;
    const bool expected_rules =
        expected.has_decimals() && (!actual.has_decimals() || expected.precision() <= actual.precision());
    for (const RawRange& range : (expected_rules ? expected : actual).ranges()) {
        if (!range.empty()) ranges_.push_back(range);
    }
    std::sort(ranges_.begin(), ranges_.end(), [](const RawRange& a, const RawRange& b) { return a.low < b.low; });
}

std::int64_t WordPair::equal_run(std::int64_t expected_flat, std::int64_t actual_flat, std::int64_t count,
                                 const WordMap& map) const {
    const auto want = expected_.plain_words();
    const auto got = actual_.plain_words();
    const bool known = kind_ == Kind::Integers && map.kind == WordMap::Kind::Same && !want.empty() && !got.empty() &&
                       !expected_.has_undefined() && !actual_.has_undefined();
    if (!known) return 0;
    const auto from = want.begin() + expected_flat;
    return std::mismatch(from, from + count, got.begin() + actual_flat).first - from;
}

bool WordPair::equal(std::int64_t expected_flat, std::int64_t actual_flat, const WordMap& map) const {
    if (is_undefined(expected_flat, actual_flat)) return false;
    switch (kind_) {
        case Kind::Integers: {
            const i128 got = actual_.raw(actual_flat);
            if (map.kind == WordMap::Kind::Same) return expected_.raw(expected_flat) == got;
            return map.apply(got) == expected_.raw(expected_flat);
        }
        case Kind::Ranges: {
            const RawRange want = expected_.range(expected_flat);
            const RawRange got = actual_.range(actual_flat);
            if (!want.empty() && !got.empty()) return want.low <= got.high && got.low <= want.high;
            break;
        }
        case Kind::Numbers: break;
    }
    return expected_.has_decimals() && actual_.has_decimals() &&
           expected_.decimal(expected_flat) == actual_.decimal(actual_flat);
}

bool WordPair::is_undefined(std::int64_t expected_flat, std::int64_t actual_flat) const {
    return (expected_.has_undefined() && expected_.undefined_bits(expected_flat) != nullptr) ||
           (actual_.has_undefined() && actual_.undefined_bits(actual_flat) != nullptr);
}

// Of several raws those that are least wrong.
std::pair<i128, i128> WordPair::raws(std::int64_t expected_flat, std::int64_t actual_flat, const WordMap& map) const {
    i128 want = expected_.raw(expected_flat);
    i128 got = actual_.raw(actual_flat);
    if (kind_ == Kind::Integers) return {want, map.apply(got).value_or(got)};
    want = nearest_in(expected_.range(expected_flat), got, want);
    got = nearest_in(actual_.range(actual_flat), want, got);
    return {want, got};
}

std::optional<i128> WordPair::distance(std::int64_t expected_flat, std::int64_t actual_flat, const WordMap& map) const {
    if (kind_ == Kind::Numbers || is_undefined(expected_flat, actual_flat)) return {};
    const auto [want, got] = raws(expected_flat, actual_flat, map);
    return got - want;
}

void WordPair::describe(Mismatch& mismatch, std::int64_t expected_flat, std::int64_t actual_flat,
                        const WordMap& map) const {
    if (const std::string* bits = expected_.undefined_bits(expected_flat))
        mismatch.expected_bits = bits_within(*bits, format_);
    if (const std::string* bits = actual_.undefined_bits(actual_flat))
        mismatch.actual_bits = bits_within(*bits, format_);
    const auto decimal_of = [this](const WordReader& side, std::int64_t flat) {
        const bool is_word = kind_ == Kind::Ranges && !side.range(flat).empty();
        return side.has_decimals() && !is_word ? print_decimal(side.decimal(flat)) : std::string();
    };
    mismatch.expected_decimal = decimal_of(expected_, expected_flat);
    mismatch.actual_decimal = decimal_of(actual_, actual_flat);
    std::tie(mismatch.expected, mismatch.actual) = raws(expected_flat, actual_flat, map);
}

bool WordPair::is_ambiguous(std::int64_t expected_flat, std::int64_t actual_flat) const {
    Ambiguity one;
    count_ambiguous(expected_flat, actual_flat, one);
    return one.words > 0 || kind_ == Kind::Numbers;
}

void WordPair::count_ambiguous(std::int64_t expected_flat, std::int64_t actual_flat, Ambiguity& sum) const {
    if (kind_ != Kind::Ranges) return;
    const RawRange want = expected_.range(expected_flat);
    const RawRange got = actual_.range(actual_flat);
    const i128 raws = std::max(want.high - want.low, got.high - got.low) + 1;
    if (raws > 1) ++sum.words;
    sum.raws = std::max(sum.raws, raws);
}

// Of two sides of decimals the range of one may hold several of the other: any order will do, equality is decided
// later.
Token WordPair::token(const WordReader& side, std::int64_t flat) const {
    if (side.has_undefined() && side.undefined_bits(flat) != nullptr) return only_token(flat, &side == &expected_);
    switch (kind_) {
        case Kind::Integers: break;
        case Kind::Ranges: {
            const RawRange range = side.range(flat);
            if (range.empty()) return number_token(side.decimal(flat));
            const auto at = std::lower_bound(ranges_.begin(), ranges_.end(), range.low,
                                             [](const RawRange& a, i128 low) { return a.high < low; });
            return word_from_raw(at != ranges_.end() && at->low <= range.high ? at->low : range.low);
        }
        case Kind::Numbers: return number_token(side.decimal(flat));
    }
    return word_from_raw(side.raw(flat));
}

Tokens WordPair::expected_tokens() const {
    if (kind_ == Kind::Integers && !expected_.has_undefined() && !expected_.plain_words().empty()) {
        return Tokens(expected_.plain_words());
    }
    std::vector<Token> tokens;
    tokens.reserve(static_cast<std::size_t>(expected_.size()));
    for (std::int64_t i = 0; i < expected_.size(); ++i) tokens.push_back(token(expected_, i));
    return Tokens(std::move(tokens));
}

Token WordPair::actual_token(std::int64_t flat, const WordMap& map) const {
    if (map.kind == WordMap::Kind::Same) return token(actual_, flat);
    if (actual_.has_undefined() && actual_.undefined_bits(flat) != nullptr) return only_token(flat, false);
    const std::optional<i128> raw = map.apply(actual_.raw(flat));
    return raw ? word_from_raw(*raw) : only_token(flat, false);
}

Tokens WordPair::actual_tokens(const WordMap& map) const {
    const bool same = map.kind == WordMap::Kind::Same;
    if (same && kind_ == Kind::Integers && !actual_.has_undefined() && !actual_.plain_words().empty()) {
        return Tokens(actual_.plain_words());
    }
    std::vector<Token> tokens;
    tokens.reserve(static_cast<std::size_t>(actual_.size()));
    for (std::int64_t i = 0; i < actual_.size(); ++i) tokens.push_back(actual_token(i, map));
    return Tokens(std::move(tokens));
}

WordFacts WordPair::facts() const {
    WordFacts facts;
    facts.format = format_;
    const auto look = [](const WordReader& side, i128& low, i128& high, int& zeros) {
        u128 bits = 0;
        if (const auto words = side.plain_words(); !words.empty()) {
            const auto [smallest, largest] = std::minmax_element(words.begin(), words.end());
            low = std::min<i128>(low, *smallest);
            high = std::max<i128>(high, *largest);
            std::uint64_t any = 0;
            for (const std::int64_t word : words) any |= static_cast<std::uint64_t>(word);
            zeros = any == 0 ? 0 : std::countr_zero(any);
            return;
        }
        for (std::int64_t i = 0; i < side.size(); ++i) {
            const i128 raw = side.raw(i);
            low = std::min(low, raw);
            high = std::max(high, raw);
            bits |= static_cast<u128>(raw);
        }
        for (zeros = 0; bits != 0 && (bits & 1U) == 0; bits >>= 1) ++zeros;
    };
    look(expected_, facts.expected_min, facts.expected_max, facts.expected_zeros);
    look(actual_, facts.actual_min, facts.actual_max, facts.actual_zeros);
    return facts;
}

}  // namespace bittrue
