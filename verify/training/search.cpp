#include "training/search.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bittrue::training_detail {
namespace {

using Clock = std::chrono::steady_clock;

// What changes give for all cases.
struct Tried {
    std::vector<const StepCandidate*> changes{};
    std::vector<Words> words{};  // by case
    std::vector<std::int64_t> explained{}, spoiled{};
    std::int64_t all_explained = 0, all_spoiled = 0;
    double bits = 0;
    bool only = false;  // in the steps that are wrong, the others as the rule has them
};

class Search {
public:
    Search(const TrainingNetwork& network, const std::vector<StepCase>& cases, Format format, StepReader& reader,
           const DiagnoseOptions& options, Clock::time_point end)
        : network_(network), cases_(cases), format_(format), reader_(reader), options_(options), end_(end) {
        std::int64_t words = 0;
        for (const StepCase& c : cases) {
            words += static_cast<std::int64_t>(c.actual.size());
            different_ += c.different;
        }
        // To say one word that is given wrongly: which, and what it is.
        word_bits_ = std::log2(static_cast<double>(words) + 1) + format.width;
    }

    StepSearch run() {
        const std::vector<StepCandidate> candidates = StepCandidates(network_, *cases_.front().place, format_).all();
        std::vector<Tried> good;
        for (const StepCandidate& candidate : candidates) {
            if (over()) break;
            ++result_.tried;
            if (auto tried = attempt({&candidate})) good.push_back(std::move(*tried));
        }
        sort(good);
        if (options_.pairs && !over() &&
            (good.empty() || good.front().all_explained < different_ || good.front().all_spoiled > 0))
            pairs(candidates, good);
        sort(good);
        report(good);
        return std::move(result_);
    }

private:
    [[nodiscard]] bool over() {
        const bool over = Clock::now() >= end_ || (options_.cancel != nullptr && *options_.cancel);
        result_.out_of_time = result_.out_of_time || over;
        return over;
    }

    // None where it does not apply, or makes nothing shorter to say.
    [[nodiscard]] std::optional<Tried> attempt(std::vector<const StepCandidate*> changes) {
        Tried tried{.changes = std::move(changes)};
        for (const StepCase& c : cases_) {
            StepVariant variant{.network = network_, .from = c.from};
            bool applies = true;
            for (const StepCandidate* change : tried.changes)
                applies = applies && change->apply(variant, *c.place, reader_);
            // Where it says nothing of a step, that step is as the rule has it.
            Words words = c.expected;
            if (applies) {
                words = reader_.datapath().tensor(variant.network, c.place->layer, c.place->tensor, variant.from,
                                                  variant.rules);
                for (const auto& change : variant.after) change(words);
            }
            std::int64_t explained = 0, spoiled = 0;
            for (std::size_t i = 0; i < words.size(); ++i) {
                // A word has no more bits than its format.
                words[i] = word_from_pattern(pattern_from_word(words[i], format_), format_);
                const bool given = words[i] == c.actual[i], right = c.expected[i] == c.actual[i];
                explained += given && !right ? 1 : 0;
                spoiled += !given && right ? 1 : 0;
            }
            tried.explained.push_back(explained);
            tried.spoiled.push_back(spoiled);
            tried.all_explained += explained;
            tried.all_spoiled += spoiled;
            tried.words.push_back(std::move(words));
        }
        for (const StepCandidate* change : tried.changes) {
            tried.bits += change->bits;
            if (tried.all_explained < change->least) return {};
        }
        keep_right_steps(tried);
        tried.bits += static_cast<double>(different_ - tried.all_explained + tried.all_spoiled) * word_bits_;
        const bool useful = tried.all_explained > 0 && tried.bits < static_cast<double>(different_) * word_bits_;
        if (!useful) return {};
        return tried;
    }

    // A change that would spoil steps without a wrong word may have been made in the others alone. It takes a bit for
    // each step to say in which.
    void keep_right_steps(Tried& tried) const {
        std::int64_t spoiled = 0;
        for (std::size_t c = 0; c < cases_.size(); ++c) spoiled += cases_[c].different == 0 ? tried.spoiled[c] : 0;
        const auto steps = static_cast<double>(cases_.size());
        if (spoiled == 0 || static_cast<double>(spoiled) * word_bits_ <= steps) return;
        for (std::size_t c = 0; c < cases_.size(); ++c) {
            if (cases_[c].different != 0) continue;
            tried.words[c] = cases_[c].expected;
            tried.spoiled[c] = 0;
        }
        tried.all_spoiled -= spoiled;
        tried.bits += steps;
        tried.only = true;
    }

