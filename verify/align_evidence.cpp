#include "align_evidence.hpp"

#include <unordered_set>

namespace bittrue {
namespace {

constexpr std::int64_t kRun = 8;
constexpr std::int64_t kLeastGained = 16;
constexpr std::int64_t kLeastDistinct = 16;
constexpr std::int64_t kManyDistinct = 1000;
constexpr std::size_t kSample = 4096;

std::uint64_t run_at(std::span<const Token> expected, std::int64_t flat) {
    std::uint64_t hash = 0;
    for (const Token token : expected.subspan(static_cast<std::size_t>(flat), kRun)) {
        hash = mix(hash * 31 + static_cast<std::uint64_t>(token));
    }
    return hash;
}

bool agrees(std::span<const Token> expected, const Reading& reading, std::int64_t flat, std::int64_t at) {
    return at >= 0 && expected[static_cast<std::size_t>(flat)] == reading.dump[static_cast<std::size_t>(at)];
}

}  // namespace

Score score(std::span<const Token> expected, const Reading& before, const Reading& now) {
    Score sum;
    std::unordered_set<std::uint64_t> runs;
    for (std::int64_t flat = 0; flat < std::ssize(expected); ++flat) {
        const std::int64_t was = before.placement.actual_flat(flat);
        const std::int64_t is = now.placement.actual_flat(flat);
        if (is < 0) {
            if (was >= 0) ++sum.missing;
            continue;
        }
        ++sum.compared;
        if (!agrees(expected, now, flat, is)) {
            ++sum.wrong;
        } else if (!agrees(expected, before, flat, was)) {
            ++sum.gained;
            if (std::ssize(runs) < kManyDistinct && flat + kRun <= std::ssize(expected))
                runs.insert(run_at(expected, flat));
        }
    }
    sum.distinct = std::ssize(runs);
    return sum;
}

std::int64_t count_wrong(std::span<const Token> expected, const Reading& reading, std::vector<std::int64_t>* flats) {
    std::int64_t wrong = 0;
    std::int64_t step = 1;
    for (std::int64_t flat = 0; flat < std::ssize(expected); ++flat) {
        const std::int64_t at = reading.placement.actual_flat(flat);
        if (at < 0 || agrees(expected, reading, flat, at)) continue;
        if (flats != nullptr && wrong % step == 0) {
            flats->push_back(flat);
            if (flats->size() == 2 * kSample) {
                for (std::size_t i = 0; i < kSample; ++i) (*flats)[i] = (*flats)[2 * i];
                flats->resize(kSample);
                step *= 2;
            }
        }
        ++wrong;
    }
    return wrong;
}

bool is_convincing(const Score& now, std::int64_t before, std::int64_t causes) {
    if (now.gained < kLeastGained || now.distinct < kLeastDistinct) return false;
    if (now.gained < now.missing) return false;
    const std::int64_t left = now.wrong + causes;
    return 10 * left <= before || (now.distinct >= kManyDistinct && 4 * left <= before);
}

}  // namespace bittrue
