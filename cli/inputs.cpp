#include "inputs.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/vectors/digits.hpp"

namespace bittrue::cli {

namespace {

LoadedInput load_digits(const InputOptions& options, const InputSpec& spec) {
    const DigitsRequest request = parse_digits_request(options.source);
    if (options.first > request.count) {
        throw InputError("--first", fmt::format("{} images are asked for, '{}' has {}", options.first, options.source,
                                                request.count));
    }
    const std::size_t images = options.first > 0 ? options.first : request.count;
    const Digits digits = make_digits(images, request.seed);
    LoadedInput in{.batch = input_from_digits(digits, spec), .labels = {}, .description = options.source};
    in.labels.assign(digits.labels.begin(), digits.labels.end());
    return in;
}

// Rule I3, before anything runs: an engine that gets images in parts numbers them from the part's first.
void check_range(const InputBatch& batch, const InputSpec& spec) {
    if (!spec.range) return;
    const InputRaws allowed = input_raws(spec);
    const WordBatch words = emulator::words_of(batch, spec.type);
    const auto size = static_cast<std::size_t>(spec.shape.count());
    for (std::size_t i = 0; i < batch.values.size(); ++i) {
        const i128 raw = raw_from_word(words.word(i, spec.type.format), spec.type.format);
        if (raw < allowed.low || raw > allowed.high) throw outside_input(spec, i / size, i % size, raw);
    }
}

}  // namespace

void add_image_options(CLI::App& command, InputOptions& options, bool required) {
    command
        .add_option("--input", options.source,
                    "images: .npy, .npz (FILE.npz:KEY), MNIST idx (also .gz), or digits:N[:SEED] for generated ones")
        ->required(required);
    command.add_option("--first", options.first, "take only the first K images")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U, "K, at least 1"));
}

void add_input_options(CLI::App& command, InputOptions& options, bool required) {
    add_image_options(command, options, required);
    command.add_option("--labels", options.labels,
                       "labels: .npy, .npz or MNIST idx (also .gz); generated digits bring theirs");
}

std::string declared_text(const InputSpec& input) {
    return input.range ? fmt::format(", inputs {}..{} declared", input.range->low, input.range->high) : "";
}

LoadedInput load(const InputOptions& options, const InputSpec& spec) {
    LoadedInput in;
    if (is_digits_request(options.source)) {
        in = load_digits(options, spec);
    } else {
        in.batch = load_input(options.source, spec, options.first);
        in.description = std::filesystem::path(options.source).filename().string();
    }
    check_range(in.batch, spec);
    if (options.first > 0) in.description += fmt::format(", first {}", options.first);
    if (options.labels.empty()) return in;
    in.labels = load_labels(options.labels);
    if (in.labels.size() < in.batch.images) {
        throw InputError(options.labels,
                         fmt::format("it has {} labels for {} images", in.labels.size(), in.batch.images));
    }
    if (in.labels.size() > in.batch.images && options.first == 0) {
        throw InputError(options.labels, fmt::format("it has {} labels for {} images; use --first to take a part",
                                                     in.labels.size(), in.batch.images));
    }
    in.labels.resize(in.batch.images);
    return in;
}

void check_labels(const Graph& graph, const LoadedInput& in) {
    const std::int64_t classes = shape_of(graph, graph.output).count();
    for (std::size_t i = 0; i < in.labels.size(); ++i) {
        if (in.labels[i] >= 0 && in.labels[i] < classes) continue;
        throw InputError("--labels", fmt::format("label {} of image {} is outside of the network's {} outputs",
                                                 in.labels[i], i, classes));
    }
}

}  // namespace bittrue::cli
