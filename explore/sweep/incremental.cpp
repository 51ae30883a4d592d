// A configuration changes only the images whose sums leave its accumulators: those, from that layer on, run again.
#include <algorithm>
#include <mutex>

#include <tbb/enumerable_thread_specific.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "bittrue/model/error.hpp"
#include "sweep/block_network.hpp"
#include "sweep/rerun.hpp"
#include "sweep/tally.hpp"

namespace bittrue::explore {

namespace {

constexpr int kChunk = 256;
constexpr std::size_t kCacheBytes = std::size_t{2} << 30;  // of base passes that are kept
constexpr std::size_t kTogether = 8;                       // configurations per base pass where those are not kept

using Found = std::function<void(std::size_t, const Outcome&)>;

class IncrementalJudge : public Judge {
public:
    IncrementalJudge(const Trial& trial, const JudgeOptions& options, std::unique_ptr<BlockNetwork> network)
        : trial_(trial),
          options_(options),
          network_(std::move(network)),
          rooms_([this] { return Workplace(*network_); }) {
        const int cores = tbb::info::default_concurrency();
        arena_.initialize(options.threads > 0 ? std::min(options.threads, cores) : cores);
        const std::size_t per_image = static_cast<std::size_t>(network_->kept_elements) * sizeof(std::int32_t);
        caches_ = per_image * trial.batch.images <= kCacheBytes;
    }

    // False where the wide network itself does not fit.
    bool prepare() {
        wide_specs_ = wide_specs(trial_.graph);
        auto own = std::make_unique<Family>(*network_, specs_of(trial_.graph));
        if (!own->declined.empty() || !own->lossless) own = std::make_unique<Family>(*network_, wide_specs_);
        if (!own->declined.empty()) return false;
        family_ = std::move(own);
        return true;
    }

