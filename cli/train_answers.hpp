// What a graph says of images, with the emulator: whether it runs trained weights as training did.
#pragma once

#include <cstdint>
#include <vector>

#include "bittrue/explore/train_network.hpp"
#include "bittrue/model/graph.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::cli {

// By image the first of the largest outputs, as `bittrue run` counts them. `images` are as training reads them.
[[nodiscard]] std::vector<std::size_t> answers_of(const Graph& graph, const TrainingBatch& images,
                                                  const explore::TrainableNetwork& trainable, unsigned threads);

// Whether both graphs, of the same layers, compute the same of the images: weights of equal words and binary points,
// and so every tensor. Answers alone may be equal by chance. False where one of them cannot take the images.
[[nodiscard]] bool same_words(const Graph& a, const Graph& b, const TrainingBatch& images,
                              const explore::TrainableNetwork& trainable, unsigned threads);

}  // namespace bittrue::cli
