#include "telling/telling.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <stdexcept>

#include "telling/telling_probes.hpp"

namespace bittrue::diagnose_detail {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 32;

bool has(const Contender& contender, Cause cause) {
    return std::any_of(contender.changes.begin(), contender.changes.end(),
                       [cause](const Candidate* change) { return change->change.cause == cause; });
}

// Both explanations on the same images.
class Pair {
public:
    Pair(const Subject& subject, const Contender& first, const Contender& second, const Datapath& datapath,
         const TellingLimits& limits)
        : subject_(subject), first_(first), second_(second), datapath_(datapath), cancel_(limits.cancel) {
        end_ =
            Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limits.seconds));
    }

    [[nodiscard]] bool over() const { return Clock::now() >= end_ || (cancel_ != nullptr && *cancel_); }

    // None where a change does not apply to these images.
    [[nodiscard]] std::optional<Variant> variant(const Contender& contender, const std::vector<Probe>& probes) const {
        Variant v;
        v.chain.nodes = subject_.chain.nodes;
        for (std::size_t g = 0; g < subject_.chain.given.size(); ++g) {
            const TensorWords& from = subject_.chain.given[g];
            TensorWords given{.name = from.name, .shape = from.shape, .type = from.type, .images = probes.size()};
            for (const Probe& probe : probes)
                for (const i128 raw : probe[g]) given.words.push_back(word_from_raw(raw));
            v.chain.given.push_back(std::move(given));
        }
        v.made_up = true;
        v.images.resize(probes.size());  // none of the subject's: a change that looks there is not asked
        v.previous = [given = v.chain.given](std::size_t g) { return given.at(g); };
        for (const Candidate* change : contender.changes)
            if (!change->apply(v)) return {};
        return v;
    }

    [[nodiscard]] std::vector<std::int64_t> words(const Contender& contender, const std::vector<Probe>& probes) const {
        if (has(contender, Cause::StaleState) && probes.size() > 1) {  // every image is the first one
            std::vector<std::int64_t> all;
            for (const Probe& probe : probes) {
                const std::vector<std::int64_t> one = words(contender, {probe});
                all.insert(all.end(), one.begin(), one.end());
            }
            return all;
        }
        const auto v = variant(contender, probes);
        return v ? run(*v, datapath_) : std::vector<std::int64_t>{};
    }

    // Of every probe whether the two differ on it.
    [[nodiscard]] std::vector<bool> differ(const std::vector<Probe>& probes) const {
        const auto a = words(first_, probes), b = words(second_, probes);
        std::vector<bool> result(probes.size(), false);
        if (a.size() != b.size()) return result;
        const auto per_image = static_cast<std::ptrdiff_t>(subject_.per_image());
        for (std::size_t i = 0; i < probes.size(); ++i) {
            const auto at = static_cast<std::ptrdiff_t>(i) * per_image;
            result[i] = !std::equal(a.begin() + at, a.begin() + at + per_image, b.begin() + at);
        }
        return result;
    }

private:
    const Subject& subject_;
    const Contender& first_;
    const Contender& second_;
    const Datapath& datapath_;
    const std::atomic<bool>* cancel_;
    Clock::time_point end_{};
};

struct Stretch {
    std::size_t given = 0, begin = 0, end = 0;
};

void clear(Probe& probe, const Stretch& s, const ProbeMaker& maker) {
    std::fill(probe[s.given].begin() + static_cast<std::ptrdiff_t>(s.begin),
              probe[s.given].begin() + static_cast<std::ptrdiff_t>(s.end), maker.zero(s.given));
}

// Stretches of at most `length` words that are not all zero.
std::vector<Stretch> stretches_of(const Probe& probe, std::size_t length, const ProbeMaker& maker) {
    std::vector<Stretch> found;
    for (std::size_t g = 0; g < probe.size(); ++g) {
        for (std::size_t begin = 0; begin < probe[g].size(); begin += length) {
            const std::size_t end = std::min(begin + length, probe[g].size());
            const auto first = probe[g].begin() + static_cast<std::ptrdiff_t>(begin);
            if (!std::all_of(first, first + static_cast<std::ptrdiff_t>(end - begin),
                             [&](i128 raw) { return raw == maker.zero(g); }))
                found.push_back({g, begin, end});
        }
    }
    return found;
}

