#include "align_sequence.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace bittrue {
namespace {

// A move must spare as many wrong words as this (fewer only where the data end), of which an eighth may remain.
constexpr std::int64_t kMoveEvidence = 16;
constexpr std::int64_t kLeastEvidence = 8;
constexpr std::int64_t kLongestSpan = 8192;  // words to look ahead for them
constexpr std::int64_t kNearBeats = 64;
constexpr std::size_t kHitsTried = 8;
constexpr std::int64_t kBudget = 400'000'000;  // comparisons: about half a second

class Resync {
public:
    Resync(std::span<const Token> expected, std::span<const Token> dump, const Beats& beats, std::span<const Hit> hits)
        : expected_(expected), dump_(dump), beats_(beats), hits_(hits) {}

    std::vector<Edit> run() {
        std::int64_t place = 0;
        while (next_difference(place) && budget_ > 0) {
            const Span span = look_ahead(place);
            if (span.wrong < kLeastEvidence) {
                place = span.end;
                continue;
            }
            const std::optional<std::int64_t> move = choose(place, span);
            if (!move) {
                ++place;
                continue;
            }
            place = cut(place, *move);
        }
        return std::move(edits_);
    }

private:
    struct Span {
        std::int64_t end = 0;
        std::int64_t wrong = 0;
    };

    [[nodiscard]] Token want(std::int64_t place) const { return expected_[static_cast<std::size_t>(place)]; }
    [[nodiscard]] Token got(std::int64_t at) const { return dump_[static_cast<std::size_t>(at)]; }
    [[nodiscard]] std::int64_t end_of(std::int64_t shift) const {
        return std::min(std::ssize(expected_), std::ssize(dump_) - shift);
    }

    bool next_difference(std::int64_t& place) const {
        const std::int64_t end = end_of(shift_);
        while (place < end && want(place) == got(place + shift_)) ++place;
        return place < end;
    }

    [[nodiscard]] Span look_ahead(std::int64_t place) {
        Span span{.end = place, .wrong = 0};
        const std::int64_t end = std::min(end_of(shift_), place + kLongestSpan);
        for (; span.end < end && span.wrong < kMoveEvidence; ++span.end) {
            span.wrong += want(span.end) != got(span.end + shift_) ? 1 : 0;
        }
        budget_ -= span.end - place;
        return span;
    }

    // Wrong words behind the move, or nothing where they are too many or there is too little to see.
    [[nodiscard]] std::optional<std::int64_t> remaining(std::int64_t place, const Span& span, std::int64_t move) {
        const std::int64_t from = place + std::max<std::int64_t>(-move, 0);
        const std::int64_t shift = shift_ + move;
        if (from + shift < 0) return {};
        const std::int64_t end = std::min(end_of(shift), span.end + from - place);
        const std::int64_t allowed = span.wrong / 8;
        std::int64_t wrong = 0, changes = 0, i = from;
        for (; i < end; ++i) {
            if (want(i) != got(i + shift)) {
                if (++wrong > allowed) break;
            } else if (i > from && want(i) != want(i - 1)) {
                ++changes;
            }
        }
        budget_ -= i - from + 1;
        if (wrong > allowed || changes < std::max<std::int64_t>(span.wrong / 4, 3)) return {};
        // The data may end before all that was wrong is seen again.
        if (2 * (end - from) < span.end - place) return {};
        return wrong;
    }

