#include "origin.hpp"

#include <algorithm>
#include <map>

namespace bittrue {

void find_origins(std::vector<Compared>& layers) {
    std::map<std::string, std::size_t> by_expected_name;
    std::map<std::string, std::size_t> by_actual_name;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        by_expected_name.emplace(layers[i].diff.name, i);
        by_actual_name.emplace(layers[i].actual_name, i);
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        LayerDiff& diff = layers[i].diff;
        std::vector<std::size_t> inputs;
        diff.inputs_known = !layers[i].inputs.empty();
        const auto& by_name = layers[i].inputs_of_actual ? by_actual_name : by_expected_name;
        for (const std::string& name : layers[i].inputs) {
            const auto found = by_name.find(name);
            if (found == by_name.end() || layers[found->second].diff.images_compared < diff.images_compared) {
                diff.inputs_known = false;
            } else {
                inputs.push_back(found->second);
            }
        }
        if (!diff.inputs_known) {
            inputs.clear();
            for (std::size_t before = 0; before < i; ++before) inputs.push_back(before);
        }
        for (const std::int64_t image : layers[i].differing_images()) {
            const bool inputs_equal = std::none_of(inputs.begin(), inputs.end(),
                                                   [&](std::size_t input) { return layers[input].differs_in(image); });
            if (!inputs_equal) continue;
            ++diff.origin_images;
            const Mismatch* first = layers[i].first_in(image);
            if (!diff.origin && first != nullptr) diff.origin = *first;
        }
    }
}

}  // namespace bittrue
