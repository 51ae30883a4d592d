#include "changes/unfold.hpp"

#include <algorithm>

#include "changes/site.hpp"

namespace bittrue::diagnose_detail {

namespace {

bool is_inside(const Shape& shape, const std::array<std::int64_t, 2>& at) {
    return at[0] >= 0 && at[0] < shape.height() && at[1] >= 0 && at[1] < shape.width();
}

std::string free_name(const Chain& chain, const std::string& node) {
    std::string name = node + " (windows)";
    const auto taken = [&](const auto& item) { return item.name == name; };
    while (std::any_of(chain.given.begin(), chain.given.end(), taken)) name += '\'';
    return name;
}

// One window element of every image: calls put(image, source word or padding) for all channels.
template <typename Put>
void for_each_word(const TensorWords& in, const std::array<std::int64_t, 2>& at, std::int64_t padding, Put put) {
    const bool inside = is_inside(in.shape, at);
    const std::int64_t count = in.shape.count();
    for (std::int64_t c = 0; c < in.shape.channels(); ++c) {
        const std::int64_t from = inside ? in.shape.index(c, at[0], at[1]) : 0;
        for (std::size_t image = 0; image < in.images; ++image) {
            const auto i = static_cast<std::size_t>(static_cast<std::int64_t>(image) * count + from);
            put(image, c, inside ? in.words[i] : padding);
        }
    }
}

TensorWords like(const TensorWords& in, Shape shape) {
    TensorWords out{.name = {}, .shape = std::move(shape), .type = in.type, .words = {}, .images = in.images};
    out.words.resize(static_cast<std::size_t>(out.shape.count()) * in.images);
    return out;
}

// Channels of the unfolded map are the terms of a group, group by group, in the order in which they are added.
bool unfold_conv(Variant& variant, int index, const TensorWords& in, const Windows& windows) {
    Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
    auto& op = std::get<Conv2d>(node.op);
    const Dims d = op.weights.dims;
    const std::int64_t per_group = d[2], terms = d[0] * d[1] * d[2];
    const bool kernel = op.accumulator.terms == TermOrder::Kernel;
    const auto term = [&](std::int64_t r, std::int64_t s, std::int64_t c) {
        return kernel ? (c * d[0] + r) * d[1] + s : (r * d[1] + s) * per_group + c;
    };
    TensorWords out = like(in, make_map(in.shape.layout, terms * op.groups, node.shape.height(), node.shape.width()));
    const std::int64_t count = out.shape.count();
    for (std::int64_t y = 0; y < node.shape.height(); ++y) {
        for (std::int64_t x = 0; x < node.shape.width(); ++x) {
            for (std::int64_t r = 0; r < d[0]; ++r) {
                for (std::int64_t s = 0; s < d[1]; ++s) {
                    for_each_word(
                        in, windows.address(y, x, r, s), windows.padding.value_or(0),
                        [&](std::size_t image, std::int64_t c, std::int64_t word) {
                            const std::int64_t channel = c / per_group * terms + term(r, s, c % per_group);
                            const std::int64_t to = out.shape.index(channel, y, x);
                            out.words[static_cast<std::size_t>(static_cast<std::int64_t>(image) * count + to)] = word;
                        });
                }
            }
        }
    }
    if (kernel) {
        Parameter old = op.weights;
        const auto move = [&](const auto& from, auto& to) {
            for (std::int64_t r = 0; r < d[0] && !from.empty(); ++r)
                for (std::int64_t s = 0; s < d[1]; ++s)
                    for (std::int64_t c = 0; c < per_group; ++c)
                        std::copy_n(from.begin() + ((r * d[1] + s) * per_group + c) * d[3], d[3],
                                    to.begin() + term(r, s, c) * d[3]);
        };
        move(old.real, op.weights.real);
        move(old.raw, op.weights.raw);
    }
    op.weights.dims = {1, 1, terms, d[3]};
    op.stride = op.dilation = {1, 1};
    op.padding = {};
    give(variant, index, std::move(out));
    return true;
}

struct PoolWindow {
    std::array<int, 2>* pool;
    std::array<int, 2>* stride;
    Padding* padding;
};

// The elements of a window side by side in a row.
bool unfold_pool(Variant& variant, int index, const TensorWords& in, const Windows& windows) {
    Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
    auto* largest = std::get_if<MaxPool>(&node.op);
    auto* average = std::get_if<AveragePool>(&node.op);
    const PoolWindow w = largest != nullptr ? PoolWindow{&largest->pool, &largest->stride, &largest->padding}
                                            : PoolWindow{&average->pool, &average->stride, &average->padding};
    // A window of an average that is not whole would have another divisor.
    if (average != nullptr && *w.padding != Padding{} && !average->count_padding && !windows.padding) return false;
    std::array<std::int64_t, 2> size{(*w.pool)[0], (*w.pool)[1]};
    for (std::size_t k = 0; k < 2; ++k) {
        if (windows.size[k] > 0) size[k] = windows.size[k];
    }
    const std::int64_t elements = size[0] * size[1];
    std::optional<std::int64_t> padding = windows.padding;
    if (!padding && average != nullptr) padding = 0;
    if (!padding && largest->pad_rule == PoolPadding::Msb)
        padding = word_from_pattern(std::uint64_t{1} << (in.type.format.width - 1), in.type.format);
    TensorWords out =
        like(in, make_map(in.shape.layout, in.shape.channels(), node.shape.height(), node.shape.width() * elements));
    const std::int64_t count = out.shape.count();
    for (std::int64_t y = 0; y < node.shape.height(); ++y) {
        for (std::int64_t x = 0; x < node.shape.width(); ++x) {
            std::vector<std::array<std::int64_t, 2>> places;
            for (std::int64_t e = 0; e < elements; ++e)
                places.push_back(windows.address(y, x, e / size[1], e % size[1]));
            if (!padding) {
                // Padding that does not take part: one of the others twice.
                const auto valid =
                    std::find_if(places.begin(), places.end(), [&](const auto& at) { return is_inside(in.shape, at); });
                if (valid == places.end()) return false;
                const auto other = *valid;
                for (auto& at : places) at = is_inside(in.shape, at) ? at : other;
            }
            for (std::int64_t e = 0; e < elements; ++e) {
                for_each_word(in, places[static_cast<std::size_t>(e)], padding.value_or(0),
                              [&](std::size_t image, std::int64_t c, std::int64_t word) {
                                  const std::int64_t to = out.shape.index(c, y, x * elements + e);
                                  out.words[static_cast<std::size_t>(static_cast<std::int64_t>(image) * count + to)] =
                                      word;
                              });
            }
        }
    }
    *w.pool = *w.stride = {1, static_cast<int>(elements)};
    *w.padding = {};
    give(variant, index, std::move(out));
    return true;
}

}  // namespace

TensorWords words_in(const Variant& variant, const std::string& tensor, const Datapath& datapath) {
    for (const TensorWords& given : variant.chain.given) {
        if (given.name == tensor) return given;
    }
    Chain front{.given = variant.chain.given, .nodes = {}};
    for (const Node& node : variant.chain.nodes) {
        front.nodes.push_back(node);
        if (node.name == tensor) break;
    }
    Variant part{.chain = std::move(front)};
    drop_unread(part);
    return datapath.run(part.chain).back();
}

void give(Variant& variant, int index, TensorWords words) {
    Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
    words.name = free_name(variant.chain, node.name);
    words.type = {.format = words.type.format};
    node.inputs = {words.name};
    variant.chain.given.push_back(std::move(words));
}

void drop_unread(Variant& variant) {
    auto& nodes = variant.chain.nodes;
    for (int k = static_cast<int>(nodes.size()) - 2; k >= 0; --k) {
        const std::string& name = nodes[static_cast<std::size_t>(k)].name;
        const bool read = std::any_of(nodes.begin() + k + 1, nodes.end(), [&](const Node& node) {
            return std::find(node.inputs.begin(), node.inputs.end(), name) != node.inputs.end();
        });
        if (read || k == variant.fault_node || k == variant.instead_node) continue;
        nodes.erase(nodes.begin() + k);
        if (variant.fault_node > k) --variant.fault_node;
        if (variant.instead_node > k) --variant.instead_node;
    }
}

bool unfold(Variant& variant, int index, const Datapath& datapath, const Windows& windows) {
    const Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
    const TensorWords in = words_in(variant, node.inputs[0], datapath);
    const bool done = std::holds_alternative<Conv2d>(node.op) ? unfold_conv(variant, index, in, windows)
                                                              : unfold_pool(variant, index, in, windows);
    if (done) drop_unread(variant);
    return done;
}

}  // namespace bittrue::diagnose_detail