    [[nodiscard]] std::optional<std::int64_t> choose(std::int64_t place, const Span& span) {
        std::optional<std::int64_t> best;
        std::int64_t least = 0;
        const auto perfect = [&] { return best && least == 0; };
        const auto consider = [&](std::int64_t move) {
            const auto wrong = remaining(place, span, move);
            if (!wrong || (best && *wrong >= least)) return;
            best = move;
            least = *wrong;
        };
        for (std::int64_t beats = 1; beats <= kNearBeats && !perfect(); ++beats) {
            consider(-beats * beats_.lanes);
            consider(beats * beats_.lanes);
        }
        for (std::int64_t words = 1; words < kNearBeats && !best; ++words) {
            if (words % beats_.lanes == 0) continue;
            consider(-words);
            consider(words);
        }
        if (best) return best;
        std::vector<std::int64_t> moves;
        auto hit = std::lower_bound(hits_.begin(), hits_.end(), place,
                                    [](const Hit& h, std::int64_t value) { return h.place < value; });
        for (; hit != hits_.end() && moves.size() < kHitsTried; ++hit) {
            const std::int64_t move = hit->at - hit->place - shift_;
            if (move != 0 && std::find(moves.begin(), moves.end(), move) == moves.end()) moves.push_back(move);
        }
        std::sort(moves.begin(), moves.end(), [](std::int64_t a, std::int64_t b) {
            return std::abs(a) != std::abs(b) ? std::abs(a) < std::abs(b) : a < b;
        });
        for (const std::int64_t move : moves) {
            if (!best) consider(move);
        }
        return best;
    }

    // Moves the dump at the first place that explains as much; returns where the comparison goes on.
    std::int64_t cut(std::int64_t place, std::int64_t move) {
        const std::int64_t removed = std::max<std::int64_t>(-move, 0);
        const std::int64_t inserted = std::max<std::int64_t>(move, 0);
        std::int64_t first = place;
        std::int64_t at_beat = beats_.begins_at(place) ? place : -1;
        while (first > free_from_ && (inserted > 0 || first + shift_ > 0)) {
            const Token token = removed > 0 ? want(first - 1 + removed) : want(first - 1);
            if (got(removed > 0 ? first - 1 + shift_ : first - 1 + shift_ + inserted) != token) break;
            if (beats_.begins_at(--first)) at_beat = first;
        }
        if (at_beat >= 0) first = at_beat;
        Edit edit{.place = first, .removed = removed, .inserted = inserted, .at = first + shift_, .repeated = false};
        edit.repeated =
            inserted > 0 && (repeats(edit, inserted) || (inserted % beats_.lanes == 0 && repeats(edit, beats_.lanes)));
        edits_.push_back(edit);
        shift_ += move;
        free_from_ = first + removed;
        return std::max(free_from_, place);
    }

    // Whether the inserted words are, over and over, the `period` words in front of them or behind them.
    [[nodiscard]] bool repeats(const Edit& edit, std::int64_t period) const {
        bool before = edit.at >= period;
        bool behind = edit.at + edit.inserted + period <= std::ssize(dump_);
        for (std::int64_t i = 0; i < edit.inserted && (before || behind); ++i) {
            const Token token = got(edit.at + i);
            before = before && token == got(edit.at - period + i % period);
            behind = behind && token == got(edit.at + edit.inserted + i % period);
        }
        return before || behind;
    }

    std::span<const Token> expected_, dump_;
    Beats beats_;
    std::span<const Hit> hits_;
    std::vector<Edit> edits_{};
    std::int64_t shift_ = 0;      // place + shift is where the dump has the word
    std::int64_t free_from_ = 0;  // behind the last edit
    std::int64_t budget_ = kBudget;
};

}  // namespace

std::vector<Edit> find_edits(std::span<const Token> expected, std::span<const Token> dump, const Beats& beats,
                             std::span<const Hit> hits) {
    return Resync(expected, dump, beats, hits).run();
}

std::vector<Segment> segments_of(const std::vector<Edit>& edits, std::int64_t expected, std::int64_t dumped) {
    std::vector<Segment> segments;
    Segment next{};
    for (const Edit& edit : edits) {
        next.length = edit.place - next.place;
        if (next.length > 0) segments.push_back(next);
        next = {.place = edit.place + edit.removed, .length = 0, .at = edit.at + edit.inserted};
    }
    next.length = std::min(expected - next.place, dumped - next.at);
    if (next.length > 0) segments.push_back(next);
    return segments;
}

}  // namespace bittrue
