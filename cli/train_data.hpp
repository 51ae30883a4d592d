// Images and labels of `bittrue train`: a folder of MNIST files, files of their own, or generated digits.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "bittrue/explore/train.hpp"
#include "bittrue/explore/train_network.hpp"
#include "paths.hpp"

namespace bittrue::cli {

struct TrainDataOptions {
    std::string folder{}, train{}, train_labels{}, test{}, test_labels{};
    std::size_t first = 0, first_test = 0;  // 0: all
};
void add_train_data_options(CLI::App& command, TrainDataOptions& options);

// The files behind the options; InputError where the options do not fit each other or the folder lacks a file.
[[nodiscard]] TrainDataOptions found(const TrainDataOptions& options);
[[nodiscard]] std::vector<InputPath> input_paths(const TrainDataOptions& found);

struct LoadedTrainData {
    explore::TrainData data{};
    std::string description{};
};
// InputError: not images of the network's input, a label that is none of its classes, fewer labels than images.
[[nodiscard]] LoadedTrainData load(const TrainDataOptions& found, const InputSpec& spec,
                                   const explore::TrainableNetwork& network);

}  // namespace bittrue::cli
