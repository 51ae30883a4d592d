// The loop over epochs and batches.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "bittrue/emulator/training.hpp"
#include "bittrue/explore/train.hpp"
#include "bittrue/model/error.hpp"
#include "training/checkpoint.hpp"
#include "training/pace.hpp"

namespace bittrue::explore {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

bool all_nan(const TrainingState& state) {
    return std::all_of(state.nan.begin(), state.nan.end(), [](bool n) { return n; });
}
bool any_nan(const TrainingState& state) {
    return std::any_of(state.nan.begin(), state.nan.end(), [](bool n) { return n; });
}

// Outputs that do not depend on what the layer reads.
void note_dead(const LayerStep& step, const TrainingLayer& layer, LayerLog& log) {
    const std::vector<std::int32_t>& a = step.activations;
    const auto channels = static_cast<std::size_t>(layer.output.channels);
    const auto places = static_cast<std::size_t>(layer.output.rows) * static_cast<std::size_t>(layer.output.columns);
    std::vector<bool> constant(channels, true);
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::size_t c = i / places % channels;
        if (a[i] != a[c * places]) constant[c] = false;
    }
    log.units = channels;
    log.constant_units = static_cast<std::uint64_t>(std::count(constant.begin(), constant.end(), true));
    log.dead = std::all_of(a.begin(), a.end(), [&](std::int32_t x) { return x == a.front(); });
}

class Session {
public:
    Session(const TrainingNetwork& network, const TrainData& data, const TrainOptions& options)
        : network_(network),
          data_(data),
          options_(options),
          all_(network, options.threads, options.isa),
          pace_(options.threads == 0 && std::thread::hardware_concurrency() > 1),
          identity_(identity_of(network, data, options)),
          size_(static_cast<std::size_t>(network.input.elements())) {}

    TrainOutcome run() && {
        begin();
        while (at_.epoch < options_.epochs) {
            if (ends_at_nan()) break;
            epoch();
        }
        return {.log = std::move(at_.log), .state = std::move(at_.state), .best = std::move(at_.best)};
    }

private:
    [[nodiscard]] emulator::Trainer& trainer() {
        if (!pace_.alone()) return all_;
        if (!one_) one_.emplace(network_, 1, options_.isa);
        return *one_;
    }

    [[nodiscard]] std::size_t images() const { return data_.train.labels.size(); }

    void begin() {
        std::error_code ignored;
        const std::string& path = options_.checkpoint;
        if (!path.empty() && !options_.restart && std::filesystem::is_regular_file(path, ignored)) {
            at_ = read_checkpoint(
                path, identity_, {.images = images(), .test_images = data_.test.labels.size(), .batch = options_.batch},
                network_);
            if (at_.epoch > options_.epochs || (at_.epoch == options_.epochs && at_.batch > 0))
                throw InputError(path,
                                 fmt::format("{} epochs of this run are done already; give more --epochs, or begin "
                                             "anew with --restart",
                                             at_.epoch));
            if (options_.continues) options_.continues(at_.epoch, at_.batch);
            return;
        }
        at_.state = initial_state(network_, options_.seed);
        open_epoch();
        save();  // an unusable path costs no time
    }

    void open_epoch() {
        at_.batch = 0;
        at_.partial = {};
        at_.partial.epoch = at_.epoch;
        at_.partial.rate = rate_at(options_.schedule, at_.epoch);
        at_.partial.layers.resize(network_.layers.size());
    }

    void save() {
        saved_ = Clock::now();
        if (!options_.checkpoint.empty()) write_checkpoint(options_.checkpoint, identity_, at_);
    }

    void epoch() {
        const std::vector<std::uint32_t> order =
            epoch_order(options_.seed, at_.epoch, static_cast<std::uint32_t>(images()));
        const std::size_t batches = (images() + options_.batch - 1) / options_.batch;
        const Clock::time_point begin = Clock::now();
        const double before = at_.partial.seconds;
        const std::uint64_t images_before = at_.partial.images;
        while (at_.batch < batches) {
            step(order);
            ++at_.batch;
            at_.partial.seconds = before + seconds_since(begin);
            const double speed =
                static_cast<double>(at_.partial.images - images_before) / std::max(1e-9, at_.partial.seconds - before);
            if (options_.progress) options_.progress({at_.epoch, at_.partial.images, speed});
            const bool stop = options_.cancel != nullptr && *options_.cancel;
            if (stop || seconds_since(saved_) >= options_.checkpoint_seconds) save();
            if (stop) throw Interrupted();
        }
        close_epoch();
    }

