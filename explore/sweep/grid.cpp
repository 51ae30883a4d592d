// Axes to configurations.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bittrue/explore/sweep.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::explore {

namespace {

const char* when_of(QuantizeAt quantize) {
    switch (quantize) {
        case QuantizeAt::Step: return "step";
        case QuantizeAt::Fold: return "fold";
        case QuantizeAt::End: return "end";
    }
    return "";
}

QuantizeAt usual(Schedule schedule) {
    switch (schedule) {
        case Schedule::Sequential:
        case Schedule::Interleave:
        case Schedule::Partial:
        case Schedule::Tree: return QuantizeAt::Step;
        case Schedule::Fold:
        case Schedule::Cascade: return QuantizeAt::Fold;
    }
    return QuantizeAt::Step;
}

AccumulatorSpec apply(const AccumulatorSpec& spec, const Configuration& c, Keep keep) {
    const bool product_follows = c.product ? *c.product == ProductChoice::Accumulator : spec.product == spec.type;
    AccumulatorSpec changed = with_width(spec, c.width, keep);
    if (c.overflow) {
        changed.type.overflow = *c.overflow;
        changed.type.saturated_bits = 0;
    }
    if (c.rounding) changed.type.rounding = *c.rounding;
    if (c.order) {
        changed.schedule = c.order->schedule;
        changed.group = c.order->group;
        changed.quantize = c.order->quantize;
    }
    if (c.product == ProductChoice::Exact) changed.product.reset();
    if (product_follows) changed.product = changed.type;
    if (spec.bias_cast == spec.type) changed.bias_cast = changed.type;
    return changed;
}

// One entry "not given" stands for an empty axis.
template <class T>
std::vector<std::optional<T>> entries(const std::vector<T>& axis) {
    if (axis.empty()) return {std::nullopt};
    return {axis.begin(), axis.end()};
}

std::string id_of(const Configuration& c) {
    std::string id = fmt::format("w{}", c.width);
    if (c.overflow) id += fmt::format("/{}", print_overflow(*c.overflow));
    if (c.rounding) id += fmt::format("/{}", print_rounding(*c.rounding));
    if (c.order) id += fmt::format("/{}", print_order(*c.order));
    if (c.product) id += *c.product == ProductChoice::Exact ? "/exact" : "/accumulator";
    if (!c.layer.empty()) id += fmt::format("@{}", c.layer);
    return id;
}

class GridMaker {
public:
    GridMaker(const Graph& graph, const SweepAxes& axes)
        : graph_(graph), axes_(axes), nodes_(accumulating_nodes(graph)), own_(specs_of(graph)) {}

    std::vector<Configuration> make() {
        check();
        for (const auto& layer : entries(axes_.layers))
            for (const auto& product : entries(axes_.products))
                for (const auto& order : entries(axes_.orders))
                    for (const auto& rounding : entries(axes_.roundings))
                        for (const auto& overflow : entries(axes_.overflows))
                            for (const int width : axes_.widths)
                                add({.id = {},
                                     .layer = layer.value_or(""),
                                     .width = width,
                                     .overflow = overflow,
                                     .rounding = rounding,
                                     .order = order,
                                     .product = product,
                                     .specs = {}});
        return std::move(grid_);
    }

private:
    void check() const {
        if (nodes_.empty()) throw InputError("the network has no dense or conv2d layer, so no accumulator to sweep");
        if (axes_.widths.empty()) throw InputError("--accumulator-width", "no width is given; write for example 8:32");
        for (const int width : axes_.widths) {
            if (width < 1 || width > kMaxStoredWidth) {
                throw InputError(
                    "--accumulator-width",
                    fmt::format("{} is out of range; an accumulator has 1 to {} bits", width, kMaxStoredWidth));
            }
        }
        for (const std::string& layer : axes_.layers) number_of(layer);
    }

    std::size_t number_of(const std::string& layer) const {
        std::string names;
        for (std::size_t k = 0; k < nodes_.size(); ++k) {
            const std::string& name = graph_.nodes[nodes_[k]].name;
            if (name == layer) return k;
            names += (k > 0 ? ", '" : "'") + name + "'";
        }
        throw InputError("--layer", fmt::format("'{}' is no layer with an accumulator; those are {}", layer, names));
    }

    void add(Configuration c) {
        c.id = id_of(c);
        if (!ids_.insert(c.id).second) {
            throw InputError("the sweep", fmt::format("'{}' occurs twice; give every entry of an axis once", c.id));
        }
        c.specs = own_;
        for (std::size_t k = 0; k < own_.size(); ++k) {
            if (!c.layer.empty() && k != number_of(c.layer)) continue;
            c.specs[k] = apply(own_[k], c, axes_.keep);
            require_valid(c, k);
        }
        grid_.push_back(std::move(c));
    }

    void require_valid(const Configuration& c, std::size_t k) const {
        const AccumulatorSpec& spec = c.specs[k];
        std::string reason{reason_invalid(spec.type)};
        if (reason.empty()) reason = reason_invalid(spec);
        if (reason.empty() && !is_storable(spec.type.format)) {
            reason = fmt::format("{} integer bits are too many", spec.type.format.integer);
        }
        if (reason.empty()) return;
        throw InputError(fmt::format("configuration '{}', layer '{}'", c.id, graph_.nodes[nodes_[k]].name), reason);
    }

    const Graph& graph_;
    const SweepAxes& axes_;
    std::vector<std::size_t> nodes_;
    std::vector<AccumulatorSpec> own_;
    std::vector<Configuration> grid_{};
    std::set<std::string> ids_{};
};

}  // namespace

OrderChoice parse_order(const std::string& text) {
    std::string schedule = text;
    std::optional<QuantizeAt> quantize;
    for (const QuantizeAt q : {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End}) {
        const std::string ending = std::string(":") + when_of(q);
        if (!schedule.ends_with(ending)) continue;
        schedule.resize(schedule.size() - ending.size());
        quantize = q;
        break;
    }
    AccumulatorSpec spec;
    parse_schedule(schedule, spec);
    spec.quantize = quantize.value_or(usual(spec.schedule));
    if (const std::string reason = reason_invalid(spec); !reason.empty()) throw InputError(reason);
    return {spec.schedule, spec.group, spec.quantize};
}

std::string print_order(const OrderChoice& order) {
    AccumulatorSpec spec;
    spec.schedule = order.schedule;
    spec.group = order.group;
    std::string text = print_schedule(spec);
    if (order.quantize != usual(order.schedule)) text += std::string(":") + when_of(order.quantize);
    return text;
}

std::vector<Configuration> make_grid(const Graph& graph, const SweepAxes& axes) {
    return GridMaker(graph, axes).make();
}

}  // namespace bittrue::explore
