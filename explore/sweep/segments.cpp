#include "sweep/segments.hpp"

#include <algorithm>

#include "bittrue/explore/sweep_judge.hpp"

namespace bittrue::explore {

namespace {

constexpr std::size_t kMostParts = 96;  // that are kept, with their weights
// Of the working room of parts that are kept; that of the segments of one configuration always is.
constexpr std::size_t kMostRoom = std::size_t{512} << 20;
constexpr std::size_t kRoomPerByte = 512;  // of an image's tensors: 64 lanes, arranged for the kernels

std::size_t tensor_of(const Graph& graph, const std::string& name) {
    return static_cast<std::size_t>(node_index(graph, name) + 1);
}

}  // namespace

Segments::Segments(const Graph& graph)
    : graph_(graph),
      stages_(emulator::make_stages(graph)),
      nodes_(accumulating_nodes(graph)),
      output_(tensor_of(graph, graph.output)),
      error_(tensor_of(graph, error_tensor(graph))) {
    const std::size_t tensors = graph.nodes.size() + 1;
    const auto accumulates = [this](std::size_t node) {
        return std::binary_search(nodes_.begin(), nodes_.end(), node);
    };
    std::vector<int> readers(tensors, 0);
    std::vector<bool> ends(tensors, false);
    ends[0] = ends[output_] = ends[error_] = true;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const std::string& in : graph.nodes[i].inputs) {
            const std::size_t tensor = tensor_of(graph, in);
            ++readers[tensor];
            if (accumulates(i) || graph.nodes[i].inputs.size() > 1) ends[tensor] = true;
        }
    }
    for (std::size_t t = 0; t < tensors; ++t) ends[t] = ends[t] || readers[t] != 1;

    std::vector<Segment> open(tensors);  // by the tensor that they have reached
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        Segment segment{.head = i};
        for (const std::string& in : graph.nodes[i].inputs) segment.inputs.push_back(tensor_of(graph, in));
        std::sort(segment.inputs.begin(), segment.inputs.end());
        segment.inputs.erase(std::unique(segment.inputs.begin(), segment.inputs.end()), segment.inputs.end());
        if (!ends[segment.inputs.front()]) segment = open[segment.inputs.front()];
        if (accumulates(i)) {
            const auto at = std::lower_bound(nodes_.begin(), nodes_.end(), i) - nodes_.begin();
            segment.number = static_cast<std::size_t>(at);
        }
        segment.out = i + 1;
        open[i + 1] = segment;
        if (ends[i + 1]) list_.push_back(segment);
    }
    const std::size_t segments = std::max<std::size_t>(list_.size(), 1);
    const std::size_t by_room = kMostRoom / (kRoomPerByte * kept_bytes() / segments + 1);
    most_parts_ = std::max(2 * segments, std::min(by_room, kMostParts));
}

Format Segments::format_of(std::size_t tensor) const {
    return tensor == 0 ? graph_.input.type.format : graph_.nodes[tensor - 1].result.format;
}
std::size_t Segments::elements_of(std::size_t tensor) const {
    const Shape& shape = tensor == 0 ? graph_.input.shape : graph_.nodes[tensor - 1].shape;
    return static_cast<std::size_t>(shape.count());
}
std::size_t Segments::bytes_of(std::size_t tensor) const {
    return elements_of(tensor) * static_cast<std::size_t>(word_bytes(format_of(tensor)));
}

std::size_t Segments::kept_bytes() const {
    std::size_t bytes = bytes_of(0);
    for (const Segment& segment : list_) bytes += bytes_of(segment.out);
    return bytes;
}

std::int64_t Segments::macs() const {
    std::int64_t macs = 0;
    for (const std::size_t node : nodes_) {
        const Node& n = graph_.nodes[node];
        if (const auto* dense = std::get_if<Dense>(&n.op)) macs += element_count(dense->weights.dims);
        if (const auto* conv = std::get_if<Conv2d>(&n.op))
            macs += element_count(conv->weights.dims) * n.shape.height() * n.shape.width();
    }
    return macs;
}

SegmentPart Segments::part(const Segment& segment, const std::optional<AccumulatorSpec>& spec, bool counted) const {
    const std::lock_guard lock(mutex_);
    for (const Kept& kept : parts_) {
        if (kept.head == segment.head && kept.counted == counted && kept.spec == spec) return kept.part;
    }
    emulator::PartRequest request{.known = segment.inputs, .wanted = {segment.out}, .replaced = {}};
    if (spec) request.replaced.emplace(segment.head, *spec);
    request.count_events = counted;
    SegmentPart made = stages_->part(request);
    if (parts_.size() >= most_parts_) parts_.clear();
    parts_.push_back({segment.head, spec, counted, made});
    return made;
}

}  // namespace bittrue::explore
