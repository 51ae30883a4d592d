#include "search/search.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include "bittrue/model/error.hpp"
#include "changes/candidates.hpp"
#include "search/description.hpp"
#include "search/one_type.hpp"

namespace bittrue::diagnose_detail {
namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kPerfect = 48;    // run on all words, of those that give the whole sample
constexpr std::size_t kConfirmed = 10;  // of the others, where none of these gives all words
constexpr std::size_t kBesidesSolved = 2;
constexpr std::size_t kAlwaysRun = 6;  // of them: even where time is up
constexpr double kOfSameType = 4;      // bits of a second setting of one type, beyond its own
constexpr std::int64_t kSmallWork = 150'000;
constexpr double kShareOfConfirming = 0.7;  // of the time

// Wrong words listed one by one, or as the bits of them that were flipped: noise is no reason to change a setting.
double bits_of_nothing(const Subject& subject, const Evidence& evidence) {
    const int width = subject.last().result.format.width;
    const double listed = list_bits(evidence.words, evidence.different, width);
    std::int64_t flips = 0;
    for (const std::int64_t count : evidence.bit) flips += count;
    if (evidence.different == 0) return listed;
    const double per_flip = std::log2(static_cast<double>(std::max(width, 2)));
    const double flipped = place_bits(evidence.words, evidence.different) + static_cast<double>(flips) * per_flip;
    return std::min(listed, flipped);
}

}  // namespace

Searcher::Searcher(const Subject& subject, const Evidence& evidence, const Datapath& datapath,
                   const SearchLimits& limits)
    : subject_(subject), evidence_(evidence), datapath_(datapath), limits_(limits) {}

// What a busy machine takes away is no time spent: its verdict is that of an idle one.
double Searcher::seconds() const {
    const double wall = std::chrono::duration<double>(Clock::now() - begin_).count();
    return std::min(wall, processor_seconds() - processor_begin_);
}

double Searcher::change_bits(const std::vector<std::size_t>& changes) const {
    double bits = 0;
    std::set<std::string> types;
    for (const std::size_t c : changes) {
        const std::string type = type_setting(result_.candidates[c].slot).type;
        const bool is_again = !type.empty() && !types.insert(type).second;
        bits += (is_again ? kOfSameType : kChangeBits) + result_.candidates[c].bits;
    }
    return bits;
}

double Searcher::bits_of(const Trial& trial, const std::vector<std::size_t>& changes, const Outcome& outcome) const {
    const std::int64_t wrong = trial.different() - outcome.explained + outcome.spoiled;
    return change_bits(changes) + list_bits(trial.words(), wrong, trial.width());
}

bool Searcher::is_solved() const {
    return std::any_of(result_.found.begin(), result_.found.end(), [this](const Found& f) {
        return f.outcome.explained == result_.different && f.outcome.spoiled == 0;
    });
}

// Outcomes by number; what was not begun in time does not apply. `until`: seconds of the search.
std::vector<Outcome> Searcher::run_all(const Trial& trial, const std::vector<std::vector<std::size_t>>& changes,
                                       double until, std::int64_t& done) {
    std::vector<Outcome> outcomes(changes.size());
    std::atomic<std::size_t> next{0};
    std::atomic<std::int64_t> count{0};
    std::atomic<bool> is_late{false};
    std::exception_ptr failure;
    std::mutex mutex;
    const auto work = [&] {
        try {
            for (std::size_t i = next++; i < changes.size(); i = next++) {
                if (limits_.cancel != nullptr && *limits_.cancel) throw Interrupted();
                if (i >= kAlwaysRun && seconds() > until) {
                    is_late = true;
                    return;
                }
                std::vector<const Candidate*> applied;
                for (const std::size_t c : changes[i]) applied.push_back(&result_.candidates[c]);
                outcomes[i] = trial.run(applied);
                ++count;
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 1; t < kThreads && t < changes.size(); ++t) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    if (is_late) result_.out_of_time = true;
    done += count;
    return outcomes;
}

void Searcher::try_singles(std::size_t from) {
    std::stable_sort(result_.candidates.begin() + static_cast<std::ptrdiff_t>(from), result_.candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.priority < b.priority; });
    std::vector<std::vector<std::size_t>> changes;
    for (std::size_t c = from; c < result_.candidates.size(); ++c) changes.push_back({c});
    // Single causes first: pairs have what they leave.
    const double until = limits_.seconds * kShareOfConfirming;
    const std::vector<Outcome> outcomes = run_all(*sample_, changes, until, result_.tried);
    std::vector<Tried> good;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        singles_.push_back(tried(changes[i], *sample_, outcomes[i]));
        good.push_back(singles_.back());
    }
    confirm(good, kConfirmed, limits_.seconds * kShareOfConfirming);
}

