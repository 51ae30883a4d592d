// bittrue train: a network in integers, by the steps of chapter H.
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/explore/train.hpp"
#include "bittrue/explore/train_network.hpp"
#include "bittrue/explore/train_report.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/network_save.hpp"
#include "command.hpp"
#include "console.hpp"
#include "engines.hpp"
#include "interrupt.hpp"
#include "paths.hpp"
#include "train_answers.hpp"
#include "train_data.hpp"
#include "train_settings.hpp"
#include "whole_number.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, output, best, written_network, checkpoint, json, report, isa;
    std::string bits, zero_scale, store;
    std::string schedule = "0:1";
    TrainDataOptions data;
    explore::TrainOptions train;
};

std::string checkpoint_of(const Options& o) {
    return o.checkpoint.empty() ? o.output + ".checkpoint" : o.checkpoint;
}

// What `bittrue train` writes and how it knows that others will read the same.
class Training {
public:
    Training(const Options& o, const Graph& graph, const TrainDataOptions& files)
        : o_(o),
          graph_(graph),
          settings_(training_settings(graph, o.bits, o.zero_scale, o.store)),
          trainable_(explore::trainable_network(graph, settings_, o.network)),
          in_(load(files, graph.input, trainable_)) {}

    void run(int& status) {
        explore::TrainOptions options = o_.train;
        options.schedule = explore::parse_schedule(o_.schedule, settings_.rate_width, settings_.rate_frac);
        options.isa = parse_isa_option(o_.isa);
        options.version = "bittrue " BITTRUE_VERSION;
        options.checkpoint = checkpoint_of(o_);
        options.cancel = &interrupt_flag();
        options.progress = [this](const explore::TrainProgress& p) { show(p); };
        options.continues = [&](std::uint64_t epoch, std::uint64_t batch) {
            std::fputs(
                fmt::format("bittrue: continues from {} at epoch {}, batch {}\n", options.checkpoint, epoch, batch)
                    .c_str(),
                stderr);
        };
        options.epoch_done = [this](const explore::EpochLog& e, const TrainingState& state, bool best) {
            progress_.reset();
            if (best && !o_.best.empty()) write_file(o_.best, npz_bytes(network_of(state, o_.best, o_.best).arrays));
            tell(e);
        };
        if (!prints_json()) print(head());
        try {
            const explore::TrainOutcome done = explore::train(trainable_.network, in_.data, options);
            progress_.reset();
            finish(done, options, status);
        } catch (const Interrupted&) {
            progress_.reset();
            std::fputs(
                fmt::format("bittrue: interrupted; the same command continues from {}\n", options.checkpoint).c_str(),
                stderr);
            status = kInterrupted;
        }
    }

private:
    [[nodiscard]] bool prints_json() const { return o_.json == "-"; }

    void show(const explore::TrainProgress& p) {
        if (!progress_)
            progress_.emplace(fmt::format("epoch {} (of {})", p.epoch, o_.train.epochs), in_.data.train.labels.size());
        progress_->show(p.images, fmt::format("{:.0f} images/s", p.images_per_second));
    }

    [[nodiscard]] std::string head() const {
        std::int64_t weights = 0;
        for (const TrainingLayer& l : trainable_.network.layers) weights += l.weight_count();
        return fmt::format(
            "{}: {} weights in {}, bits {}; {}\n{:>5}  {:>7}  {:>9}  {:>8}  {:>8}  {:>7}  {:>8}  {:>5}  {:>9}\n",
            graph_.name, weights, counted(trainable_.network.layers.size(), "layer"),
            print_training_bits(settings_.bits), in_.description, "epoch", "rate", "loss", "train", "test", "seconds",
            "images/s", "zero", "saturated");
    }

    void tell(const explore::EpochLog& e) const {
        if (prints_json()) return;
        print(fmt::format("{:>5}  {:>7.5g}  {:>9.5f}  {:>6.2f} %  {:>6.2f} %  {:>7.2f}  {:>8.0f}  {:>5}  {:>9}\n",
                          e.epoch, std::ldexp(e.rate.raw, -e.rate.frac), explore::loss_of(e, trainable_.network),
                          100 * e.accuracy(), 100 * e.test_accuracy(), e.seconds, e.images_per_second(),
                          e.zero_tensors(), e.saturated_weights()));
    }

