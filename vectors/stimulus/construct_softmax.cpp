// Softmax: differences put a number at each bin of the exponentials; sums are made of entries of that table, the
// largest that still fits first.
#include <algorithm>
#include <set>

#include "stage.hpp"
#include "sum_sets.hpp"

namespace bittrue::corner {
namespace {

class SoftmaxConstruction {
public:
    SoftmaxConstruction(const Stage& stage, const Softmax& op)
        : stage_(stage),
          op_(op),
          numbers_(stage.numbers()),
          random_(stage.maker().random()),
          size_(numbers_.size()),
          all_(numbers_.front()) {
        for (const Strided& s : numbers_) all_ = joined(all_, s);
        quiet_.counts = false;
        quiet_.trace = &trace_;
    }

    void run() {
        largest();
        if (op_.kind == SoftmaxKind::Argmax) return;
        indices();
        if (op_.kind == SoftmaxKind::Legacy) {
            scattered();
            return;
        }
        read_entries();
        read_sums();
        sum_goals();
        results();
        sums();
        scattered();
    }

private:
    // How an element is told which exponential it gets: relative to the largest, or by itself.
    [[nodiscard]] bool relative() const { return op_.kind != SoftmaxKind::Latency; }
    [[nodiscard]] i128 word_for(i128 index) const {
        const i128 word = relative() ? all_.high - index : index;
        return std::clamp(word, all_.low, all_.high);
    }

    void largest() const {
        std::vector<Stage::Raws> images;
        for (std::size_t i = 0; i < size_; ++i) {
            images.emplace_back(size_, all_.low);
            images.back()[i] = all_.high;
        }
        images.emplace_back(size_, all_.high);
        stage_.offer(images);
    }

    // Every bin's first and last word and every goal of the difference, many in an image.
    void indices() {
        std::set<i128> wanted;
        for (const Site& site : stage_.probe().sites) {
            if (site.place != "difference" || !site.used) continue;
            for (const GoalTarget& t : site.targets) {
                if (!t.possible) continue;
                for (const auto& raw : {first_from(site.values, t.target, site.values.low),
                                        last_to(site.values, t.target, site.values.high),
                                        first_from(site.values, t.target, 0), last_to(site.values, t.target, 0)})
                    if (raw) wanted.insert(*raw);
            }
        }
        for (const Bin& bin : stage_.probe().tables.front().bins) {
            if (!bin.tally.reachable) continue;
            for (const i128 word : {bin.words.low, bin.words.high}) {
                for (const i128 near : before_cast(word)) wanted.insert(near);
            }
        }
        pack({wanted.begin(), wanted.end()});
    }

    // Numbers whose cast into `difference` is this word.
    [[nodiscard]] std::vector<i128> before_cast(i128 word) const {
        if (op_.kind != SoftmaxKind::Stable) return {word};
        const Conversion& c = stage_.probe().sites.front().conversion;
        if (c.dropped() <= 0) {
            const int up = -c.dropped();
            return up > kExactBits ? std::vector<i128>{0} : std::vector<i128>{ceil_div(word, i128{1} << up)};
        }
        const i128 first = shift_up(word, c.dropped()), half = i128{1} << std::min(c.dropped() - 1, kExactBits);
        return {first, first + half, first - half, first + half - 1, first + 1};
    }

    void pack(const Stage::Raws& indices) {
        std::size_t next = 0;
        while (next < indices.size() && stage_.missing()) {
            std::vector<Stage::Raws> images;
            for (int k = 0; k < 16 && next < indices.size(); ++k) {
                if (op_.kind == SoftmaxKind::Legacy) {
                    // Differences of both signs to the first element.
                    const bool negative = indices[next] < 0;
                    Stage::Raws image(size_, negative ? all_.high : all_.low);
                    bool any = false;
                    for (std::size_t i = 1; i < size_ && next < indices.size(); ++i, any = true) {
                        if ((indices[next] < 0) != negative) break;
                        image[i] = std::clamp(image[0] + indices[next++], all_.low, all_.high);
                    }
                    if (!any) ++next;
                    images.push_back(std::move(image));
                } else {
                    Stage::Raws image(size_, all_.high);
                    if (size_ == 1) ++next;
                    for (std::size_t i = 1; i < size_ && next < indices.size(); ++i)
                        image[i] = word_for(indices[next++]);
                    images.push_back(std::move(image));
                }
            }
            stage_.offer(images);
        }
    }

