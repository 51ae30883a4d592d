#include "align_search.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "align_evidence.hpp"
#include "align_findings.hpp"
#include "align_lanes.hpp"
#include "align_sequence.hpp"
#include "align_windows.hpp"

namespace bittrue {
namespace {

constexpr std::int64_t kLeastWrong = 16;  // fewer cannot be evidence of anything
constexpr std::size_t kRandomSample = 4096;
constexpr std::int64_t kScanned = 1 << 19;  // words of a dump that a mere guess may read
constexpr std::int64_t kGuessWindows = 48;
constexpr std::size_t kLaneStep = 5;  // beats of the sample: about 1600 where there are many
constexpr std::int64_t kMoveWindows = 1024;
constexpr std::size_t kGuessesTried = 3;
constexpr std::int64_t kBeatsPerSegment = 512;
constexpr std::size_t kBeatsSolved = 8192;

// A way to read the dump, with the tokens that its map makes of the dump's words.
struct Guess {
    Order order{};
    WordMap map{};
    std::vector<Finding> findings{};
    int lanes = 0;          // not 0: any order of so many lanes, to be solved
    std::int64_t hits = 0;  // runs of expected words that the dump has so
};

class Search {
public:
    Search(const WordPair& words, const LayerShape& shape, const Placement& stated)
        : words_(words),
          shape_(shape),
          stated_(stated),
          expected_tokens_(words.expected_tokens()),
          dump_tokens_(words.actual_tokens({})),
          expected_(expected_tokens_.view()),
          dump_(dump_tokens_.view()) {}

    std::optional<Realigned> run() {
        before_ = count_wrong(expected_, {dump_, stated_}, &sample_);
        if (before_ < kLeastWrong) return {};
        wrong_sample_ = sample_.size();
        for (std::size_t i = 0; i < kRandomSample; ++i) {
            sample_.push_back(static_cast<std::int64_t>(mix(i + 1) % expected_.size()));
        }
        if (words_.are_integers()) maps_ = word_maps(words_.facts(), likely_shift());
        orders_ = other_axes(shape_, stated_.order);
        // Too many lanes to solve: the usual order only.
        if (shape_.lanes > kMostLanes && shape_.lanes < shape_.words) {
            orders_.push_back(with_lanes(shape_, stated_.order, reversed_lanes(shape_.lanes)));
            if (orders_.back().findings.empty()) orders_.pop_back();
        }
        std::optional<Realigned> found = reordered();
        if (found) found = with_moves(std::move(*found));
        if (found && left(*found) == 0) return found;
        // Rotated lanes look like a move by so many words and the reverse: the better one.
        auto moves = plain_moves();
        if (found && moves) return left(*moves) <= left(*found) ? moves : found;
        if (found) return found;
        return moves ? moves : moves_and_order();
    }

private:
    [[nodiscard]] Placement placed(const Order& order) const {
        return {.order = order, .segments = {}, .dumped = std::ssize(dump_)};
    }

    // The difference of the powers of two in words that are otherwise equal, if one is in half of the sample.
    [[nodiscard]] int likely_shift() const {
        std::map<int, std::size_t> votes;
        std::size_t seen = 0;
        for (std::size_t i = 0; i < wrong_sample_; ++i) {
            i128 want = words_.expected().raw(sample_[i]);
            i128 got = words_.actual().raw(stated_.actual_flat(sample_[i]));
            if (want == 0 || got == 0) continue;
            ++seen;
            int shift = 0;
            for (; got % 2 == 0; got /= 2) ++shift;
            for (; want % 2 == 0; want /= 2) --shift;
            if (want == got) ++votes[shift];
        }
        for (const auto& [shift, count] : votes) {
            if (2 * count > seen) return shift;
        }
        return 0;
    }

    // Whether the sample speaks for a reading without moves: three quarters of what was wrong agrees.
    [[nodiscard]] bool sample_agrees(const Order& order, const WordMap& map) const {
        const auto allowed = wrong_sample_ / 4;
        std::size_t wrong = 0;
        for (const std::int64_t flat : sample_) {
            const std::int64_t at = order.to_dump(flat);
            if (at >= std::ssize(dump_)) continue;
            const Token got = map == WordMap{} ? dump_[static_cast<std::size_t>(at)] : words_.actual_token(at, map);
            if (got != expected_[static_cast<std::size_t>(flat)] && ++wrong > allowed) return false;
        }
        return true;
    }

