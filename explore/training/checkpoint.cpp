#include "training/checkpoint.hpp"

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "training/log_json.hpp"
#include "training/possible.hpp"

namespace bittrue::explore {

namespace {

using nlohmann::ordered_json;

constexpr int kVersion = 2;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 32;

std::string accumulator_text(const TrainingAccumulator& a) {
    return fmt::format("{}{}", a.width, a.saturate ? "s" : "w");
}

std::string map_text(const MapShape& m) {
    return fmt::format("{}x{}x{}", m.channels, m.rows, m.columns);
}

std::string hash_of(const TrainingBatch& batch) {
    Sha256 sum;
    sum.add({reinterpret_cast<const char*>(batch.pixels.data()), batch.pixels.size()});
    sum.add({reinterpret_cast<const char*>(batch.labels.data()), batch.labels.size()});
    return sum.hex();
}

ordered_json json_of(const RunIdentity& r) {
    return {{"version", r.version}, {"network", r.network},   {"settings", r.settings}, {"data", r.data},
            {"seed", r.seed},       {"schedule", r.schedule}, {"batch", r.batch}};
}

ordered_json json_of(const TrainingState& s) {
    return {{"weights", s.weights}, {"lfsr", s.lfsr}, {"nan", s.nan}};
}

TrainingState state_from(const ordered_json& j, const TrainingNetwork& network) {
    TrainingState s;
    for (const ordered_json& layer : j.at("weights")) {
        s.weights.emplace_back();
        for (const ordered_json& w : layer) s.weights.back().push_back(whole<std::int32_t>(w));
    }
    for (const ordered_json& z : j.at("lfsr")) s.lfsr.push_back(whole<std::uint64_t>(z));
    s.nan = j.at("nan").get<std::vector<bool>>();
    const std::size_t layers = network.layers.size();
    bool good = s.weights.size() == layers && s.lfsr.size() == layers && s.nan.size() == layers;
    const std::int32_t end = 1 << (network.bits.gradients - 1);
    for (std::size_t l = 0; good && l < layers; ++l) {
        good = std::ssize(s.weights[l]) == network.layers[l].weight_count() && s.lfsr[l] != 0 &&
               (network.randomizer.width == 64 || s.lfsr[l] >> static_cast<unsigned>(network.randomizer.width) == 0);
        for (const std::int32_t w : s.weights[l])
            good = good && (network.store == WeightStore::Unbounded || (w >= -end && w < end));
    }
    if (!good) throw InputError("its weights are none of this network");
    return s;
}

// The body of a file whose first line is right about it. A changed digit would else go unnoticed: most are as good a
// weight or count as any.
std::string_view unsealed(std::string_view text) {
    const std::string_view head = text.substr(0, text.find('\n'));
    const std::string_view body = text.substr(std::min(head.size() + 1, text.size()));
    const ordered_json j = ordered_json::parse(head);
    if (j.at("bittrue_training") != kVersion) throw InputError("another version of the format");
    if (j.at("sha256") != sha256_hex(body)) throw InputError("its checksum is another one: it is damaged");
    return body;
}

// What the checkpoint's run has of its own, in words.
std::string difference(const RunIdentity& there, const RunIdentity& here) {
    if (there.network != here.network) return "another network";
    if (there.settings != here.settings) return "other bits or settings";
    if (there.data != here.data) return "other images or labels";
    if (there.seed != here.seed) return fmt::format("the seed {}", there.seed);
    if (there.batch != here.batch) return fmt::format("batches of {}", there.batch);
    if (there.schedule != here.schedule) return fmt::format("another schedule ({})", there.schedule);
    return fmt::format("another version ({})", there.version);
}

}  // namespace

RunIdentity identity_of(const TrainingNetwork& n, const TrainData& data, const TrainOptions& options) {
    RunIdentity run{.version = options.version, .seed = options.seed, .batch = options.batch};
    std::string network = map_text(n.input);
    std::string settings = fmt::format("{} {} {} {} {}; {}:{:#x}; {} {}", n.bits.weights, n.bits.activations,
                                       n.bits.gradients, n.bits.errors, n.bits.randomizer, n.randomizer.width,
                                       n.randomizer.taps, static_cast<int>(n.zero_scale), static_cast<int>(n.store));
    for (const TrainingLayer& l : n.layers) {
        network += fmt::format(" {}:{}:{}:{}-{}x{}-{}x{}", l.name.size(), l.name, map_text(l.input), map_text(l.sums),
                               l.kernel_rows, l.kernel_columns, l.pool_rows, l.pool_columns);
        settings += fmt::format(" {},{},{},{}", l.scale, accumulator_text(l.forward), accumulator_text(l.error),
                                accumulator_text(l.gradient));
    }
    run.network = sha256_hex(network);
    run.settings = sha256_hex(settings);
    run.data = sha256_hex(hash_of(data.train) + hash_of(data.test));
    for (const RateChange& c : options.schedule)
        run.schedule += fmt::format("{}{}:{}/2^{}", run.schedule.empty() ? "" : ",", c.epoch, c.rate.raw, c.rate.frac);
    return run;
}

void write_checkpoint(const std::string& path, const RunIdentity& run, const Checkpoint& c) {
    ordered_json j{{"run", json_of(run)}};
    j["epoch"] = c.epoch;
    j["batch"] = c.batch;
    j["step"] = c.step;
    j["awaits_next_step"] = c.awaits_next_step;
    j["state"] = json_of(c.state);
    j["best"] = c.best ? json_of(*c.best) : ordered_json(nullptr);
    j["partial"] = stored_epoch(c.partial);
    j["epochs"] = ordered_json::array();
    for (const EpochLog& e : c.log.epochs) j["epochs"].push_back(stored_epoch(e));
    j["nan"] = c.log.nan ? stored_story(*c.log.nan) : ordered_json(nullptr);
    write_file(path, sealed_checkpoint(j.dump() + "\n"));
}

std::string sealed_checkpoint(const std::string& body) {
    return ordered_json{{"bittrue_training", kVersion}, {"sha256", sha256_hex(body)}}.dump() + "\n" + body;
}

Checkpoint read_checkpoint(const std::string& path, const RunIdentity& run, const RunSize& size,
                           const TrainingNetwork& network) {
    const std::string text = read_file(path, kMaxBytes);
    constexpr const char* kRemedy = "give another file with --checkpoint, or begin anew with --restart";
    RunIdentity there;
    Checkpoint c;
    const auto damaged = [&](const char* why) {
        return InputError(path, fmt::format("is no checkpoint of a training run ({}); {}", why, kRemedy));
    };
    try {
        const ordered_json j = ordered_json::parse(unsealed(text));
        const ordered_json& r = j.at("run");
        there = {.version = r.at("version"),
                 .network = r.at("network"),
                 .settings = r.at("settings"),
                 .data = r.at("data"),
                 .schedule = r.at("schedule"),
                 .seed = whole<std::uint64_t>(r.at("seed")),
                 .batch = whole<std::uint32_t>(r.at("batch"))};
        if (there == run) {
            const std::size_t layers = network.layers.size();
            c.epoch = whole<std::uint64_t>(j.at("epoch"));
            c.batch = whole<std::uint64_t>(j.at("batch"));
            c.step = whole<std::uint64_t>(j.at("step"));
            c.awaits_next_step = j.at("awaits_next_step");
            c.state = state_from(j.at("state"), network);
            if (!j.at("best").is_null()) c.best = state_from(j.at("best"), network);
            c.partial = epoch_from(j.at("partial"), layers);
            for (const ordered_json& e : j.at("epochs")) c.log.epochs.push_back(epoch_from(e, layers));
            if (!j.at("nan").is_null()) c.log.nan = story_from(j.at("nan"), layers);
            require_possible(c, size, network);
        }
    } catch (const nlohmann::json::exception&) {
        throw damaged("it is damaged");
    } catch (const InputError& e) {
        throw damaged(e.what());
    }
    if (there != run)
        throw InputError(path,
                         fmt::format("it is the checkpoint of a run with {}; {}", difference(there, run), kRemedy));
    return c;
}

}  // namespace bittrue::explore