// Sets what it can to zero, long stretches first, as long as the two still differ.
void shrink(Probe& probe, const Pair& pair, const ProbeMaker& maker) {
    std::size_t longest = 1;
    for (const auto& raws : probe) longest = std::max(longest, raws.size());
    for (std::size_t length = std::bit_ceil(longest); length >= 1; length /= 2) {
        const std::vector<Stretch> all = stretches_of(probe, length, maker);
        for (std::size_t at = 0; at < all.size() && !pair.over(); at += kBatch) {
            // Those that may go one at a time; then as many of them as may go together.
            std::vector<Stretch> some(all.begin() + static_cast<std::ptrdiff_t>(at),
                                      all.begin() + static_cast<std::ptrdiff_t>(std::min(at + kBatch, all.size())));
            std::vector<Probe> alone(some.size(), probe);
            for (std::size_t i = 0; i < some.size(); ++i) clear(alone[i], some[i], maker);
            const std::vector<bool> kept = pair.differ(alone);
            std::vector<Probe> together;
            Probe sum = probe;
            for (std::size_t i = 0; i < some.size(); ++i) {
                if (!kept[i]) continue;
                clear(sum, some[i], maker);
                together.push_back(sum);
            }
            if (together.empty()) continue;
            const std::vector<bool> differ = pair.differ(together);
            for (std::size_t i = together.size(); i-- > 0;) {
                if (!differ[i]) continue;
                probe = together[i];
                break;
            }
        }
    }
}

}  // namespace

TellingVector telling_vector(const Subject& subject, const std::vector<RawRange>& ranges, const Contender& first,
                             const Contender& second, const Datapath& datapath, const TellingLimits& limits) {
    TellingVector result{.first = first.number, .second = second.number};
    const Pair pair(subject, first, second, datapath, limits);
    const Contender expected{};

    std::vector<Probe> probes(1);
    for (std::size_t g = 0; g < ranges.size(); ++g)
        probes[0].emplace_back(static_cast<std::size_t>(subject.chain.given[g].shape.count()), ranges[g].low);
    std::vector<LinearSums> sums;
    for (const Contender* contender : {&expected, &first, &second}) {
        const auto variant = pair.variant(*contender, probes);
        if (!variant) return result;
        // A changed input has other shapes or formats than the images that are made.
        bool same = variant->chain.given.size() == ranges.size();
        for (std::size_t g = 0; same && g < ranges.size(); ++g)
            same = variant->chain.given[g].shape == subject.chain.given[g].shape;
        if (!same) continue;
        if (auto found = LinearSums::of(variant->chain, datapath)) sums.push_back(std::move(*found));
    }

    ProbeMaker maker(subject, ranges, std::move(sums));
    for (std::size_t batch = 0; batch < limits.batches && !pair.over(); ++batch) {
        probes.clear();
        while (probes.size() < kBatch) probes.push_back(maker.next());
        const std::vector<bool> differ = pair.differ(probes);
        const auto hit = std::find(differ.begin(), differ.end(), true);
        if (hit == differ.end()) continue;

        std::vector<Probe> image{probes[static_cast<std::size_t>(hit - differ.begin())]};
        shrink(image[0], pair, maker);
        const auto a = pair.words(first, image), b = pair.words(second, image), e = pair.words(expected, image);
        if (a == b || a.size() != b.size() || a.size() != e.size())
            throw std::logic_error("an image that told two explanations apart does not");
        result.found = true;
        const auto at = std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin();
        const Format format = subject.last().result.format;
        const auto raw = [&](const std::vector<std::int64_t>& words) {
            return raw_from_word(words[static_cast<std::size_t>(at)], format);
        };
        result.element = at;
        result.expected = raw(e);
        result.by_first = raw(a);
        result.by_second = raw(b);
        result.words_expected = e;
        result.words_by_first = a;
        result.words_by_second = b;
        result.given = pair.variant(expected, image)->chain.given;
        return result;
    }
    return result;
}

std::vector<TellingVector> telling_for(const Graph& graph, const Subject& subject,
                                       const std::vector<Contender>& contenders, const Datapath& datapath,
                                       const TellingLimits& limits) {
    std::vector<RawRange> ranges;
    for (const TensorWords& given : subject.chain.given) ranges.push_back(possible_raws(graph, given.name, datapath));
    std::vector<TellingVector> found;
    if (contenders.empty() || has(contenders[0], Cause::StaleImage)) return found;
    for (std::size_t other = 1; other < contenders.size() && found.size() < limits.pairs; ++other) {
        if (limits.cancel != nullptr && *limits.cancel) break;
        if (has(contenders[other], Cause::StaleImage)) continue;
        found.push_back(telling_vector(subject, ranges, contenders[0], contenders[other], datapath, limits));
    }
    return found;
}

}  // namespace bittrue::diagnose_detail
