#include "stage.hpp"

#include <algorithm>

#include "flatten_sources.hpp"

namespace bittrue::corner {
namespace {

constexpr int kMostBits = 16;  // of input words that are tried one by one

bool is_elementwise(const Operation& op) {
    return std::holds_alternative<Quantize>(op) || std::holds_alternative<Flatten>(op) ||
           std::holds_alternative<Reshape>(op) || std::holds_alternative<Relu>(op) ||
           std::holds_alternative<ClippedRelu>(op) || std::holds_alternative<LeakyRelu>(op) ||
           std::holds_alternative<Lookup>(op) || std::holds_alternative<Clip>(op);
}

}  // namespace

std::optional<Stage> Stage::of(Maker& maker, std::size_t node) {
    const Graph& graph = maker.probe().graph();
    const std::vector<std::string>& inputs = graph.nodes[node].inputs;
    if (std::count(inputs.begin(), inputs.end(), inputs.front()) != std::ssize(inputs)) return std::nullopt;
    Stage stage;
    stage.maker_ = &maker;
    stage.node_ = node;
    stage.input_ = node_index(graph, inputs.front());
    for (int at = stage.input_; at >= 0;) {
        const Node& n = graph.nodes[static_cast<std::size_t>(at)];
        const bool few = graph.input.type.format.width <= kMostBits;
        if (n.inputs.size() != 1 || !is_elementwise(n.op) || !few) return std::nullopt;
        at = node_index(graph, n.inputs.front());
    }
    stage.read_path();
    return stage;
}

void Stage::read_path() {
    const Graph& graph = maker_->probe().graph();
    std::vector<std::size_t> path;
    for (int at = input_; at >= 0; at = node_index(graph, graph.nodes[path.back()].inputs.front()))
        path.push_back(static_cast<std::size_t>(at));
    std::reverse(path.begin(), path.end());
    for (std::size_t i = 0; i < static_cast<std::size_t>(graph.input.shape.count()); ++i) source_.push_back(i);
    for (const std::size_t k : path) {
        const Node& n = graph.nodes[k];
        const std::vector<std::size_t> sources = flatten_sources(n, shape_of(graph, n.inputs.front()));
        std::vector<std::size_t> through(sources.size());
        for (std::size_t i = 0; i < sources.size(); ++i) through[i] = source_[sources[i]];
        source_ = std::move(through);
    }
    if (path.empty()) return;
    // What becomes of every word, by letting the layers work on all of them.
    const Strided words = maker_->probe().input().words();
    std::vector<i128> values(source_.size());
    Concrete quiet;
    quiet.counts = false;
    for (i128 word = words.low; word <= words.high;) {
        const i128 first = word;
        for (i128& v : values) v = std::min(word++, words.high);
        std::vector<i128> now = values, next;
        for (const std::size_t k : path) {
            const std::vector<i128>* inputs[] = {&now};
            maker_->probe().layer(k).walk(quiet, inputs, next);
            std::swap(now, next);
        }
        for (std::size_t i = 0; i < now.size(); ++i) {
            const i128 from = std::min(first + static_cast<i128>(source_[i]), words.high);
            inverse_.emplace(now[i], from);
        }
    }
}

const Shape& Stage::shape() const {
    return shape_of(maker_->probe().graph(), node().inputs.front());
}

Format Stage::format() const {
    return type_of(maker_->probe().graph(), node().inputs.front()).format;
}

void Stage::offer(const std::vector<Raws>& inputs) const {
    std::vector<Maker::Values> images;
    for (const Raws& raws : inputs) {
        Raws input(raws.size(), 0);
        for (std::size_t i = 0; i < raws.size(); ++i) {
            i128 word = raws[i];
            if (!inverse_.empty()) {  // the nearest word that can come
                auto it = inverse_.lower_bound(word);
                if (it == inverse_.end()) --it;
                word = it->second;
            }
            input[source_[i]] = word;
        }
        images.push_back(maker_->values_of(input));
    }
    maker_->offer(images);
}

void Stage::offer_packed(const Raws& words) const {
    constexpr std::size_t kMostAtOnce = 64;
    if (words.empty()) return;
    const std::size_t size = numbers().size();
    std::vector<Raws> images;
    for (std::size_t next = 0; next < words.size() && missing();) {
        Raws image(size);
        for (i128& raw : image) raw = words[std::min(next++, words.size() - 1)];
        images.push_back(std::move(image));
        if (images.size() < kMostAtOnce && next < words.size()) continue;
        offer(images);
        images.clear();
    }
}

}  // namespace bittrue::corner
