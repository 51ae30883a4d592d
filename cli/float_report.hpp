// `bittrue run --engine float`: a network's graph in real numbers, and what it says about it.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/model/graph.hpp"
#include "bittrue/model/npz.hpp"

namespace bittrue::cli {

struct FloatExecution {
    struct Layer {
        std::string name{};
        Shape shape{};
        double low = 0, high = 0;  // over all images
    };
    std::size_t images = 0;
    std::vector<Layer> layers{};      // [0] is the input
    std::vector<NamedArray> trace{};  // float64, images first, of every layer; empty unless wanted
    bool labelled = false;
    std::size_t correct = 0;  // images whose largest output (the first of equals) is the label
    double seconds = 0;
};

// With progress, timing and interruption; a block of images at a time, so that only a trace needs memory for all.
[[nodiscard]] FloatExecution execute_float(const Graph& graph, const InputBatch& batch, const std::vector<int>& labels,
                                           bool trace, int threads);

[[nodiscard]] std::string float_report_text(const FloatExecution& execution);
// images, correct, accuracy (null without labels), seconds, images_per_second and layers with shape, min and max.
[[nodiscard]] nlohmann::ordered_json float_report_json(const FloatExecution& execution);

}  // namespace bittrue::cli
