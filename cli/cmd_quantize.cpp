// bittrue quantize: a float model becomes a network file whose words have few bits, and says what that costs.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "bittrue/explore/conversion_report.hpp"
#include "bittrue/explore/convert.hpp"
#include "bittrue/explore/explain_conversion.hpp"
#include "bittrue/explore/float_engine.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_save.hpp"
#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "inputs.hpp"
#include "interrupt.hpp"
#include "paths.hpp"
#include "quantize_report.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

using explore::Calibration;
using explore::Objective;

constexpr const char* kCalibrations[] = {"max", "percentile", "mse", "kl", "joint"};
constexpr std::string_view kResources[] = {"bits", "lut", "dsp"};
constexpr const char* kObjectives[] = {"auto", "kl", "mse"};

struct Options {
    std::string model, config, output, json, report, accumulator = "auto", calibration = "joint", objective = "auto";
    std::string precision = "float32", command;
    int bits = 8;
    std::optional<int> weight_bits, bias_bits, input_bits, activation_bits, output_bits;
    bool no_equalize = false, no_bias_correction = false, no_fit = false, force = false;
    std::string budget, per_channel;
    std::optional<double> max_loss;
    InputOptions data, test;
    explore::ConvertOptions convert;
};

template <std::size_t N>
std::size_t index_of(const char* const (&names)[N], const std::string& name) {
    for (std::size_t i = 0; i < N; ++i)
        if (name == names[i]) return i;
    throw std::logic_error("no choice '" + name + "'");
}

std::optional<int> accumulator_bits(const std::string& text) {
    if (text == "auto") return std::nullopt;
    int bits = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc() || end != text.data() + text.size() || bits < 2 || bits > 62)
        throw InputError("--accumulator", fmt::format("is '{}'; it is auto or a width of 2 to 62 bits", text));
    return bits;
}

