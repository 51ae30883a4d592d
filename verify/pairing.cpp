#include "pairing.hpp"

#include <algorithm>
#include <map>

#include "bittrue/vectors/vector_files.hpp"

namespace bittrue {

std::vector<std::size_t> pair_layers(const VectorSet& expected, const VectorSet& actual,
                                     std::vector<std::string>& notes) {
    std::vector<std::string> names;
    for (const VectorLayer& layer : expected.layers) names.push_back(layer.name);
    const std::vector<std::string> stems = file_stems(names);
    std::map<std::string, std::size_t> by_name;
    for (std::size_t i = 0; i < actual.layers.size(); ++i) by_name.emplace(actual.layers[i].name, i);
    std::vector<std::size_t> pairs(names.size(), kNone);
    std::vector<bool> taken(actual.layers.size());
    const auto take = [&](std::size_t i, const std::string& name) {
        const auto found = by_name.find(name);
        if (pairs[i] != kNone || found == by_name.end() || taken[found->second]) return;
        pairs[i] = found->second;
        taken[found->second] = true;
    };
    for (std::size_t i = 0; i < names.size(); ++i) take(i, names[i]);
    for (std::size_t i = 0; i < names.size(); ++i) take(i, stems[i]);
    std::vector<std::string> actual_names;
    for (const VectorLayer& layer : actual.layers) actual_names.push_back(layer.name);
    const std::vector<std::string> actual_stems = file_stems(actual_names);
    for (std::size_t j = 0; j < actual_stems.size(); ++j) {
        const auto found = std::find(names.begin(), names.end(), actual_stems[j]);
        if (found != names.end()) take(static_cast<std::size_t>(found - names.begin()), actual_names[j]);
    }
    if (names.size() == 1 && actual.layers.size() == 1 && pairs[0] == kNone) {
        pairs[0] = 0;
        notes.push_back("'" + actual.layers[0].name + "' is compared with '" + names[0] +
                        "', as each side has one layer only");
    }
    return pairs;
}

}  // namespace bittrue