    struct Entry {
        i128 value = 0;  // in the accumulator
        i128 word = 0;   // of the layer's input that leads to it
    };

    // What each reachable bin of the exponentials puts into the sum, asked from the layer itself.
    void read_entries() {
        for (const Bin& bin : stage_.probe().tables.front().bins) {
            if (!bin.tally.reachable) continue;
            const i128 word = word_for(before_cast(bin.words.low).front());
            Stage::Raws x(size_, relative() ? all_.high : word);
            x.back() = word;
            const auto seen = numbers_at("result", x);
            if (seen.empty()) continue;
            const i128 e = exponential_of(x);
            entries_.push_back({e, word});
        }
        std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.value > b.value; });
    }

    [[nodiscard]] std::vector<i128> numbers_at(const std::string& place, const Stage::Raws& x) {
        trace_.clear();
        const std::vector<i128>* inputs[] = {&x};
        std::vector<i128> out;
        stage_.probe().walk(quiet_, inputs, out);
        std::vector<i128> numbers;
        for (const Seen& s : trace_) {
            if (s.site->place == place) numbers.push_back(s.raw);
        }
        return numbers;
    }

    // Of the last element.
    [[nodiscard]] i128 exponential_of(const Stage::Raws& x) {
        const std::vector<i128> casts = numbers_at("exponential", x);
        for (const Site& site : stage_.probe().sites) {
            if (site.place == "exponential") return convert(casts.back(), site.conversion).raw;
        }
        return 0;
    }

    void read_sums() {
        std::vector<i128> parts;
        for (const Entry& e : entries_) parts.push_back(e.value);
        sets_ = SumSets::of(parts, static_cast<std::int64_t>(size_));
        if (!sets_) return;
        const i128 first = relative() ? exponential_of(Stage::Raws(size_, all_.high)) : 0;
        const Conversion& c = stage_.probe().sites[3].conversion;
        for (const i128 sum : sets_->sums(static_cast<std::int64_t>(size_) - (relative() ? 1 : 0)))
            sums_of_[convert(sum + first, c).raw].push_back(sum + first);
    }

    // An input whose exponentials add up to `sum`, or where nothing does so, about; `fixed` are taken first.
    [[nodiscard]] Stage::Raws input_for(i128 sum, std::vector<Entry> fixed) {
        if (relative()) fixed.insert(fixed.begin(), {exponential_of(Stage::Raws(size_, all_.high)), all_.high});
        Stage::Raws x;
        for (const Entry& e : fixed) {
            if (x.size() == size_) break;
            x.push_back(e.word);
            sum -= e.value;
        }
        const auto others = static_cast<std::int64_t>(size_ - x.size());
        if (sets_ && sets_->contains(others, sum)) {
            for (const std::size_t part : sets_->parts_of(others, sum, random_)) x.push_back(entries_[part].word);
            return x;
        }
        while (x.size() < size_) {
            const i128 room = sum - static_cast<i128>(size_ - x.size() - 1) * entries_.back().value;
            auto fits = std::lower_bound(entries_.begin(), entries_.end(), room,
                                         [](const Entry& e, i128 most) { return e.value > most; });
            if (fits == entries_.end()) --fits;
            x.push_back(fits->word);
            sum -= fits->value;
        }
        return x;
    }

    // Sums whose cast is the lowest or highest word that leads to a bin of the inverses; a few of them.
    [[nodiscard]] std::vector<i128> sums_for(const Bin& bin) const {
        constexpr std::size_t kMost = 8;
        const Conversion& c = stage_.probe().sites[3].conversion;
        std::vector<i128> sums;
        for (const i128 word : {bin.words.low, bin.words.high}) {
            if (word == bin.words.high && bin.words.low == bin.words.high && !sums.empty()) break;
            if (const auto found = sums_of_.find(word); found != sums_of_.end()) {
                const std::size_t step = std::max<std::size_t>(1, found->second.size() / kMost);
                for (std::size_t i = 0; i < found->second.size(); i += step) sums.push_back(found->second[i]);
            } else {
                sums.push_back(c.dropped() >= 0 ? shift_up(word, c.dropped())
                                                : floor_div(word, i128{1} << std::min(-c.dropped(), 100)));
            }
        }
        return sums;
    }

    [[nodiscard]] static bool is_open(const Bin& bin) {
        const auto open = [](const Tally& t) { return t.reachable && t.hits == 0; };
        return open(bin.tally) || open(bin.lowest) || open(bin.highest);
    }