// "150000", "150000bits", "40000lut", "200dsp".
explore::Budget parse_budget(const std::string& text) {
    explore::Budget budget;
    const char* const end = text.data() + text.size();
    const auto [unit, error] = std::from_chars(text.data(), end, budget.most);
    std::string of(unit, end);
    std::transform(of.begin(), of.end(), of.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto known = std::find(std::begin(kResources), std::end(kResources), of.empty() ? "bits" : of);
    if (error != std::errc() || known == std::end(kResources) || budget.most < 0)
        throw InputError(
            "--budget", fmt::format("is '{}'; it is a number of weight bits (150000 or 150000bits), of LUTs (40000lut) "
                                    "or of DSPs (20dsp)",
                                    text));
    budget.of = static_cast<explore::Resource>(known - std::begin(kResources));
    return budget;
}

explore::ConvertOptions convert_options(const Options& o, bool classifies) {
    explore::ConvertOptions c = o.convert;
    c.bits = {.input = o.input_bits.value_or(o.bits),
              .weight = o.weight_bits.value_or(o.bits),
              .bias = o.bias_bits.value_or(o.bits),
              .activation = o.activation_bits.value_or(o.bits),
              .output = o.output_bits.value_or(o.activation_bits.value_or(o.bits))};
    c.calibration = static_cast<Calibration>(index_of(kCalibrations, o.calibration));
    c.objective = static_cast<Objective>(index_of(kObjectives, o.objective));
    if (c.objective == Objective::Auto && classifies) c.objective = Objective::Kl;
    c.accumulator = accumulator_bits(o.accumulator);
    c.equalize = !o.no_equalize;
    c.correct_bias = !o.no_bias_correction;
    c.fit = !o.no_fit;
    if (!o.budget.empty()) c.budget = parse_budget(o.budget);
    c.max_loss = o.max_loss;
    if (!o.per_channel.empty())
        c.per_channel =
            o.per_channel == "multiplier" ? explore::PerChannel::Multiplier : explore::PerChannel::PowerOfTwo;
    c.float32 = o.precision == "float32";
    c.cancel = &interrupt_flag();
    return c;
}

// The numbers of an image file as the model reads them.
InputSpec spec_of(const FloatModel& model, const Options& o) {
    InputSpec spec;
    spec.name = model.input_name;
    spec.shape = model.input_shape;
    spec.divide = o.convert.divide;
    spec.float32 = o.precision == "float32";
    return spec;
}

LoadedInput load_data(const InputOptions& options, const InputSpec& spec, const FloatModel& model) {
    LoadedInput in = load(options, spec);
    std::int64_t classes = model.input_shape.count();
    for (const FloatLayer& layer : model.layers)
        if (layer.name == model.output) classes = layer.shape.count();
    for (std::size_t i = 0; i < in.labels.size(); ++i) {
        if (in.labels[i] >= 0 && in.labels[i] < classes) continue;
        throw InputError(
            options.labels.empty() ? options.source : options.labels,
            fmt::format("label {} of image {} is outside of the model's {} outputs", in.labels[i], i, classes));
    }
    return in;
}

std::string goal_of(const explore::Conversion& done, const explore::ConvertOptions& options) {
    if (options.budget)
        return fmt::format("Of a budget of {} {}, {} are spent.", options.budget->most,
                           print_resource(options.budget->of), explore::spent(done.graph, options.budget->of));
    if (done.loss)
        return fmt::format("{} weight bits lose {:.2f} points on the calibration images, at most {} were to be lost.",
                           done.weight_bits, *done.loss, *options.max_loss);
    return "";
}

std::string bits_text(const explore::Bits& b) {
    return fmt::format("weights {} bits, biases {}, input {}, activations {}, output {}", b.weight, b.bias, b.input,
                       b.activation, b.output);
}

std::vector<NetworkComment> comments_of(const explore::Conversion& done, const explore::ConvertOptions& options) {
    std::vector<NetworkComment> comments{
        {"", fmt::format("Made by bittrue quantize: {}; calibration {}.", bits_text(options.bits),
                         kCalibrations[static_cast<std::size_t>(options.calibration)])}};
    if (!done.equalized.empty())
        comments.push_back({"", fmt::format("Channels between linear layers are scaled: {}.", done.equalized)});
    for (std::size_t i = 0; i < done.roles.size(); ++i) {
        const std::string& name = done.graph.nodes[i].name;
        if (done.roles[i] == explore::Role::Wide)
            comments.push_back({name, "No converter: all bits of the sum go on, the layer behind rounds them once."});
        if (done.roles[i] == explore::Role::Converter) comments.push_back({name, "Converter behind this layer."});
    }
    return comments;
}

void run(const Options& o) {
    check_paths({{"--output", o.output, OutputKind::File},
                 {"--json", o.json},
                 {"--report", o.report, OutputKind::File},
                 numbers_of(o.output)},
                {{"MODEL", o.model},
                 {"--config", o.config},
                 {"--data", image_file(o.data.source)},
                 {"--labels", image_file(o.data.labels)},
                 {"--test", image_file(o.test.source)},
                 {"--test-labels", image_file(o.test.labels)}});
    if (!o.output.ends_with(".toml"))
        throw InputError("--output",
                         fmt::format("'{}' must end with .toml; its numbers go into the .npz beside it", o.output));
    if (std::filesystem::exists(o.output) && !o.force)
        throw InputError(o.output, "it exists already; use --force to replace it or choose another name");
    const FloatModel model = import_model(o.model, o.config);
    if (model.layers.empty())
        throw InputError(o.model, "holds arrays but no layers; give the model's JSON configuration (--config)");
    const InputSpec spec = spec_of(model, o);
    const LoadedInput data = load_data(o.data, spec, model);
    const LoadedInput test = o.test.source.empty() ? data : load_data(o.test, spec, model);
    explore::ConvertOptions convert = convert_options(o, !data.labels.empty() || !test.labels.empty());
    // Opened before the search, so that a bad path costs no time.
    { const AtomicFile writable(o.output); }
    std::optional<AtomicFile> page, json;
    if (!o.report.empty()) page.emplace(o.report);
    if (!o.json.empty() && o.json != "-") json.emplace(o.json);

    if (convert.max_loss) convert.labels = data.labels;
    std::optional<Progress> progress(std::in_place, "choosing formats", 100, "%");
    std::mutex mutex;
    convert.progress = [&](const std::string& /*stage*/, double done) {
        const std::lock_guard lock(mutex);
        progress->show(static_cast<std::size_t>(100 * done));
    };
    const explore::Conversion done = explore::convert(model, data.batch, convert);
    progress.reset();
    explore::ConversionReport report =
        explore::explain_conversion(model, done, convert, test.batch, std::span<const int>(test.labels));
    report.version = "bittrue " BITTRUE_VERSION;
    report.source = o.model;
    report.command = o.command;
    report.data = test.description;
    report.steps = steps_of(done, convert, data.description, data.batch.images);
    report.goal = goal_of(done, convert);
    if (!report.goal.empty()) report.steps.push_back(report.goal);
    if (page) page->write(explore::conversion_page(report));
    const std::string facts = explore::conversion_json(report);
    if (json) json->write(facts);
    if (interrupt_flag()) throw Interrupted();
    save_network(done.graph, o.output, comments_of(done, convert));
    if (page) page->commit();
    if (json) json->commit();
    if (o.json == "-") return print(facts);
    print(quantize_text(report));
    print(fmt::format("wrote {} and its numbers beside it\n", o.output));
}

}  // namespace

