// bittrue train-vectors: golden vectors of training, every tensor of a few steps.
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/emulator/training.hpp"
#include "bittrue/explore/train_network.hpp"
#include "bittrue/golden/training.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/training_vectors.hpp"
#include "bittrue/verify/report.hpp"
#include "command.hpp"
#include "console.hpp"
#include "engines.hpp"
#include "execute.hpp"
#include "interrupt.hpp"
#include "train_data.hpp"
#include "train_settings.hpp"
#include "vector_options.hpp"
#include "whole_number.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, out, layer, package, bits, zero_scale, store;
    std::string schedule = "0:1";
    std::string format = "npy,hex";
    std::string engine = "emulator";
    std::vector<std::string> packs;
    TrainDataOptions data;
    std::uint64_t steps = 2, skip = 0, seed = 1;
    std::uint32_t batch = 48;
};

// The images of a run's steps, in the order of `bittrue train` (H18).
class Batches {
public:
    Batches(const TrainingBatch& images, std::size_t pixels, std::uint64_t seed, std::uint32_t batch)
        : images_(images), pixels_(pixels), seed_(seed), batch_(batch) {}

    [[nodiscard]] std::uint64_t per_epoch() const { return (images_.labels.size() + batch_ - 1) / batch_; }
    [[nodiscard]] std::uint64_t epoch_of(std::uint64_t step) const { return step / per_epoch(); }

    TrainingBatch of(std::uint64_t step) {
        if (!order_epoch_ || *order_epoch_ != epoch_of(step)) {
            order_epoch_ = epoch_of(step);
            order_ = epoch_order(seed_, *order_epoch_, static_cast<std::uint32_t>(images_.labels.size()));
        }
        const std::size_t first = step % per_epoch() * batch_;
        const std::size_t last = std::min<std::size_t>(first + batch_, order_.size());
        TrainingBatch batch;
        for (std::size_t i = first; i < last; ++i) {
            const auto from = images_.pixels.begin() + static_cast<std::ptrdiff_t>(order_[i] * pixels_);
            batch.pixels.insert(batch.pixels.end(), from, from + static_cast<std::ptrdiff_t>(pixels_));
            batch.labels.push_back(images_.labels[order_[i]]);
        }
        return batch;
    }

private:
    const TrainingBatch& images_;
    std::size_t pixels_;
    std::uint64_t seed_;
    std::uint32_t batch_;
    std::optional<std::uint64_t> order_epoch_{};
    std::vector<std::uint32_t> order_{};
};

// Both engines from the same start, each with its own state.
class Run {
public:
    Run(const TrainingNetwork& network, std::uint64_t seed, EngineChoice engine)
        : network_(network),
          engine_(engine),
          trainer_(network, 0),
          emulated_(initial_state(network, seed)),
          exact_(emulated_) {}

    [[nodiscard]] const TrainingState& start() const { return emulated_; }

    // `traced` false: a step in front of the first of the set.
    void step(TrainedStep step, bool traced) {
        TrainedStep golden = step;
        if (engine_ != EngineChoice::Golden)
            trainer_.step(emulated_, step.batch.pixels, step.batch.labels, step.rate, traced ? &step.trace : nullptr);
        if (engine_ != EngineChoice::Emulator)
            golden.trace = bittrue::golden::training_step(network_, exact_, golden.batch, golden.rate);
        if (!traced) return;
        if (engine_ == EngineChoice::Both && !(golden.trace == step.trace)) differs_ = true;
        if (engine_ != EngineChoice::Emulator) expected_.push_back(std::move(golden));
        if (engine_ != EngineChoice::Golden) steps_.push_back(std::move(step));
    }

    [[nodiscard]] const std::vector<TrainedStep>& steps() const {
        return engine_ == EngineChoice::Golden ? expected_ : steps_;
    }

    // What golden and emulator disagree on; empty where all is equal.
    [[nodiscard]] std::string disagreement() const {
        if (engine_ != EngineChoice::Both) return {};
        const DiffReport report = diff(training_vectors(network_, expected_), training_vectors(network_, steps_));
        if (!report.equal()) return print_report(report);
        return differs_ ? "they count different overflows or saturated weights\n" : "";
    }

private:
    const TrainingNetwork& network_;
    EngineChoice engine_;
    emulator::Trainer trainer_;
    TrainingState emulated_, exact_;
    std::vector<TrainedStep> steps_{}, expected_{};
    bool differs_ = false;
};

// The weights before the first step of the run stand for the seed.
std::string hash_of(const Options& o, const TrainingNetwork& network, const TrainingState& start) {
    std::vector<ParameterWords> weights;
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
        Tensor tensor{.dims = {network.layers[l].weight_count()}, .format = {.width = 32, .integer = 32}};
        tensor.words.assign(start.weights[l].begin(), start.weights[l].end());
        weights.push_back({.layer = network.layers[l].name, .role = "weights", .tensor = std::move(tensor)});
    }
    return network_hash(o.network, weights);
}

// Only training images are needed; a folder has them, too.
TrainDataOptions data_of(const Options& o) {
    TrainDataOptions data = o.data;
    if (data.folder.empty()) {
        if (data.train.empty())
            throw InputError("--train", "give training images, as --train digits:100, or their folder with --data");
        data.test = data.train;
        data.test_labels = data.train_labels;
    }
    data.first_test = 1;
    return found(data);
}

