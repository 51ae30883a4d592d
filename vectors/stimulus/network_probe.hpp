// A whole network that is looked into while the engine runs it.
#pragma once

#include <atomic>
#include <functional>

#include "bittrue/vectors/coverage.hpp"
#include "input_probe.hpp"
#include "probe.hpp"

namespace bittrue::corner {

class NetworkProbe {
public:
    // Walks all numbers once, so that every goal is known as reachable or not.
    NetworkProbe(const Graph& graph, const EngineFactory& make_engine);

    // Runs the images and counts; they are numbered on from those before. std::logic_error where a word or a count
    // differs from the engine's. `image_done` is called with each image's number.
    void run(const InputBatch& batch, const std::atomic<bool>* cancel,
             const std::function<void(std::int64_t image)>& image_done = {});

    [[nodiscard]] CoverageReport report() const;

    [[nodiscard]] const Graph& graph() const { return graph_; }
    [[nodiscard]] InputProbe& input() { return input_; }
    [[nodiscard]] Probe& layer(std::size_t node) { return *layers_[node].probe; }
    [[nodiscard]] std::size_t layers() const { return layers_.size(); }
    [[nodiscard]] const std::vector<Strided>& numbers_of(int node) const {
        return numbers_[static_cast<std::size_t>(node + 1)];
    }
    [[nodiscard]] const std::vector<ParameterWords>& parameters() const { return parameters_; }
    [[nodiscard]] std::int64_t images() const { return images_; }
    // The engine's words of the image that is being reported to image_done, as raws; node -1 is the input.
    [[nodiscard]] const std::vector<i128>& words_of(int node) const {
        return raws_[static_cast<std::size_t>(node + 1)];
    }

private:
    struct Layer {
        ProbePtr probe{};
        std::vector<std::size_t> inputs{};  // 0: the network's input, k + 1: node k
        LayerEvents events{};               // of the engine
    };
    void walk_image(const InputBatch& batch, std::size_t image, const RunResult& result, std::size_t in_result,
                    Concrete& d);
    void compare_events() const;

    Graph graph_;
    std::unique_ptr<Engine> engine_;
    std::vector<ParameterWords> parameters_{};
    InputProbe input_{};
    EventCounts input_events_{};
    std::vector<Layer> layers_{};
    std::vector<std::vector<Strided>> numbers_{};
    std::vector<std::vector<i128>> raws_{};
    std::int64_t images_ = 0;
};

}  // namespace bittrue::corner
