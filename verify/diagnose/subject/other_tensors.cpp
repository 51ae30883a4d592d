// Tensors of the dump that a layer could have read in place of what it reads.
#include <algorithm>

#include "subject/sides.hpp"

namespace bittrue::diagnose_detail {

void Sides::add_others(Subject& subject) const {
    constexpr std::size_t kMost = 6;
    const auto could_be_read = [&](const std::string& name, const Dumped& dumped) {
        bool fits = false;
        for (const TensorWords& given : subject.chain.given) {
            if (given.name == name) return false;
            fits = fits || given.shape == shape_of(graph_, name);
        }
        return fits && std::all_of(subject.image_numbers.begin(), subject.image_numbers.end(),
                                   [&dumped](std::uint32_t image) { return dumped.unknown[image] == 0; });
    };
    std::vector<std::string> names;
    for (const auto& [name, dumped] : dumped_) {
        if (could_be_read(name, dumped)) names.push_back(name);
    }
    // The nearest come first: the later ones in the graph.
    std::stable_sort(names.begin(), names.end(), [this](const std::string& a, const std::string& b) {
        return node_index(graph_, a) > node_index(graph_, b);
    });
    if (names.size() > kMost) names.resize(kMost);
    for (const std::string& name : names) {
        const auto size = static_cast<std::size_t>(shape_of(graph_, name).count());
        const Words& all = dumped_.at(name).words;
        Words words;
        words.reserve(subject.image_numbers.size() * size);
        for (const std::uint32_t image : subject.image_numbers) {
            const auto from = all.begin() + static_cast<std::ptrdiff_t>(image * size);
            words.insert(words.end(), from, from + static_cast<std::ptrdiff_t>(size));
        }
        subject.others.push_back(as_tensor(name, std::move(words), subject.images));
    }
}

}  // namespace bittrue::diagnose_detail