    // Lanes in another order, solved on the sample.
    [[nodiscard]] std::vector<Guess> lane_guesses(const WordMap& map) const {
        std::vector<Guess> guesses;
        for (const int lanes : likely_lanes(shape_)) {
            const Beats beats{.lanes = lanes, .per_image = shape_.per_image};
            BeatPairs pairs;
            for (std::size_t i = 0; i < sample_.size(); i += kLaneStep) {
                std::int64_t at = stated_.order.to_dump(sample_[i]);
                while (!beats.begins_at(at)) --at;
                const bool padded = shape_.per_image > 1 && at % shape_.per_image + lanes > shape_.per_image;
                if (padded || at + lanes > std::min(std::ssize(dump_), std::ssize(expected_))) continue;
                for (std::int64_t lane = at; lane < at + lanes; ++lane) {
                    pairs.expected.push_back(expected_[static_cast<std::size_t>(stated_.order.to_expected(lane))]);
                    pairs.dumped.push_back(words_.actual_token(lane, map));
                }
            }
            const auto holds = solve_lanes(pairs, lanes);
            if (!holds) continue;
            Candidate candidate = with_lanes(shape_, stated_.order, *holds);
            if (candidate.findings.empty()) continue;
            guesses.push_back({.order = candidate.order, .map = map, .findings = candidate.findings});
        }
        return guesses;
    }

    // The beginning of the dump as `map` reads it.
    [[nodiscard]] std::vector<Token> guess_tokens(const WordMap& map) const {
        const std::int64_t count = std::min(std::ssize(dump_), kScanned);
        std::vector<Token> tokens;
        tokens.reserve(static_cast<std::size_t>(count));
        for (std::int64_t i = 0; i < count; ++i) tokens.push_back(words_.actual_token(i, map));
        return tokens;
    }

    [[nodiscard]] Tokens in_order(const Order& order) const {
        if (order.is_same()) return Tokens(expected_);
        std::vector<Token> tokens(expected_.size());
        for (std::int64_t place = 0; place < std::ssize(tokens); ++place) {
            tokens[static_cast<std::size_t>(place)] = expected_[static_cast<std::size_t>(order.to_expected(place))];
        }
        return Tokens(std::move(tokens));
    }

    // Readings without moves, the simple ones first; of equally simple ones the best.
    [[nodiscard]] std::optional<Realigned> reordered() {
        std::vector<Guess> simple;
        for (const Candidate& other : orders_)
            simple.push_back({.order = other.order, .map = {}, .findings = other.findings});
        for (const WordMap& map : maps_)
            simple.push_back({.order = stated_.order, .map = map, .findings = {map_finding(map)}});
        const std::vector<Guess> lanes = lane_guesses({});
        simple.insert(simple.begin() + std::ssize(orders_), lanes.begin(), lanes.end());
        if (auto found = best_of(simple)) return found;
        std::vector<Guess> pairs;
        for (const WordMap& map : maps_) {
            for (const Candidate& other : orders_) {
                pairs.push_back({.order = other.order, .map = map, .findings = order_and_map(other.findings, map)});
            }
            for (Guess& guess : lane_guesses(map)) {
                guess.findings = order_and_map(guess.findings, map);
                pairs.push_back(std::move(guess));
            }
        }
        return best_of(pairs);
    }

    [[nodiscard]] std::optional<Realigned> best_of(const std::vector<Guess>& guesses) const {
        std::optional<Realigned> best;
        std::int64_t least = 0;
        for (const Guess& guess : guesses) {
            if (!sample_agrees(guess.order, guess.map)) continue;
            const Tokens dump = words_.actual_tokens(guess.map);
            const Placement placement = placed(guess.order);
            const Score now = score(expected_, {dump_, stated_}, {dump.view(), placement});
            if (!is_convincing(now, before_, 0) || (best && now.wrong >= least)) continue;
            best = Realigned{.placement = placement, .map = guess.map, .findings = guess.findings};
            least = now.wrong;
            complete(best->findings, now.wrong);
        }
        return best;
    }

    void complete(std::vector<Finding>& findings, std::int64_t after) const {
        for (Finding& finding : findings) {
            finding.mismatches_before = before_;
            finding.mismatches_after = after;
            if (finding.from < 0) finding.from = sample_.front();
        }
    }