    const Outcome& wide() override {
        if (has_wide_) return wide_outcome_;
        const std::size_t images = trial_.batch.images;
        wide_.elements = network_->elements[network_->error];
        wide_.words.resize(images * static_cast<std::size_t>(wide_.elements));
        wide_.best.resize(images);
        for_chunks([&](std::size_t chunk, Workplace& place) {
            ChunkBase base = base_of(*family_, chunk, place);
            for (int l = 0; l < base.images; ++l) {
                const std::size_t image = base.first + static_cast<std::size_t>(l);
                wide_.best[image] = base.best[static_cast<std::size_t>(l)];
                for (std::int64_t e = 0; e < wide_.elements; ++e)
                    wide_.row(image)[e] = base.tensors[network_->error].plane(e)[l];
            }
            if (caches_) bases_[chunk] = std::move(base);
        });
        cached_ = caches_;
        wide_outcome_ = empty_outcome(network_->layers);
        for (std::size_t i = 0; i < images && !trial_.labels.empty(); ++i)
            wide_outcome_.correct += wide_.best[i] == trial_.labels[i] ? 1U : 0U;
        for (std::size_t k = 0; k < network_->layers; ++k) {
            if (!family_->macs[k]->bias_cast_overflows()) continue;
            wide_outcome_.layers_touched[k] = images;
            wide_outcome_.touched = images;
        }
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
    struct Workplace {
        explicit Workplace(const BlockNetwork& network) : room(network), rerun(network) {}
        Room room;
        RerunRoom rerun;
    };

    void judge_family(std::span<const Configuration> configurations, std::size_t offset, const Found& found) {
        const auto key = Family::key_of(configurations.front().specs);
        if (key != family_->key) {
            family_ = std::make_unique<Family>(*network_, configurations.front().specs);
            cached_ = false;
            bases_.clear();
        }
        std::vector<std::vector<MacLimits>> limits;
        bool declined = !family_->declined.empty();
        for (const Configuration& c : configurations) {
            limits.emplace_back();
            for (std::size_t k = 0; k < network_->layers && !declined; ++k) {
                limits.back().emplace_back(*family_->macs[k], c.specs[k].type);
                declined = limits.back().back().declined;
            }
        }
        if (declined) return judge_by_brute(configurations, offset, found);
        const std::size_t together = caches_ ? 1 : kTogether;
        for (std::size_t i = 0; i < configurations.size(); i += together) {
            const std::size_t count = std::min(together, configurations.size() - i);
            const auto outcomes = evaluate(std::span(limits).subspan(i, count));
            for (std::size_t k = 0; k < count; ++k) found(offset + i + k, outcomes[k]);
        }
    }

    void judge_by_brute(std::span<const Configuration> configurations, std::size_t offset, const Found& found) {
        if (!brute_) brute_ = make_brute_judge(trial_, options_);
        brute_->judge(configurations, [&](std::size_t i, const Outcome& o) { found(offset + i, o); });
        done_ += static_cast<double>(configurations.size());
    }

    std::vector<Outcome> evaluate(std::span<const std::vector<MacLimits>> limits) {
        std::vector<Outcome> outcomes(limits.size(), empty_outcome(network_->layers));
        std::mutex mutex;
        std::size_t chunks_done = 0;
        for_chunks([&](std::size_t chunk, Workplace& place) {
            if (!cached_) bases_[chunk] = base_of(*family_, chunk, place);
            const ChunkBase& base = bases_[chunk];
            std::vector<Outcome> parts;
            for (const auto& l : limits)
                parts.push_back(rerun(*network_, *family_, l, base, wide_, trial_.labels, place.rerun));
            if (!caches_) bases_[chunk] = {};
            const std::lock_guard lock(mutex);
            for (std::size_t i = 0; i < parts.size(); ++i) merge(outcomes[i], parts[i]);
            ++chunks_done;
            if (options_.progress) {
                const double part = static_cast<double>(chunks_done) / static_cast<double>(chunks());
                options_.progress(done_ + part * static_cast<double>(limits.size()));
            }
        });
        cached_ = caches_;
        done_ += static_cast<double>(limits.size());
        return outcomes;
    }

    [[nodiscard]] std::size_t chunks() const { return (trial_.batch.images + kChunk - 1) / kChunk; }

    template <class Body>
    void for_chunks(const Body& body) {
        if (bases_.empty()) bases_.resize(chunks());
        arena_.execute([&] {
            tbb::parallel_for(std::size_t{0}, chunks(), [&](std::size_t chunk) {
                if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) throw Interrupted();
                body(chunk, rooms_.local());
            });
        });
    }

    ChunkBase base_of(const Family& family, std::size_t chunk, Workplace& place) const {
        const std::size_t first = chunk * kChunk;
        const auto images = static_cast<int>(std::min<std::size_t>(kChunk, trial_.batch.images - first));
        return base_pass(*network_, family, trial_.batch, first, images, place.room);
    }

    Trial trial_;
    JudgeOptions options_;
    std::unique_ptr<BlockNetwork> network_;
    std::vector<AccumulatorSpec> wide_specs_{};
    std::unique_ptr<Family> family_{};  // of bases_
    tbb::task_arena arena_{};
    tbb::enumerable_thread_specific<Workplace> rooms_;
    bool caches_ = false;
    bool cached_ = false;  // bases_ are those of family_
    std::vector<ChunkBase> bases_{};
    WideWords wide_{};
    bool has_wide_ = false;
    Outcome wide_outcome_{};
    std::unique_ptr<Judge> brute_{};
    double done_ = 0;
};

}  // namespace

std::unique_ptr<Judge> make_incremental_judge(const Trial& trial, const JudgeOptions& options) {
    auto network = std::make_unique<BlockNetwork>(trial.graph);
    if (!network->declined().empty()) return nullptr;
    auto judge = std::make_unique<IncrementalJudge>(trial, options, std::move(network));
    if (!judge->prepare()) return nullptr;
    return judge;
}

std::unique_ptr<Judge> make_judge(const Trial& trial, const JudgeOptions& options) {
    if (auto judge = make_incremental_judge(trial, options)) return judge;
    return make_brute_judge(trial, options);
}

}  // namespace bittrue::explore
