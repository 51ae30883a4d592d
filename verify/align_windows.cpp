#include "align_windows.hpp"

#include <algorithm>

namespace bittrue {
namespace {

constexpr std::uint64_t kBase = 0x9e3779b97f4a7c15U;
constexpr int kHitsPerRun = 4;

}  // namespace

std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

Windows::Windows(std::int64_t words) : length_(words >= 4096 ? 32 : words >= 512 ? 16 : 8) {}

bool Windows::add(const std::function<Token(std::int64_t)>& expected, std::int64_t place) {
    std::uint64_t hash = 0;
    std::int64_t changes = 0;
    Token before = 0;
    for (std::int64_t i = 0; i < length_; ++i) {
        const Token token = expected(place + i);
        hash = hash * kBase + mix(static_cast<std::uint64_t>(token));
        changes += i > 0 && token != before ? 1 : 0;
        before = token;
    }
    if (changes < 3) return false;
    runs_.push_back({.hash = hash, .place = place});
    return true;
}

std::vector<Hit> Windows::find(std::span<const Token> dump) const {
    std::vector<Hit> hits;
    if (std::ssize(dump) < length_ || runs_.empty()) return hits;
    std::vector<Run> runs = runs_;
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.hash < b.hash; });
    std::vector<int> found(runs.size());
    std::vector<bool> maybe(std::size_t{1} << 16);
    for (const Run& run : runs) maybe[run.hash >> 48] = true;
    std::uint64_t leaving = 1;  // the factor of the word that leaves
    for (std::int64_t i = 0; i < length_; ++i) leaving *= kBase;
    std::uint64_t hash = 0;
    const auto length = static_cast<std::size_t>(length_);
    for (std::size_t i = 0; i < dump.size(); ++i) {
        hash = hash * kBase + mix(static_cast<std::uint64_t>(dump[i]));
        if (i >= length) hash -= leaving * mix(static_cast<std::uint64_t>(dump[i - length]));
        if (i + 1 < length || !maybe[hash >> 48]) continue;
        auto run = std::lower_bound(runs.begin(), runs.end(), hash,
                                    [](const Run& a, std::uint64_t value) { return a.hash < value; });
        for (; run != runs.end() && run->hash == hash; ++run) {
            int& count = found[static_cast<std::size_t>(run - runs.begin())];
            if (count++ >= kHitsPerRun) continue;
            hits.push_back({.place = run->place, .at = static_cast<std::int64_t>(i + 1) - length_});
        }
    }
    std::sort(hits.begin(), hits.end(),
              [](const Hit& a, const Hit& b) { return a.place != b.place ? a.place < b.place : a.at < b.at; });
    return hits;
}

}  // namespace bittrue