void add_quantize(CLI::App& app, int&) {
    auto* command = app.add_subcommand(
        "quantize", "From a trained float model to a network file with few bits, converters placed and proven");
    const auto o = std::make_shared<Options>();
    command->add_option("MODEL", o->model, "trained model: Keras (.h5, .keras) or ONNX")->required();
    command->add_option("--config", o->config,
                        "JSON configuration of a weights-only .h5 (default: the .json beside it)");
    command
        ->add_option("--data", o->data.source,
                     "calibration images: .npy, .npz (FILE.npz:KEY), MNIST idx (also .gz), or digits:N[:SEED]")
        ->required();
    command->add_option("--labels", o->data.labels, "their labels: .npy, .npz or MNIST idx (also .gz)");
    command->add_option("--first", o->data.first, "take only the first K images of --data")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U, "K, at least 1"));
    command->add_option("--test", o->test.source, "images that the report is measured on (default: those of --data)");
    command->add_option("--test-labels", o->test.labels, "labels of --test")->needs("--test");
    command->add_option("--bits", o->bits, "bits of everything that no other option names")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    command->add_option("--weight-bits", o->weight_bits, "bits of the weights")->check(CLI::Range(1, 16));
    command->add_option("--bias-bits", o->bias_bits, "bits of the biases")->check(CLI::Range(1, 16));
    command->add_option("--input-bits", o->input_bits, "bits of the input")->check(CLI::Range(1, 16));
    command->add_option("--activation-bits", o->activation_bits, "bits of the words between layers")
        ->check(CLI::Range(1, 16));
    command->add_option("--output-bits", o->output_bits, "bits of the network's results")->check(CLI::Range(1, 16));
    command
        ->add_option("--accumulator", o->accumulator,
                     "auto (as wide as the proof needs) or a width: each term is rounded to it, sums saturate")
        ->capture_default_str();
    command->add_option("--calibration", o->calibration, "how binary points are chosen; joint searches on the emulator")
        ->check(CLI::IsMember({"max", "percentile", "mse", "kl", "joint"}))
        ->capture_default_str();
    command->add_option("--percentile", o->convert.percentile, "share of the numbers, in percent, that fit")
        ->check(number_between(50, 100))
        ->capture_default_str();
    command
        ->add_option("--objective", o->objective,
                     "what the search makes small: divergence of the class probabilities (kl), squared error (mse)")
        ->check(CLI::IsMember({"auto", "kl", "mse"}))
        ->capture_default_str();
    auto* budget = command->add_option("--budget", o->budget,
                                       "most bits of all weights and biases (150000), LUTs (40000lut) or DSPs (20dsp) "
                                       "of the datapath: widths are chosen "
                                       "per layer, up to --bits");
    command
        ->add_option("--max-loss", o->max_loss,
                     "the least weight bits that lose at most so many points of accuracy on the calibration images")
        ->check(number_between(0, 100))
        ->excludes(budget);
    command
        ->add_option("--augment", o->convert.augment,
                     "calibrate also on copies of each image, moved by a pixel to so many of its eight sides")
        ->check(CLI::Range(0, 8))
        ->capture_default_str();
    command
        ->add_option(
            "--per-channel", o->per_channel,
            "formats of weights for each output channel, brought to one by a requantize layer: power-of-two (a "
            "shift, also without a word) or multiplier (8 bits and a shift)")
        ->expected(0, 1)
        ->default_str("power-of-two")
        ->check(CLI::IsMember({"power-of-two", "multiplier"}));
    command->add_flag("--no-equalize", o->no_equalize, "do not scale channels between layers");
    command->add_flag("--no-bias-correction", o->no_bias_correction, "biases keep their own nearest words");
    command->add_flag("--no-fit", o->no_fit, "round every weight by itself");
    command->add_option("--divide", o->convert.divide, "stored pixels are divided by this number")
        ->check(number_between(kLeastDivisor, kMostDivisor))
        ->default_val(255);
    command->add_option("--precision", o->precision, "of that division: float32 or float64")
        ->check(CLI::IsMember({"float32", "float64"}))
        ->capture_default_str();
    command
        ->add_option("--threads", o->convert.threads, "threads to use (0: all cores); the result does not depend on it")
        ->check(CLI::Range(0, 1024));
    command->add_option("-o,--output", o->output, "network file to write (.toml); numbers go into the .npz beside it")
        ->required();
    command->add_option("--report", o->report, "write the explanation as a self-contained HTML page");
    command->add_option("--json", o->json, "write the figures as JSON to this file ('-': stdout)");
    command->add_flag("--force", o->force, "replace an existing network file");
    command->footer(
        "Example:\n  bittrue quantize examples/mnist-cnn/seed_cnn_mnist.h5 --data digits:500 --bits 8 -o "
        "/tmp/net8.toml "
        "--report /tmp/net8.html --force\n"
        "  bittrue quantize examples/mnist-cnn/seed_cnn_mnist.h5 --data digits:200 --budget 6500lut --per-channel "
        "multiplier -o /tmp/small.toml --force");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