    // The trained network as a file at `network` that reads its numbers from `weights`.
    [[nodiscard]] NetworkText network_of(const TrainingState& state, const std::string& weights,
                                         const std::string& network) const {
        const auto values = explore::weight_values(trainable_.network, state);
        return network_text(explore::trained_graph(graph_, trainable_, settings_, values),
                            weights_path_for(weights, network), ArrayNames::Layer,
                            {{"", fmt::format("Made by bittrue train: bits {}, seed {}.",
                                              print_training_bits(settings_.bits), o_.train.seed)}});
    }

    [[nodiscard]] std::string written(const explore::TrainOutcome& done) const {
        const auto values = explore::weight_values(trainable_.network, done.state);
        const Graph ours = explore::trained_graph(graph_, trainable_, settings_, values);
        const auto answers = answers_of(ours, in_.data.test, trainable_, o_.train.threads);
        std::uint64_t correct = 0;
        for (std::size_t i = 0; i < answers.size(); ++i) correct += answers[i] == in_.data.test.labels[i] ? 1U : 0U;
        if (correct != done.log.epochs.back().test_correct)
            throw std::logic_error(fmt::format("the emulator counts {} right answers, training {}", correct,
                                               done.log.epochs.back().test_correct));
        const bool same = same_words(ours, explore::with_weights(graph_, trainable_, values), in_.data.test, trainable_,
                                     o_.train.threads);
        const std::string& network = o_.written_network;
        const NetworkText text = network_of(done.state, o_.output, network.empty() ? o_.output : network);
        AtomicFile weights(o_.output);
        weights.write(npz_bytes(text.arrays));
        if (!network.empty()) write_file(network, text.text);
        weights.commit();
        std::string said = fmt::format("wrote {}{}", o_.output, network.empty() ? "" : " and " + network);
        if (same)
            said += fmt::format("; with these weights {} answers the test images as training did\n", o_.network);
        else
            said += fmt::format(
                "; the types of {} are not those of bits {}{}\n", o_.network, print_training_bits(settings_.bits),
                network.empty() ? ": --network FILE writes a network file that runs these weights" : "");
        return said;
    }

    [[nodiscard]] std::string zeros(const explore::TrainLog& log) const {
        std::string text;
        for (std::size_t l = 0; l < trainable_.network.layers.size(); ++l) {
            std::uint64_t errors = 0, gradients = 0;
            for (const explore::EpochLog& e : log.epochs) {
                errors += e.layers[l].errors.zeros;
                gradients += e.layers[l].gradients.zeros;
            }
            if (errors + gradients > 0)
                text += fmt::format("tensors of zeros, which have no scale: layer '{}': errors {}, gradients {}\n",
                                    trainable_.network.layers[l].name, errors, gradients);
        }
        return text;
    }

    void finish(const explore::TrainOutcome& done, const explore::TrainOptions& options, int& status) const {
        std::string text = zeros(done.log);
        if (done.log.nan) text += explore::text_of(*done.log.nan, trainable_.network) + "\n";
        if (const auto best = done.log.best()) {
            text += fmt::format("best test accuracy {:.2f} % after epoch {}\n",
                                100 * done.log.epochs[*best].test_accuracy(), done.log.epochs[*best].epoch);
        }
        const auto is_nan = [](bool n) { return n; };
        // The weights first: a report that cannot be written costs none of them.
        if (std::any_of(done.state.nan.begin(), done.state.nan.end(), is_nan)) {
            const bool best = done.best && !o_.best.empty();
            std::fputs(fmt::format("bittrue: weights are NaN, which no hardware holds; {} is not written{}\n",
                                   o_.output, best ? " (the best before are in " + o_.best + ")" : "")
                           .c_str(),
                       stderr);
            status = kDifferent;
        } else {
            text += written(done);
        }
        if (done.best && !o_.best.empty()) {  // also where --best came with a later run
            write_file(o_.best, npz_bytes(network_of(*done.best, o_.best, o_.best).arrays));
        }
        if (!prints_json()) print(text);
        const explore::TrainReport report{.version = options.version,
                                          .data = in_.description,
                                          .network = &trainable_.network,
                                          .options = &options,
                                          .log = &done.log};
        if (prints_json())
            print(explore::train_json(report));
        else if (!o_.json.empty())
            write_file(o_.json, explore::train_json(report));
        if (!o_.report.empty()) write_file(o_.report, explore::train_page(report));
    }

