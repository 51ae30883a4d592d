#include "train_data.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/vectors/digits.hpp"
#include "whole_number.hpp"

namespace bittrue::cli {

namespace {

namespace fs = std::filesystem;

std::string in_folder(const std::string& folder, const std::string& stem, const std::string& kind) {
    std::error_code ignored;
    for (const char* joint : {"-", "."}) {
        for (const char* ending : {"", ".gz"}) {
            const fs::path path = fs::path(folder) / (stem + joint + kind + ending);
            if (fs::exists(path, ignored)) return path.string();
        }
    }
    throw InputError(folder,
                     fmt::format("holds no {0}-{1} or {0}-{1}.gz; give the folder of the four MNIST files, or each "
                                 "with --train, --train-labels, --test and --test-labels",
                                 stem, kind));
}

// FILE.npz:KEY is the file FILE.npz.
std::string file_of(const std::string& source) {
    if (source.empty() || is_digits_request(source)) return {};
    std::error_code ignored;
    const std::size_t colon = source.rfind(':');
    return colon == std::string::npos || fs::exists(source, ignored) ? source : source.substr(0, colon);
}

TrainingBatch digits(const std::string& source, const InputSpec& spec, std::size_t first) {
    const DigitsRequest request = parse_digits_request(source);
    constexpr std::size_t kPixels = Digits::kRows * Digits::kColumns;
    if (static_cast<std::size_t>(spec.shape.count()) != kPixels)
        throw InputError(source, fmt::format("generated digits have 28x28 pixels; the network's input '{}' has {}",
                                             spec.name, print_dims(spec.shape.dims)));
    if (first > request.count)
        throw InputError(source,
                         fmt::format("has {} images, fewer than the first {} that are wanted", request.count, first));
    Digits made = make_digits(first > 0 ? first : request.count, request.seed);
    return {.pixels = std::move(made.pixels), .labels = std::move(made.labels)};
}

TrainingBatch part(const std::string& source, const std::string& labels_source, const char* labels_option,
                   const InputSpec& spec, std::size_t first, int classes) {
    TrainingBatch batch;
    std::vector<int> labels;
    if (is_digits_request(source)) {
        batch = digits(source, spec, first);
        labels.assign(batch.labels.begin(), batch.labels.end());
    } else {
        if (labels_source.empty())
            throw InputError(labels_option,
                             fmt::format("{} needs its labels; only generated digits bring theirs", source));
        PixelBatch images = load_pixels(source, spec, first);
        batch.pixels = std::move(images.pixels);
        labels = load_labels(labels_source);
        if (labels.size() < images.images || (labels.size() > images.images && first == 0))
            throw InputError(labels_source,
                             fmt::format("it has {} labels for {} images", labels.size(), images.images));
        labels.resize(images.images);
    }
    if (labels.empty()) throw InputError(source, "holds no images");
    batch.labels.clear();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0 || labels[i] >= classes)
            throw InputError(
                labels_source.empty() ? source : labels_source,
                fmt::format("label {} of image {} is outside of the network's {} outputs", labels[i], i, classes));
        batch.labels.push_back(static_cast<std::uint8_t>(labels[i]));
    }
    return batch;
}

std::string named(const std::string& source, const TrainingBatch& batch) {
    return fmt::format("{} ({} images)", is_digits_request(source) ? source : fs::path(source).filename().string(),
                       batch.labels.size());
}

}  // namespace

void add_train_data_options(CLI::App& command, TrainDataOptions& o) {
    auto* folder = command.add_option("--data", o.folder,
                                      "folder of the four MNIST files (train-images-idx3-ubyte, ..., also .gz)");
    const char* sources = ": .npy, .npz (FILE.npz:KEY), idx (also .gz) of whole numbers 0 to 255, or digits:N[:SEED]";
    command.add_option("--train", o.train, std::string("training images in place of --data") + sources)
        ->excludes(folder);
    command.add_option("--train-labels", o.train_labels, "their labels: .npy, .npz or idx (also .gz)")
        ->excludes(folder);
    command.add_option("--test", o.test, std::string("test images") + sources)->excludes(folder);
    command.add_option("--test-labels", o.test_labels, "their labels")->excludes(folder);
    const CLI::Range some(std::uint64_t{1}, std::uint64_t{1} << 31U, "K, at least 1");
    command.add_option("--first", o.first, "take only the first K training images")->check(whole_number())->check(some);
    command.add_option("--first-test", o.first_test, "take only the first K test images")
        ->check(whole_number())
        ->check(some);
}

TrainDataOptions found(const TrainDataOptions& options) {
    TrainDataOptions o = options;
    if (o.folder.empty()) {
        if (o.train.empty() || o.test.empty())
            throw InputError("--data",
                             "give a folder, or both --train and --test (for example --train digits:5000:1 --test "
                             "digits:1000:2)");
        return o;
    }
    std::error_code ignored;
    if (!fs::is_directory(o.folder, ignored))
        throw InputError(o.folder, "is no folder; give the folder of the four MNIST files, or --train and --test");
    o.train = in_folder(o.folder, "train-images", "idx3-ubyte");
    o.train_labels = in_folder(o.folder, "train-labels", "idx1-ubyte");
    o.test = in_folder(o.folder, "t10k-images", "idx3-ubyte");
    o.test_labels = in_folder(o.folder, "t10k-labels", "idx1-ubyte");
    return o;
}

std::vector<InputPath> input_paths(const TrainDataOptions& o) {
    return {{"--train", file_of(o.train)},
            {"--train-labels", file_of(o.train_labels)},
            {"--test", file_of(o.test)},
            {"--test-labels", file_of(o.test_labels)}};
}

LoadedTrainData load(const TrainDataOptions& o, const InputSpec& spec, const explore::TrainableNetwork& trainable) {
    const int classes = trainable.network.classes();
    LoadedTrainData in;
    in.data.train = part(o.train, o.train_labels, "--train-labels", spec, o.first, classes);
    in.data.test = part(o.test, o.test_labels, "--test-labels", spec, o.first_test, classes);
    in.description = "trained on " + named(o.train, in.data.train) + ", tested on " + named(o.test, in.data.test);
    if (trainable.channels_last) {
        for (TrainingBatch* batch : {&in.data.train, &in.data.test})
            batch->pixels = explore::channels_first(batch->pixels, trainable.network.input);
    }
    return in;
}

}  // namespace bittrue::cli
