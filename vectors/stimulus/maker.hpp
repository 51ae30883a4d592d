// Offers images to a network and keeps those that reach something no image before them reached.
#pragma once

#include <map>

#include "network_probe.hpp"
#include "random.hpp"

namespace bittrue::corner {

class Maker {
public:
    Maker(const Graph& graph, const EngineFactory& make_engine, const StimulusOptions& options);

    [[nodiscard]] NetworkProbe& probe() { return probe_; }
    [[nodiscard]] SplitMix64& random() { return random_; }
    // No more images may be kept.
    [[nodiscard]] bool full() const { return batch_.images >= options_.max_images; }
    [[nodiscard]] std::size_t kept() const { return batch_.images; }
    [[nodiscard]] std::int64_t tried() const { return probe_.images(); }

    using Values = std::vector<double>;  // of one image
    // Values outside the declared range of the input are replaced by the nearest within.
    // `seen` is called with the index of each image while the probe still holds its words.
    void offer(std::vector<Values> images, const std::function<void(std::size_t)>& seen = {});
    [[nodiscard]] Values values_of(const std::vector<i128>& input_raws) const;

    // Whether something reachable of that layer has not been reached.
    [[nodiscard]] bool missing(std::size_t node) const;

    [[nodiscard]] Stimulus finish() &&;

private:
    // A goal, a mark or a bin of the network.
    struct Thing {
        int node = -1;  // -1: the input
        const Tally* tally = nullptr;
        const Site* site = nullptr;
        std::size_t goal = 0;
        const Mark* mark = nullptr;
        const Bins* table = nullptr;
        std::size_t bin = 0;
        const char* edge = "";
    };
    void list_things();
    void keep_if_new(std::int64_t image, const Values& values);
    void remember_sums(std::int64_t image, const Values& values);
    void keep_sums();
    [[nodiscard]] std::int64_t keep(const Values& values, std::string made_for);
    [[nodiscard]] std::string layer_of(const Thing& t) const;
    [[nodiscard]] static std::string place_of(const Thing& t);
    [[nodiscard]] static std::string goal_of(const Thing& t);
    [[nodiscard]] std::string why_not(const Thing& t) const;

    StimulusOptions options_;
    NetworkProbe probe_;
    SplitMix64 random_;
    std::vector<Thing> things_{};
    std::vector<std::size_t> open_{};          // of things_: reachable and not yet reached
    std::vector<std::size_t> sums_{};          // of things_
    std::map<std::size_t, Values> nearest_{};  // of things_: the image that came nearest to a bound
    std::vector<std::int64_t> kept_as_{};      // per offered image: its number in the batch, or -1
    InputBatch batch_{};
    std::vector<std::string> made_for_{};
};

}  // namespace bittrue::corner