    // "step 0"
    [[nodiscard]] std::string wrong_steps() const {
        std::vector<std::uint64_t> steps;
        for (const StepCase& c : cases_) {
            if (c.different != 0) steps.push_back(c.place->step);
        }
        return fmt::format("step{} {}", steps.size() == 1 ? "" : "s", fmt::join(steps, ", "));
    }

    static void sort(std::vector<Tried>& tried) {
        std::stable_sort(tried.begin(), tried.end(), [](const Tried& a, const Tried& b) { return a.bits < b.bits; });
    }

    // The best single ones, each with every other.
    void pairs(const std::vector<StepCandidate>& candidates, std::vector<Tried>& good) {
        constexpr std::size_t kBest = 6;
        std::vector<const StepCandidate*> best;
        for (std::size_t i = 0; i < good.size() && i < kBest; ++i) best.push_back(good[i].changes.front());
        const double single = good.empty() ? 1e300 : good.front().bits;
        std::vector<Tried> found;
        for (const StepCandidate* one : best) {
            for (const StepCandidate& other : candidates) {
                if (over()) break;
                if (other.slot == one->slot) continue;
                ++result_.pairs_tried;
                auto tried = attempt({one, &other});
                if (tried && tried->bits < single) found.push_back(std::move(*tried));
            }
        }
        std::move(found.begin(), found.end(), std::back_inserter(good));
    }

    void report(std::vector<Tried>& good) {
        std::vector<const std::vector<Words>*> groups;
        for (Tried& tried : good) {
            if (result_.hypotheses.size() >= options_.keep) break;
            // Beside one that gives every word only its equals are worth a look.
            const bool perfect = good.front().all_explained == different_ && good.front().all_spoiled == 0;
            if (perfect && tried.bits > good.front().bits + word_bits_) break;
            Hypothesis h{.explained = tried.all_explained,
                         .spoiled = tried.all_spoiled,
                         .bits = tried.bits,
                         .is_network = false};
            for (const StepCandidate* change : tried.changes) h.changes.push_back(change->change);
            if (tried.only) h.changes.back().text += fmt::format(" (in {} only)", wrong_steps());
            std::size_t group = 0;
            while (group < groups.size() && *groups[group] != tried.words) ++group;
            if (group == groups.size()) groups.push_back(&tried.words);
            h.group = static_cast<int>(group);
            h.first_unexplained = first_unexplained(tried);
            result_.hypotheses.push_back(std::move(h));
            result_.explained.push_back(tried.explained);
            result_.spoiled.push_back(tried.spoiled);
        }
    }

    [[nodiscard]] std::optional<Unexplained> first_unexplained(const Tried& tried) const {
        for (std::size_t c = 0; c < cases_.size(); ++c) {
            for (std::size_t i = 0; i < tried.words[c].size(); ++i) {
                if (tried.words[c][i] == cases_[c].actual[i]) continue;
                const auto raw = [&](const Words& words) { return raw_from_word(words[i], format_); };
                return Unexplained{.image = 0,
                                   .element = static_cast<std::int64_t>(i),
                                   .expected = raw(cases_[c].expected),
                                   .predicted = raw(tried.words[c]),
                                   .actual = raw(cases_[c].actual)};
            }
        }
        return {};
    }

    const TrainingNetwork& network_;
    const std::vector<StepCase>& cases_;
    Format format_;
    StepReader& reader_;
    const DiagnoseOptions& options_;
    Clock::time_point end_;
    std::int64_t different_ = 0;
    double word_bits_ = 0;
    StepSearch result_{};
};

}  // namespace

StepSearch search(const TrainingNetwork& network, const std::vector<StepCase>& cases, Format format, StepReader& reader,
                  const DiagnoseOptions& options, Clock::time_point end) {
    return Search(network, cases, format, reader, options, end).run();
}

}  // namespace bittrue::training_detail
