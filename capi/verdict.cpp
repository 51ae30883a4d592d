#include <algorithm>

#include <fmt/format.h>

#include "live_network.hpp"

namespace bittrue::capi {
namespace {

std::string counted(std::int64_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

bool LiveNetwork::verdict(std::string& sentence) const {
    // The cause before its consequences: the first image, and in it the first layer in graph order.
    const Layer* first = nullptr;
    for (const Layer& layer : layers_) {
        if (layer.mismatches > 0 && (first == nullptr || layer.first_image < first->first_image)) first = &layer;
    }
    if (first != nullptr) {
        sentence =
            fmt::format("{} of {} differ; first {}", mismatches(-1), counted(checked(-1), "word"), first->first_line);
        return false;
    }
    if (!refused_.empty()) {
        sentence = "a check was refused: " + refused_;
        return false;
    }
    for (const Layer& layer : layers_) {
        if (!layer.pending) continue;
        sentence = fmt::format("layer '{}': a word of image {} came, but that image was never pushed whole",
                               layer.about.name, layer.image);
        return false;
    }
    if (!batch_.values.empty()) {
        sentence = fmt::format("image {} was pushed in part only: {} of {} words", images(), batch_.values.size(),
                               layers_.front().words);
        return false;
    }
    if (checked(-1) == 0) {
        sentence = fmt::format("nothing was checked ({} pushed)", counted(images(), "image"));
        return false;
    }
    for (const Layer& layer : layers_) {
        const std::int64_t all = images() * layer.words;
        if (layer.checked == 0 || layer.checked == all) continue;
        sentence = fmt::format("layer '{}': {} of {} words were checked, of image {} only {} of {}", layer.about.name,
                               layer.checked, all, layer.image, layer.index, layer.words);
        return false;
    }
    sentence = equal_sentence();
    return true;
}

std::string LiveNetwork::equal_sentence() const {
    std::string unchecked;
    std::int64_t layers = 0;
    for (const Layer& layer : layers_) {
        if (layer.checked > 0) {
            ++layers;
        } else {
            unchecked += (unchecked.empty() ? "; not checked: " : ", ") + layer.about.name;
        }
    }
    return fmt::format("equal: {} of {}, {}{}", counted(checked(-1), "word"), counted(layers, "layer"),
                       counted(images(), "image"), unchecked);
}

}  // namespace bittrue::capi