    const Options& o_;
    const Graph& graph_;
    TrainingSettings settings_;
    explore::TrainableNetwork trainable_;
    LoadedTrainData in_;
    std::optional<Progress> progress_{};
};

// Opened and left alone: a bad path costs no training.
void check_writable(const std::string& path) {
    if (!path.empty() && path != "-") const AtomicFile probe(path);
}

void run(const Options& o, int& status) {
    (void)interrupt_flag();  // from here on a signal ends the run behind its first step, with a checkpoint
    for (const auto& [option, path] : {std::pair("--output", o.output), std::pair("--best", o.best)}) {
        if (!path.empty() && !path.ends_with(".npz"))
            throw InputError(option, fmt::format("'{}' must end with .npz", path));
    }
    if (!o.written_network.empty() && !o.written_network.ends_with(".toml"))
        throw InputError("--network", fmt::format("'{}' must end with .toml", o.written_network));
    const TrainDataOptions files = found(o.data);
    std::vector<InputPath> inputs = input_paths(files);
    inputs.push_back({"NET", o.network});
    check_paths({{"--output", o.output, OutputKind::File},
                 {"--best", o.best, OutputKind::File},
                 {"--network", o.written_network, OutputKind::File},
                 {"--checkpoint", checkpoint_of(o), OutputKind::File},
                 {"--json", o.json},
                 {"--report", o.report, OutputKind::File}},
                inputs);
    const Graph graph = load_network(o.network);
    Training training(o, graph, files);
    for (const std::string& path : {o.output, o.best, o.written_network, checkpoint_of(o), o.json, o.report})
        check_writable(path);
    training.run(status);
}

}  // namespace

void add_train(CLI::App& app, int& status) {
    auto* command = app.add_subcommand(
        "train", "Train a network in integers: weights, activations, gradients and errors of few bits, bit for bit");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml); its weights give the shapes only")->required();
    add_train_data_options(*command, o->data);
    command->add_option("--epochs", o->train.epochs, "epochs in all, those of a checkpoint included")
        ->required()
        ->check(whole_number())
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000000}));
    command->add_option("--batch", o->train.batch, "images of a step")
        ->check(CLI::Range(1, 65536))
        ->capture_default_str();
    command->add_option("--schedule", o->schedule, "learning rates as epoch:rate,..., epochs counted from 0")
        ->capture_default_str();
    command->add_option("--seed", o->train.seed, "of weights, randomisers and the order of images")
        ->check(whole_number())
        ->capture_default_str();
    command->add_option("--bits", o->bits,
                        "of weights/activations/gradients/errors/randomizer (1/2/8/8/8, or as [training] says)");
    command->add_option("--store", o->store, "what a stored weight does at the end of its range (saturate)")
        ->check(CLI::IsMember({"saturate", "wrap", "unbounded"}));
    command
        ->add_option("--zero-scale", o->zero_scale,
                     "what a tensor of zeros becomes: zeros (hold), or NaN as in floating point (hold)")
        ->check(CLI::IsMember({"hold", "nan"}));
    command->add_flag("--stop-at-nan", o->train.stop_at_nan, "end with the epoch in which weights became NaN");
    command->add_option("-o,--output", o->output, "weights after the last epoch (.npz), under the layers' names")
        ->required();
    command->add_option("--best", o->best, "weights of the best test accuracy so far (.npz), replaced as it grows");
    command->add_option("--network", o->written_network,
                        "network file to write (.toml), with the types of the bits; it reads the weights of --output");
    command->add_option("--checkpoint", o->checkpoint,
                        "file from which the same command continues (default: that of --output with .checkpoint)");
    command
        ->add_option("--checkpoint-seconds", o->train.checkpoint_seconds,
                     "write it at least so often, and after epochs of a second")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    command->add_flag("--restart", o->train.restart, "begin anew, whatever the checkpoint holds");
    command
        ->add_option("--threads", o->train.threads,
                     "threads to use (0: all cores or one, what is faster at the time); results do not depend on it")
        ->check(CLI::Range(0, 1024));
    add_isa_option(*command, o->isa);
    command->add_option("--report", o->report, "write the charts as a self-contained HTML page");
    command->add_option("--json", o->json, "write the figures as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue train examples/lenet5-wage/lenet5_wage.toml --train digits:2000:1 --test digits:500:2 "
        "--epochs 2 "
        "-o /tmp/weights.npz --network /tmp/trained.toml --report /tmp/training.html --restart");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
