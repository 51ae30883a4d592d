#include "sum_sets.hpp"

#include <algorithm>
#include <bit>
#include <set>

namespace bittrue::corner {
namespace {

constexpr std::size_t kWord = 64;
constexpr i128 kMostWork = i128{1} << 30;    // words
constexpr i128 kMostMemory = i128{1} << 24;  // words

// to |= from << by
void add_shifted(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from, std::size_t by) {
    const std::size_t words = by / kWord, bits = by % kWord;
    for (std::size_t i = to.size(); i-- > words;) {
        std::uint64_t moved = from[i - words] << bits;
        if (bits != 0 && i > words) moved |= from[i - words - 1] >> (kWord - bits);
        to[i] |= moved;
    }
}

}  // namespace

std::optional<SumSets> SumSets::of(const std::vector<i128>& parts, std::int64_t most) {
    const std::set<i128> distinct(parts.begin(), parts.end());
    if (distinct.empty() || *distinct.begin() < 0 || *distinct.rbegin() > i128{1} << 40) return std::nullopt;
    const i128 words = *distinct.rbegin() * most / static_cast<i128>(kWord) + 1;
    if (words * (most + 1) > kMostMemory || words * most * std::ssize(distinct) > kMostWork) return std::nullopt;
    SumSets all;
    all.parts_ = parts;
    all.sets_.assign(static_cast<std::size_t>(most) + 1, Bits(static_cast<std::size_t>(words), 0));
    all.sets_[0][0] = 1;
    for (std::size_t k = 1; k < all.sets_.size(); ++k) {
        for (const i128 part : distinct) add_shifted(all.sets_[k], all.sets_[k - 1], static_cast<std::size_t>(part));
    }
    return all;
}

bool SumSets::contains(std::int64_t count, i128 sum) const {
    if (count < 0 || sum < 0) return false;
    const Bits& bits = sets_[static_cast<std::size_t>(count)];
    if (sum >= static_cast<i128>(bits.size() * kWord)) return false;
    const auto at = static_cast<std::size_t>(sum);
    return (bits[at / kWord] >> (at % kWord) & 1U) != 0;
}

std::vector<i128> SumSets::sums(std::int64_t count) const {
    std::vector<i128> all;
    const Bits& bits = sets_[static_cast<std::size_t>(count)];
    for (std::size_t i = 0; i < bits.size(); ++i) {
        for (std::uint64_t left = bits[i]; left != 0; left &= left - 1)
            all.push_back(static_cast<i128>(i * kWord) + std::countr_zero(left));
    }
    return all;
}

std::vector<std::size_t> SumSets::parts_of(std::int64_t count, i128 sum, SplitMix64& random) const {
    std::vector<std::size_t> chosen;
    for (; count > 0; --count) {
        auto part = static_cast<std::size_t>(random.below(std::ssize(parts_)));
        for (std::size_t tries = 0; tries < parts_.size(); ++tries, part = (part + 1) % parts_.size()) {
            if (contains(count - 1, sum - parts_[part])) break;
        }
        chosen.push_back(part);
        sum -= parts_[part];
    }
    return chosen;
}

}  // namespace bittrue::corner