Searcher::Tried Searcher::tried(const std::vector<std::size_t>& changes, const Trial& trial,
                                const Outcome& outcome) const {
    return {.changes = changes,
            .outcome = outcome,
            .bits = bits_of(trial, changes, outcome),
            .is_perfect = outcome.applies && outcome.explained == trial.different() && outcome.spoiled == 0};
}

// All that give the sample's words to the bit; where none of them gives all words, some of the others, too.
void Searcher::confirm(std::vector<Tried>& all, std::size_t most, double until) {
    std::erase_if(all, [](const Tried& t) { return !t.outcome.applies || t.outcome.explained == 0; });
    std::stable_sort(all.begin(), all.end(), [](const Tried& a, const Tried& b) { return a.bits < b.bits; });
    const auto others = std::stable_partition(all.begin(), all.end(), [](const Tried& t) { return t.is_perfect; });
    const auto perfect = static_cast<std::size_t>(others - all.begin());
    std::vector<std::vector<std::size_t>> changes;
    for (std::size_t i = 0; i < perfect && i < kPerfect; ++i) changes.push_back(all[i].changes);
    run_on_all(changes, until);
    changes.clear();
    const std::size_t rest = is_solved() ? kBesidesSolved : most;
    for (std::size_t i = perfect; i < all.size() && i < perfect + rest; ++i) changes.push_back(all[i].changes);
    run_on_all(changes, until);
}

void Searcher::run_on_all(const std::vector<std::vector<std::size_t>>& changes, double until) {
    std::int64_t done = 0;
    const std::vector<Outcome> outcomes = run_all(*all_, changes, until, done);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!outcomes[i].applies || outcomes[i].explained == 0) continue;
        result_.found.push_back({changes[i], outcomes[i], bits_of(*all_, changes[i], outcomes[i])});
    }
}

SearchResult Searcher::run() {
    const Maker maker{
        .subject = subject_, .evidence = evidence_, .datapath = datapath_, .candidates = result_.candidates};
    result_.words = evidence_.words;
    result_.different = evidence_.different;
    result_.null_bits = bits_of_nothing(subject_, evidence_);
    const Left wrong{.by_image = evidence_.by_image, .by_channel = evidence_.by_channel};
    sample_.emplace(subject_, datapath_, sample_images(subject_, wrong, false), sample_channels(subject_, wrong));
    all_.emplace(subject_, datapath_, all_images(subject_));
    add_quick_changes(maker);
    try_singles(0);
    // Of a large layer they would take longer than all others together.
    if (!is_solved() || work_of(subject_) < kSmallWork) {
        const std::size_t from = result_.candidates.size();
        add_mac_faults(maker);
        try_singles(from);
    }
    if (limits_.pairs && !is_solved()) try_pairs();
    // A single change that gives every word leaves nothing for a second one to say.
    const auto is_enough = [this](const Found& f) {
        return f.changes.size() == 1 && f.outcome.explained == result_.different && f.outcome.spoiled == 0;
    };
    const auto sorted = [&is_enough](const Found& a, const Found& b) {
        if (is_enough(a) != is_enough(b)) return is_enough(a);
        if (a.bits != b.bits) return a.bits < b.bits;
        if (a.changes.size() != b.changes.size()) return a.changes.size() < b.changes.size();
        return a.changes < b.changes;
    };
    std::sort(result_.found.begin(), result_.found.end(), sorted);
    return std::move(result_);
}

SearchResult search(const Subject& subject, const Evidence& evidence, const Datapath& datapath,
                    const SearchLimits& limits) {
    return Searcher(subject, evidence, datapath, limits).run();
}

}  // namespace bittrue::diagnose_detail