    void gather(const std::vector<std::uint32_t>& order) {
        const std::size_t first = at_.batch * options_.batch;
        const std::size_t count = std::min<std::size_t>(options_.batch, images() - first);
        batch_.pixels.resize(count * size_);
        batch_.labels.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t image = order[first + i];
            batch_.labels[i] = data_.train.labels[image];
            std::copy_n(data_.train.pixels.begin() + static_cast<std::ptrdiff_t>(image * size_), size_,
                        batch_.pixels.begin() + static_cast<std::ptrdiff_t>(i * size_));
        }
    }

    void step(const std::vector<std::uint32_t>& order) {
        gather(order);
        EpochLog& log = at_.partial;
        log.images += batch_.labels.size();
        if (all_nan(at_.state)) {  // H11: nothing can change any more, every answer is 0
            log.nan_loss = true;
            log.correct += static_cast<std::uint64_t>(std::count(batch_.labels.begin(), batch_.labels.end(), 0));
            ++at_.step;
            return;
        }
        const std::vector<bool> nan_before = at_.state.nan;
        StepTrace trace;
        const bool look = at_.batch == 0;  // one batch per epoch is looked at closely
        emulator::Trainer& with = trainer();
        const Clock::time_point begin = Clock::now();
        const emulator::StepSummary s =
            with.step(at_.state, batch_.pixels, batch_.labels, log.rate, look ? &trace : nullptr);
        if (!look) pace_.took(seconds_since(begin));
        log.loss_raw += s.loss_raw;
        log.correct += static_cast<std::uint64_t>(s.correct);
        log.nan_loss = log.nan_loss || s.nan_loss;
        for (std::size_t l = 0; l < s.layers.size(); ++l) {
            LayerLog& own = log.layers[l];
            own.errors.add(s.layers[l].error_exponent);
            own.gradients.add(s.layers[l].gradient_exponent);
            own.forward_overflows += s.layers[l].forward_overflows;
            own.error_overflows += s.layers[l].error_overflows;
            own.gradient_overflows += s.layers[l].gradient_overflows;
            own.clipped_updates += s.layers[l].saturated_weights;
            own.changed_words += s.layers[l].changed_words;
            if (look) note_dead(trace.layers[l], network_.layers[l], own);
        }
        for (const emulator::ZeroTensor& zero : s.zero_tensors) {
            LayerLog& own = log.layers[zero.layer];
            ++(zero.gradient ? own.gradients : own.errors).zeros;
        }
        tell_nan(s, nan_before);
        ++at_.step;
    }

    void tell_nan(const emulator::StepSummary& s, const std::vector<bool>& before) {
        if (network_.zero_scale != ZeroScale::Nan) return;
        const auto became = [&] {
            std::vector<std::string> names;
            for (std::size_t l = 0; l < before.size(); ++l) {
                if (at_.state.nan[l] && !before[l]) names.push_back(network_.layers[l].name);
            }
            return names;
        };
        if (at_.awaits_next_step) {
            at_.log.nan->next_step = became();
            at_.awaits_next_step = false;
        } else if (!at_.log.nan && !s.zero_tensors.empty()) {
            const emulator::ZeroTensor& first = s.zero_tensors.front();
            at_.log.nan = NanStory{.layer = first.layer,
                                   .gradient = first.gradient,
                                   .epoch = at_.epoch,
                                   .batch = at_.batch,
                                   .step = at_.step,
                                   .at_once = became()};
            at_.awaits_next_step = !all_nan(at_.state);
        }
    }

    void close_epoch() {
        EpochLog& log = at_.partial;
        const Clock::time_point begin = Clock::now();
        const auto score = trainer().evaluate(at_.state, data_.test.pixels, data_.test.labels);
        log.test_seconds = seconds_since(begin);
        log.test_loss_raw = score.loss_raw;
        log.test_images = data_.test.labels.size();
        log.test_correct = score.correct;
        log.test_nan = score.nan;
        const std::int32_t high = (1 << (network_.bits.gradients - 1)) - 1;
        for (std::size_t l = 0; l < log.layers.size(); ++l) {
            const std::vector<std::int32_t>& w = at_.state.weights[l];
            log.layers[l].nan = at_.state.nan[l];
            log.layers[l].saturated_weights = static_cast<std::uint64_t>(
                std::count_if(w.begin(), w.end(), [&](std::int32_t x) { return x >= high || x <= -high - 1; }));
        }
        at_.log.epochs.push_back(log);
        const bool best = at_.log.best() == at_.log.epochs.size() - 1;
        if (best) at_.best = at_.state;
        ++at_.epoch;
        open_epoch();
        if (options_.epoch_done) options_.epoch_done(at_.log.epochs.back(), at_.state, best);
        // Epochs of milliseconds need none each.
        const double enough = std::min(1.0, options_.checkpoint_seconds);
        if (at_.epoch >= options_.epochs || seconds_since(saved_) >= enough || ends_at_nan()) save();
    }

    [[nodiscard]] bool ends_at_nan() const { return options_.stop_at_nan && any_nan(at_.state); }

    const TrainingNetwork& network_;
    const TrainData& data_;
    const TrainOptions& options_;
    emulator::Trainer all_;
    std::optional<emulator::Trainer> one_{};  // where there is a choice
    Pace pace_;
    RunIdentity identity_;
    std::size_t size_;
    Checkpoint at_{};
    TrainingBatch batch_{};
    Clock::time_point saved_ = Clock::now();
};

}  // namespace

TrainOutcome train(const TrainingNetwork& network, const TrainData& data, const TrainOptions& options) {
    return Session(network, data, options).run();
}

}  // namespace bittrue::explore
