// A configuration changes only the images whose sums leave its accumulators: those, from that layer on, run again.
#include <algorithm>
#include <mutex>

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "sweep/rerun.hpp"
#include "sweep/tally.hpp"

namespace bittrue::explore {

namespace {

constexpr std::size_t kBlock = 64;  // images that the emulator runs together
constexpr std::size_t kMostImages = 1024;
constexpr std::int64_t kMostMacs = std::int64_t{1} << 31;  // of a chunk, so that a sweep can be interrupted
constexpr std::size_t kTogether = 8;                       // configurations per base pass where those are not kept

using Found = std::function<void(std::size_t, const Outcome&)>;

class IncrementalJudge : public Judge {
public:
    IncrementalJudge(const Trial& trial, const JudgeOptions& options)
        : trial_(trial), options_(options), segments_(trial.graph), wide_specs_(wide_specs(trial.graph)) {
        const int cores = tbb::info::default_concurrency();
        threads_ = options.threads > 0 ? std::min(options.threads, cores) : cores;
        arena_.initialize(threads_);
        const std::size_t images = trial.batch.images;
        const auto by_macs = static_cast<std::size_t>(kMostMacs / std::max<std::int64_t>(segments_.macs(), 1));
        const std::size_t by_threads =
            (images + static_cast<std::size_t>(threads_) - 1) / static_cast<std::size_t>(threads_);
        const std::size_t blocks = (std::min(by_threads, kMostImages) + kBlock - 1) / kBlock;
        chunk_ = std::clamp<std::size_t>(by_macs / kBlock, 1, blocks) * kBlock;
        caches_ = segments_.kept_bytes() * images <= options.cache_bytes;
        wide_family_ = std::make_unique<Family>(segments_, wide_specs_, wide_specs_);
        family_ = wide_family_.get();
    }

    // False where 62 bits do not hold the wide sums.
    [[nodiscard]] bool fits() const { return wide_family_->declined().empty(); }

    const Outcome& wide() override {
        if (has_wide_) return wide_outcome_;
        input_ = emulator::words_of(trial_.batch, trial_.graph.input.type, threads_);
        const std::size_t images = trial_.batch.images, error = segments_.error();
        wide_.elements = segments_.elements_of(error);
        wide_.raws.resize(images * wide_.elements);
        wide_.best.resize(images);
        wide_outcome_ = empty_outcome(segments_.nodes().size());
        std::mutex mutex;
        for_chunks([&](std::size_t chunk) {
            const ChunkBase& base = bases_[chunk] = base_of_chunk(*wide_family_, chunk);
            for (std::size_t i = 0; i < base.images; ++i) {
                wide_.best[base.first + i] = base.best[i];
                read_raws(base.tensors[error], wide_.elements, segments_.format_of(error), i,
                          wide_.raws.data() + (base.first + i) * wide_.elements);
            }
            const auto touched = always_touched(segments_, *wide_family_, base);
            const std::lock_guard lock(mutex);
            for (std::size_t k = 0; k + 1 < touched.size(); ++k) wide_outcome_.layers_touched[k] += touched[k];
            wide_outcome_.touched += touched.back();
            if (!caches_) bases_[chunk] = {};
        });
        based_on_ = caches_ ? wide_family_.get() : nullptr;
        for (std::size_t i = 0; i < images && !trial_.labels.empty(); ++i)
            wide_outcome_.correct += wide_.best[i] == trial_.labels[i] ? 1U : 0U;
        has_wide_ = true;
        return wide_outcome_;
    }

    void judge(std::span<const Configuration> configurations, const Found& found) override {
        (void)wide();
        done_ = 0;
        for (std::size_t begin = 0; begin < configurations.size();) {
            const auto key = Family::key_of(configurations[begin].specs);
            std::size_t end = begin + 1;
            while (end < configurations.size() && Family::key_of(configurations[end].specs) == key) ++end;
            judge_family(configurations.subspan(begin, end - begin), begin, found);
            begin = end;
        }
    }

private:
    void judge_family(std::span<const Configuration> configurations, std::size_t offset, const Found& found) {
        const auto key = Family::key_of(configurations.front().specs);
        if (key != family_->key()) {
            if (based_on_ == other_family_.get()) based_on_ = nullptr;
            other_family_ = std::make_unique<Family>(segments_, configurations.front().specs, wide_specs_);
            family_ = other_family_.get();
            has_extents_ = false;
        }
        if (!family_->declined().empty()) return judge_by_brute(configurations, offset, found);
        const std::size_t together = caches_ ? 1 : kTogether;
        for (std::size_t i = 0; i < configurations.size(); i += together) {
            const std::size_t count = std::min(together, configurations.size() - i);
            const auto outcomes = evaluate(configurations.subspan(i, count));
            for (std::size_t k = 0; k < count; ++k) found(offset + i + k, outcomes[k]);
        }
    }