void run(const Options& o, int& status) {
    const TrainDataOptions files = data_of(o);
    std::vector<InputPath> inputs = input_paths(files);
    inputs.push_back({"NET", o.network});
    check_paths({{"--out", o.out, OutputKind::WholeFolder}}, inputs);
    if (!o.package.empty() && o.layer.empty())
        throw InputError("--sv-package", "it needs --layer, the layer whose constants it has");
    VectorOptions options = read_vector_options(o.format, o.packs);
    const Graph graph = load_network(o.network);
    const TrainingSettings settings = training_settings(graph, o.bits, o.zero_scale, o.store);
    const explore::TrainableNetwork trainable = explore::trainable_network(graph, settings, o.network);
    const TrainingNetwork& network = trainable.network;
    (void)training_vectors(network, {}, o.layer);  // an unknown layer costs no steps
    const auto schedule = explore::parse_schedule(o.schedule, settings.rate_width, settings.rate_frac);
    const LoadedTrainData in = load(files, graph.input, trainable);
    check_vector_directory(o.out);

    Batches batches(in.data.train, static_cast<std::size_t>(network.input.elements()), o.seed, o.batch);
    Run run(network, o.seed, parse_engine(o.engine));
    const std::string hash = hash_of(o, network, run.start());
    {
        Progress progress("training", o.skip + o.steps, "steps");
        for (std::uint64_t i = 0; i < o.skip + o.steps; ++i) {
            if (interrupt_flag()) throw Interrupted();
            run.step({.number = i, .batch = batches.of(i), .rate = explore::rate_at(schedule, batches.epoch_of(i))},
                     i >= o.skip);
            progress.show(i + 1);
        }
    }
    if (const std::string differences = run.disagreement(); !differences.empty()) {
        print(fmt::format("the engines disagree (expected: golden, got: emulator); nothing was written\n{}",
                          differences));
        status = kDifferent;
        return;
    }
    VectorSet set = training_vectors(network, run.steps(), o.layer);
    set.network_sha256 = hash;
    set.network_file = network_path(o.network, o.out);
    set.input = fmt::format("{}, seed {}, batch {}, schedule {}, bits {}",
                            in.description.substr(0, in.description.find(", tested")), o.seed, o.batch, o.schedule,
                            print_training_bits(settings.bits));
    check_packing_names(options, set, fmt::format("tensors are named as '{}'", set.layers.back().name));
    if (!o.package.empty()) options.extra.push_back(make_training_package(network, run.steps(), o.layer, o.package));
    write_vector_set(o.out, set, options, &interrupt_flag());
    std::size_t words = 0;
    for (const VectorLayer& tensor : set.layers) words += tensor.words.size();
    print(fmt::format("wrote {}: {}, {}, {} ({})\n", o.out, counted(run.steps().size(), "step"),
                      counted(set.layers.size(), "tensor"), counted(words, "word"), o.format));
    if (!o.package.empty()) print(fmt::format("constants for RTL: {}/{}.sv\n", o.out, o.package));
}

}  // namespace

void add_train_vectors(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("train-vectors",
                                       "Write golden vectors of training: every tensor of some steps, with a manifest");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml); its weights give the shapes only")->required();
    add_train_data_options(*command, o->data);
    for (const char* name : {"--test", "--test-labels", "--first-test"})
        command->remove_option(command->get_option(name));
    command->add_option("--steps", o->steps, "steps to write")
        ->check(whole_number())
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10000}))
        ->capture_default_str();
    command->add_option("--skip", o->skip, "steps to make before the first that is written")
        ->check(whole_number())
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 40U));
    command->add_option("--batch", o->batch, "images of a step")->check(CLI::Range(1, 65536))->capture_default_str();
    command->add_option("--schedule", o->schedule, "learning rates as epoch:rate,..., epochs counted from 0")
        ->capture_default_str();
    command->add_option("--seed", o->seed, "of weights, randomisers and the order of images")
        ->check(whole_number())
        ->capture_default_str();
    command->add_option("--bits", o->bits,
                        "of weights/activations/gradients/errors/randomizer (1/2/8/8/8, or as [training] says)");
    command->add_option("--store", o->store, "what a stored weight does at the end of its range (saturate)")
        ->check(CLI::IsMember({"saturate", "wrap", "unbounded"}));
    command->add_option("--zero-scale", o->zero_scale, "what a tensor of zeros becomes: zeros (hold), or NaN (hold)")
        ->check(CLI::IsMember({"hold", "nan"}));
    command->add_option("--out", o->out, "directory to write; an older vector set there is replaced")->required();
    add_vector_options(*command, o->format, o->packs, "'TENSOR:'");
    command->add_option("--layer", o->layer, "only what a design of this layer reads and computes");
    command
        ->add_option(
            "--sv-package", o->package,
            "with --layer, of a dense layer: also OUT/NAME.sv, a SystemVerilog package of its sizes and formats")
        ->type_name("NAME");
    add_engine_option(*command, o->engine);
    command->footer(
        "Example:\n  bittrue train-vectors examples/lenet5-wage/lenet5_wage.toml --train digits:100 --batch 4 --steps "
        "2 "
        "--engine both --out /tmp/training\n"
        "  bittrue train-vectors examples/lenet5-wage/lenet5_wage.toml --train digits:100 --batch 4 --layer qfc_2 "
        "--format mem --sv-package wage --out /tmp/wage");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