    // What is still wrong may be beats missing or too many.
    [[nodiscard]] Realigned with_moves(Realigned found) const {
        const Tokens tokens = words_.actual_tokens(found.map);
        const std::span<const Token> dump = tokens.view();
        std::vector<std::int64_t> wrong;
        const std::int64_t count = count_wrong(expected_, {dump, found.placement}, &wrong);
        if (count < kLeastWrong) return found;
        Guess guess{.order = found.placement.order, .map = found.map, .findings = found.findings};
        auto moved = try_moves(guess, dump, count, {dump, found.placement}, wrong);
        return moved ? std::move(*moved) : found;
    }

    [[nodiscard]] static std::int64_t left(const Realigned& reading) {
        return reading.findings.front().mismatches_after;
    }

    // Beats missing or too many in the stated order.
    [[nodiscard]] std::optional<Realigned> plain_moves() const {
        const std::vector<std::int64_t> wrong(sample_.begin(),
                                              sample_.begin() + static_cast<std::ptrdiff_t>(wrong_sample_));
        return try_moves({.order = stated_.order}, dump_, before_, {dump_, stated_}, wrong);
    }

    // The same together with another order or map.
    [[nodiscard]] std::optional<Realigned> moves_and_order() const {
        std::vector<Guess> guesses = suggested();
        for (std::size_t i = 0; i < guesses.size() && i < kGuessesTried; ++i) {
            Guess& guess = guesses[i];
            const Tokens tokens = words_.actual_tokens(guess.map);
            const std::span<const Token> dump = tokens.view();
            if (guess.lanes != 0 && !solve(guess, dump)) continue;
            if (auto found = try_moves(guess, dump, before_, {dump_, stated_}, {})) return found;
        }
        return {};
    }

    [[nodiscard]] std::optional<Realigned> try_moves(const Guess& guess, std::span<const Token> dump,
                                                     std::int64_t wrong_before, const Reading& before,
                                                     const std::vector<std::int64_t>& wrong) const {
        const Tokens tokens = in_order(guess.order);
        const std::span<const Token> ordered = tokens.view();
        std::vector<std::int64_t> places;
        for (const std::int64_t flat : wrong) places.push_back(guess.order.to_dump(flat));
        const std::vector<Hit> hits = look_up(ordered, dump, places);
        if (hits.empty()) return {};
        const std::vector<Edit> edits =
            find_edits(ordered, dump, {.lanes = shape_.lanes, .per_image = shape_.per_image}, hits);
        if (edits.empty()) return {};
        Realigned result{.placement = placed(guess.order), .map = guess.map, .findings = guess.findings};
        result.placement.segments = segments_of(edits, std::ssize(ordered), std::ssize(dump));
        const Score now = score(expected_, before, {dump, result.placement});
        if (!is_convincing(now, wrong_before, std::ssize(edits))) return {};
        append_edits(result.findings, edits, shape_, guess.order);
        complete(result.findings, now.wrong);
        return result;
    }

    // Where the dump has runs of expected words.
    [[nodiscard]] std::vector<Hit> look_up(std::span<const Token> ordered, std::span<const Token> dump,
                                           const std::vector<std::int64_t>& wrong) const {
        Windows windows(std::ssize(ordered));
        const std::int64_t last = std::ssize(ordered) - windows.length();
        if (last < 0) return {};
        const auto at = [ordered](std::int64_t place) { return ordered[static_cast<std::size_t>(place)]; };
        // Half of them spread over all: what is wrong where beats are missing need not be in the dump at all.
        for (std::int64_t i = 0; i < kMoveWindows; ++i) {
            const bool at_wrong = i % 2 == 0 && !wrong.empty();
            const std::int64_t place = at_wrong ? wrong[static_cast<std::size_t>(std::ssize(wrong) * i / kMoveWindows)]
                                                : last * i / kMoveWindows;
            windows.add(at, std::min(last, place));
        }
        return windows.find(dump);
    }