    void offer(std::vector<Stage::Raws>& images, bool now) const {
        constexpr std::size_t kAtOnce = 32;
        if (images.empty() || (!now && images.size() < kAtOnce)) return;
        stage_.offer(images);
        images.clear();
    }

    void sums() {
        if (entries_.empty()) return;
        std::vector<Stage::Raws> images;
        const Bins& table = stage_.probe().tables.back();
        for (std::size_t which = 0; which < 16; ++which) {
            for (const Bin& bin : table.bins) {
                if (!stage_.missing()) return;
                if (!is_open(bin)) continue;
                const std::vector<i128> wanted = sums_for(bin);
                if (which < wanted.size()) images.push_back(input_for(wanted[which], {}));
                offer(images, false);
            }
            offer(images, true);
        }
    }

    // Sums that reach a goal themselves, or their cast into the index.
    void sum_goals() {
        if (entries_.empty()) return;
        std::vector<Stage::Raws> images;
        for (const std::size_t site : {std::size_t{2}, std::size_t{3}}) {
            const Site& s = stage_.probe().sites[site];
            for (std::size_t g = 0; g < kGoals; ++g) {
                if (!s.tallies[g].reachable || s.tallies[g].hits > 0) continue;
                for (i128 from = s.values.low; images.size() < 24;) {
                    const auto sum = first_from(s.values, s.targets[g].target, from);
                    if (!sum) break;
                    images.push_back(input_for(*sum, {}));
                    from = *sum + std::max<i128>(1, (s.values.high - s.values.low) / 16);
                }
                offer(images, true);
            }
        }
    }

    // Pairs of an exponential and an inverse whose product reaches a goal of the result.
    void results() {
        const Site& site = stage_.probe().sites.back();
        const std::vector<i128> inverses = inverses_of();
        const Bins& table = stage_.probe().tables.back();
        std::vector<Stage::Raws> images;
        for (std::size_t g = 0; g < kGoals; ++g) {
            if (!site.tallies[g].reachable || site.tallies[g].hits > 0) continue;
            int tries = 0;
            for (const Entry& e : entries_) {
                for (std::size_t k = 0; k < table.bins.size() && tries < 256; ++k) {
                    if (!table.bins[k].tally.reachable || !contains(site.targets[g].target, e.value * inverses[k]))
                        continue;
                    for (const i128 sum : sums_for(table.bins[k])) {
                        images.push_back(input_for(sum, {e}));
                        ++tries;
                    }
                    offer(images, false);
                    if (site.tallies[g].hits > 0 || stage_.maker().full()) tries = 256;
                }
            }
            offer(images, true);
        }
    }

    [[nodiscard]] std::vector<i128> inverses_of() const {
        std::vector<i128> raws;
        for (const ParameterWords& p : stage_.maker().probe().parameters()) {
            if (p.layer != stage_.node().name || p.role != "inv_table") continue;
            for (const std::int64_t word : p.tensor.words) raws.push_back(raw_from_word(word, p.tensor.format));
        }
        return raws;
    }

    // Random vectors, from nearly equal elements to far apart.
    void scattered() {
        for (int round = 0; round < 24 && stage_.missing(); ++round) {
            std::vector<Stage::Raws> images;
            for (int k = 0; k < 32; ++k) {
                const i128 spread = std::max<i128>((all_.high - all_.low) >> random_.below(12), 1);
                const i128 top = all_.high - (random_.below(2) == 0 ? 0
                                                                    : i128{random_.below(1 << 16)} *
                                                                          (all_.high - all_.low - spread) / (1 << 16));
                Stage::Raws x;
                for (std::size_t i = 0; i < size_; ++i) {
                    const i128 down = spread * i128{random_.below(1 << 24)} / (1 << 24);
                    x.push_back(std::clamp(top - down, all_.low, all_.high));
                }
                images.push_back(std::move(x));
            }
            stage_.offer(images);
        }
    }

    const Stage& stage_;
    const Softmax& op_;
    const std::vector<Strided>& numbers_;
    SplitMix64& random_;
    std::size_t size_;
    Strided all_;
    std::vector<Entry> entries_{};  // the largest first
    std::optional<SumSets> sets_{};
    std::map<i128, std::vector<i128>> sums_of_{};  // by the word of the sum's cast
    Concrete quiet_{};
    std::vector<Seen> trace_{};
};

}  // namespace

void construct_softmax(const Stage& stage, const Softmax& op) {
    SoftmaxConstruction(stage, op).run();
}

}  // namespace bittrue::corner
