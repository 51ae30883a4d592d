#include "align_candidates.hpp"

#include <algorithm>
#include <numeric>

namespace bittrue {
namespace {

std::string list(const std::vector<std::string>& names, const std::vector<std::size_t>& order) {
    std::string text;
    for (const std::size_t axis : order) text += (text.empty() ? "" : ", ") + names[axis];
    return text;
}

// Names of the axes of an image, without the image.
std::vector<std::string> image_axes(const LayerShape& shape) {
    if (!shape.axes.empty()) return {shape.axes.begin() + 1, shape.axes.end()};
    std::vector<std::string> names;
    for (std::size_t axis = 1; axis < shape.dims.size(); ++axis) names.push_back("axis " + std::to_string(axis));
    return names;
}

Finding order_finding(const LayerShape& shape, const std::vector<std::size_t>& stored) {
    const std::vector<std::string> names = image_axes(shape);
    std::vector<std::size_t> expected(stored.size());
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    const auto place = [&](const std::string& name) {
        return std::find_if(stored.begin(), stored.end(), [&](std::size_t axis) { return names[axis] == name; });
    };
    const bool is_map = !shape.axes.empty() && names.size() == 3;
    Finding finding;
    finding.from = -1;
    finding.kind = is_map && place("row") < place("column") ? FindingKind::ChannelOrder : FindingKind::Transposed;
    finding.text = "stored in the order " + list(names, stored) + " where " + list(names, expected) + " is expected";
    return finding;
}

void add(std::vector<Candidate>& candidates, Candidate candidate) {
    const auto same = [&](const Candidate& other) { return other.order == candidate.order; };
    if (std::none_of(candidates.begin(), candidates.end(), same)) candidates.push_back(std::move(candidate));
}

}  // namespace

std::vector<Candidate> other_axes(const LayerShape& shape, const Order& stated) {
    if (shape.dims.size() < 3 || shape.dims.size() > 4 || shape.words % shape.per_image != 0) return {};
    const Dims dims(shape.dims.begin() + 1, shape.dims.end());
    if (std::any_of(dims.begin(), dims.end(), [](std::int64_t n) { return n < 1; })) return {};
    std::vector<std::size_t> stored(dims.size());
    std::iota(stored.begin(), stored.end(), std::size_t{0});
    std::vector<Candidate> candidates;
    do {
        Candidate candidate{.order = axes_order(dims, stored, shape.words), .findings = {}};
        if (candidate.order == stated) continue;
        if (candidate.order.is_same()) {
            candidate.findings.push_back({.kind = FindingKind::ChannelOrder,
                                          .text = "stored in the expected order, not in the one that its shape states",
                                          .from = -1,
                                          .benign = true});
        } else {
            candidate.findings.push_back(order_finding(shape, stored));
        }
        add(candidates, std::move(candidate));
    } while (std::next_permutation(stored.begin(), stored.end()));
    // Another place of the channels is more likely than a transposition.
    std::stable_partition(candidates.begin(), candidates.end(),
                          [](const Candidate& c) { return c.findings[0].kind == FindingKind::ChannelOrder; });
    return candidates;
}

std::vector<int> likely_lanes(const LayerShape& shape) {
    std::vector<int> list;
    const auto add_lanes = [&](std::int64_t lanes, bool known) {
        if (lanes < 2 || lanes > kMostLanes || lanes > shape.words) return;
        if (!known && shape.per_image % lanes != 0) return;
        const int count = static_cast<int>(lanes);
        if (std::find(list.begin(), list.end(), count) == list.end()) list.push_back(count);
    };
    add_lanes(shape.lanes, true);
    if (shape.lanes > 1) return list;
    if (shape.dims.size() > 1) add_lanes(shape.dims.back(), true);
    if (shape.per_image == 1) return list;
    for (const int lanes : {2, 4, 8, 16}) add_lanes(lanes, false);
    return list;
}

Candidate with_lanes(const LayerShape& shape, const Order& base, const std::vector<int>& lanes) {
    Candidate candidate;
    const auto order = compose(base, lanes_order(lanes, shape.per_image, shape.words));
    if (!order || *order == base) return {.order = base, .findings = {}};
    candidate.order = *order;
    candidate.findings.push_back({.kind = FindingKind::Lanes,
                                  .text = lanes_text(lanes),
                                  .from = -1,
                                  .amount = static_cast<std::int64_t>(lanes.size())});
    return candidate;
}

std::string place_text(const LayerShape& shape, std::int64_t flat) {
    std::string text = "word " + std::to_string(flat);
    if (shape.axes.empty()) return text;
    const std::vector<std::int64_t> index = index_of(flat, shape.dims);
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
        text += (axis == 0 ? " (" : ", ") + shape.axes[axis] + " " + std::to_string(index[axis]);
    }
    return text + ")";
}

std::optional<Order> compose(const Order& first, const Order& second) {
    if (first.is_same()) return second;
    if (second.is_same()) return first;
    Order both;
    both.block = std::max(first.block, second.block);
    if (both.block % first.block != 0 || both.block % second.block != 0) return {};
    both.words = std::min(first.words, second.words) / both.block * both.block;
    both.dumped_at.resize(static_cast<std::size_t>(both.block));
    both.expected_at.resize(static_cast<std::size_t>(both.block));
    if (both.words == 0) return {};
    for (std::int64_t flat = 0; flat < both.block; ++flat) {
        const std::int64_t place = second.to_dump(first.to_dump(flat));
        both.dumped_at[static_cast<std::size_t>(flat)] = static_cast<std::uint32_t>(place);
        both.expected_at[static_cast<std::size_t>(place)] = static_cast<std::uint32_t>(flat);
    }
    return both;
}

std::vector<std::int64_t> index_of(std::int64_t flat, const Dims& dims) {
    std::vector<std::int64_t> index(dims.size());
    for (std::size_t axis = dims.size(); axis-- > 0;) {
        // The image axis takes what is left: a side may have more images than the dims say.
        index[axis] = axis == 0 ? flat : flat % dims[axis];
        flat = axis == 0 ? 0 : flat / dims[axis];
    }
    return index;
}

}  // namespace bittrue