    // Other readings of which the dump has runs of words somewhere, most runs first.
    [[nodiscard]] std::vector<Guess> suggested() const {
        std::vector<Guess> guesses;
        std::vector<WordMap> maps = maps_;
        maps.insert(maps.begin(), WordMap{});
        const Tokens tokens = in_order(stated_.order);
        const std::span<const Token> stated = tokens.view();
        for (const WordMap& map : maps) {
            const std::vector<Token> dump = guess_tokens(map);
            if (map != WordMap{})
                count_hits({.order = stated_.order, .map = map, .findings = {map_finding(map)}}, stated, dump, guesses);
            for (const Candidate& other : orders_) {
                count_hits({.order = other.order, .map = map, .findings = order_and_map(other.findings, map)}, stated,
                           dump, guesses);
            }
            for (const int lanes : likely_lanes(shape_)) {
                if (shape_.per_image > 1 && shape_.per_image % lanes != 0) continue;
                count_hits({.order = stated_.order, .map = map, .findings = {}, .lanes = lanes}, stated, dump, guesses);
            }
        }
        std::stable_sort(guesses.begin(), guesses.end(),
                         [](const Guess& a, const Guess& b) { return a.hits > b.hits; });
        return guesses;
    }

    void count_hits(Guess guess, std::span<const Token> stated, const std::vector<Token>& dump,
                    std::vector<Guess>& guesses) const {
        const int lanes = std::max(guess.lanes, 1);
        const std::int64_t count = std::min(std::ssize(expected_), kScanned / 2) / lanes;
        std::vector<Token> sums;
        if (guess.lanes != 0) sums = beat_tokens(stated.first(static_cast<std::size_t>(count * lanes)), lanes);
        Windows windows(count);
        const std::int64_t last = count - windows.length();
        if (last < 0) return;
        const auto at = [&](std::int64_t place) {
            return guess.lanes != 0 ? sums[static_cast<std::size_t>(place)]
                                    : expected_[static_cast<std::size_t>(guess.order.to_expected(place))];
        };
        for (std::int64_t i = 0; i < kGuessWindows; ++i) windows.add(at, last * i / kGuessWindows);
        const std::vector<Hit> hits = guess.lanes != 0 ? windows.find(beat_tokens(dump, lanes)) : windows.find(dump);
        std::int64_t place = -1;
        for (const Hit& hit : hits) {
            guess.hits += hit.place != place ? 1 : 0;
            place = hit.place;
        }
        if (guess.hits >= 3 && 8 * guess.hits >= std::ssize(windows)) guesses.push_back(std::move(guess));
    }

    // Aligns beats whatever the order of their lanes, then finds that order.
    [[nodiscard]] bool solve(Guess& guess, std::span<const Token> dump) const {
        const Tokens tokens = in_order(stated_.order);
        const std::span<const Token> ordered = tokens.view();
        const std::vector<Token> want = beat_tokens(ordered, guess.lanes);
        const std::vector<Token> got = beat_tokens(dump, guess.lanes);
        const std::vector<Hit> hits = look_up(want, got, {});
        const std::vector<Edit> edits = find_edits(want, got, {}, hits);
        BeatPairs pairs;
        const auto lanes = static_cast<std::size_t>(guess.lanes);
        for (const Segment& segment : segments_of(edits, std::ssize(want), std::ssize(got))) {
            const std::int64_t step = std::max<std::int64_t>(segment.length / kBeatsPerSegment, 1);
            for (std::int64_t i = 0; i < segment.length && pairs.expected.size() < kBeatsSolved * lanes; i += step) {
                const auto a = static_cast<std::size_t>(segment.place + i),
                           b = static_cast<std::size_t>(segment.at + i);
                if (want[a] != got[b]) continue;
                for (std::size_t lane = 0; lane < lanes; ++lane) {
                    pairs.expected.push_back(ordered[a * lanes + lane]);
                    pairs.dumped.push_back(dump[b * lanes + lane]);
                }
            }
        }
        const auto holds = solve_lanes(pairs, guess.lanes);
        if (!holds) return false;
        Candidate candidate = with_lanes(shape_, stated_.order, *holds);
        if (candidate.findings.empty()) return false;
        guess.order = candidate.order;
        guess.findings = order_and_map(candidate.findings, guess.map);
        return true;
    }

    const WordPair& words_;
    const LayerShape& shape_;
    const Placement& stated_;
    Tokens expected_tokens_, dump_tokens_;
    std::span<const Token> expected_, dump_;
    std::vector<std::int64_t> sample_{};  // expected words: first such that differ, then any
    std::size_t wrong_sample_ = 0;
    std::int64_t before_ = 0;
    std::vector<WordMap> maps_{};
    std::vector<Candidate> orders_{};
};

}  // namespace

std::optional<Realigned> search_alignment(const WordPair& words, const LayerShape& shape, const Placement& stated) {
    if (words.expected().size() == 0 || words.actual().size() == 0) return {};
    return Search(words, shape, stated).run();
}

}  // namespace bittrue