    void judge_by_brute(std::span<const Configuration> configurations, std::size_t offset, const Found& found) {
        if (!brute_) brute_ = make_brute_judge(trial_, options_);
        brute_->judge(configurations, [&](std::size_t i, const Outcome& o) { found(offset + i, o); });
        done_ += static_cast<double>(configurations.size());
    }

    // A family without losses has the words of the wide network.
    [[nodiscard]] const Family* base_family() const { return family_->lossless() ? wide_family_.get() : family_; }

    std::vector<Outcome> evaluate(std::span<const Configuration> configurations) {
        std::vector<std::vector<Limit>> limits;
        for (const Configuration& c : configurations) {
            limits.emplace_back();
            for (std::size_t k = 0; k < c.specs.size(); ++k)
                limits.back().emplace_back(family_->layers()[k], c.specs[k]);
        }
        std::vector<Outcome> outcomes(limits.size(), empty_outcome(segments_.nodes().size()));
        std::mutex mutex;
        std::size_t chunks_done = 0;
        const bool has_base = based_on_ == base_family();
        extents_.resize(chunks());
        for_chunks([&](std::size_t chunk) {
            ChunkBase& base = bases_[chunk];
            if (!has_base) base = base_of_chunk(*base_family(), chunk);
            if (!has_extents_) extents_[chunk] = extents_of(segments_, *family_, base);
            std::vector<Outcome> parts;
            for (const auto& l : limits)
                parts.push_back(rerun(segments_, *family_, l, base, extents_[chunk], wide_, trial_.labels));
            if (!caches_) base = {};
            const std::lock_guard lock(mutex);
            for (std::size_t i = 0; i < parts.size(); ++i) merge(outcomes[i], parts[i]);
            ++chunks_done;
            if (options_.progress) {
                const double part = static_cast<double>(chunks_done) / static_cast<double>(chunks());
                options_.progress(done_ + part * static_cast<double>(limits.size()));
            }
        });
        based_on_ = caches_ ? base_family() : nullptr;
        has_extents_ = true;
        done_ += static_cast<double>(limits.size());
        return outcomes;
    }

    [[nodiscard]] std::size_t chunks() const { return (trial_.batch.images + chunk_ - 1) / chunk_; }

    template <class Body>
    void for_chunks(const Body& body) {
        bases_.resize(chunks());
        arena_.execute([&] {
            tbb::parallel_for(std::size_t{0}, chunks(), [&](std::size_t chunk) {
                if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) throw Interrupted();
                body(chunk);
            });
        });
    }

    [[nodiscard]] ChunkBase base_of_chunk(const Family& family, std::size_t chunk) const {
        const std::size_t first = chunk * chunk_;
        return base_of(segments_, family, input_, first, std::min(chunk_, trial_.batch.images - first));
    }

    Trial trial_;
    JudgeOptions options_;
    Segments segments_;
    std::vector<AccumulatorSpec> wide_specs_;
    int threads_ = 1;
    std::size_t chunk_ = kBlock;  // images
    tbb::task_arena arena_{};
    WordBatch input_{};
    std::unique_ptr<Family> wide_family_{}, other_family_{};
    const Family* family_ = nullptr;    // of extents_
    const Family* based_on_ = nullptr;  // of bases_; null: they hold nothing
    bool caches_ = false;
    std::vector<ChunkBase> bases_{};
    std::vector<ChunkExtents> extents_{};
    bool has_extents_ = false;
    WideWords wide_{};
    bool has_wide_ = false;
    Outcome wide_outcome_{};
    std::unique_ptr<Judge> brute_{};
    double done_ = 0;
};

}  // namespace

std::unique_ptr<Judge> make_incremental_judge(const Trial& trial, const JudgeOptions& options) {
    auto judge = std::make_unique<IncrementalJudge>(trial, options);
    if (!judge->fits()) return nullptr;
    return judge;
}

std::unique_ptr<Judge> make_judge(const Trial& trial, const JudgeOptions& options) {
    if (auto judge = make_incremental_judge(trial, options)) return judge;
    return make_brute_judge(trial, options);
}

}  // namespace bittrue::explore
