#include "maker.hpp"

#include <algorithm>
#include <cmath>

namespace bittrue::corner {

Maker::Maker(const Graph& graph, const EngineFactory& make_engine, const StimulusOptions& options)
    : options_(options), probe_(graph, make_engine), random_(options.seed) {
    batch_.dims = graph.input.shape.dims;
    list_things();
    for (std::size_t i = 0; i < things_.size(); ++i) {
        if (things_[i].tally->reachable) open_.push_back(i);
        if (things_[i].mark != nullptr && things_[i].mark->channel >= 0) sums_.push_back(i);
    }
}

void Maker::list_things() {
    const auto add_site = [this](int node, const Site& site) {
        if (!site.used) return;
        for (std::size_t g = 0; g < kGoals; ++g) {
            if (site.any_frac && g == static_cast<std::size_t>(Goal::DroppedOnes)) continue;
            things_.push_back({.node = node, .tally = &site.tallies[g], .site = &site, .goal = g});
        }
    };
    add_site(-1, probe_.input().site);
    for (std::size_t k = 0; k < probe_.layers(); ++k) {
        const auto node = static_cast<int>(k);
        const Probe& layer = probe_.layer(k);
        for (const Site& site : layer.sites) add_site(node, site);
        for (const Mark& mark : layer.marks) things_.push_back({.node = node, .tally = &mark.tally, .mark = &mark});
        for (const Bins& table : layer.tables) {
            for (std::size_t b = 0; b < table.bins.size(); ++b) {
                const Bin& bin = table.bins[b];
                if (!bin.tally.reachable) continue;
                things_.push_back({.node = node, .tally = &bin.tally, .table = &table, .bin = b});
                if (!bin.lowest.reachable) continue;
                things_.push_back(
                    {.node = node, .tally = &bin.lowest, .table = &table, .bin = b, .edge = ", lowest word"});
                things_.push_back(
                    {.node = node, .tally = &bin.highest, .table = &table, .bin = b, .edge = ", highest word"});
            }
        }
    }
}

std::string Maker::layer_of(const Thing& t) const {
    const Graph& graph = probe_.graph();
    return t.node < 0 ? graph.input.name : graph.nodes[static_cast<std::size_t>(t.node)].name;
}

std::string Maker::place_of(const Thing& t) {
    return t.site != nullptr ? t.site->place : t.mark != nullptr ? t.mark->place : t.table->place;
}

std::string Maker::goal_of(const Thing& t) {
    if (t.site != nullptr) return name_of(static_cast<Goal>(t.goal));
    if (t.mark != nullptr) return t.mark->goal;
    return "bin " + std::to_string(t.bin) + t.edge;
}

std::string Maker::why_not(const Thing& t) const {
    if (!t.tally->reachable) {
        return t.mark != nullptr ? t.mark->why
                                 : why_unreachable(static_cast<Goal>(t.goal), t.site->conversion, t.site->values);
    }
    std::string why = full() ? "the limit of " + std::to_string(options_.max_images) + " images was reached first"
                             : "not found among " + std::to_string(tried()) + " constructed and searched images";
    if (t.mark != nullptr && t.mark->reach_per_mille >= 0)
        why += "; the nearest came to " + std::to_string(t.mark->reach_per_mille) + " per mille of the bound";
    return why;
}

bool Maker::missing(std::size_t node) const {
    return std::any_of(open_.begin(), open_.end(),
                       [&](std::size_t i) { return things_[i].node == static_cast<int>(node); });
}

Maker::Values Maker::values_of(const std::vector<i128>& input_raws) const {
    const int frac = probe_.graph().input.type.format.frac();
    Values values;
    for (const i128 raw : input_raws) values.push_back(std::ldexp(static_cast<double>(raw), -frac));
    return values;
}

void Maker::offer(std::vector<Values> images, const std::function<void(std::size_t)>& seen) {
    if (images.empty()) return;
    for (Values& image : images)
        for (double& value : image) value = probe_.input().within(value);
    InputBatch batch{.images = images.size(), .dims = batch_.dims};
    for (const Values& image : images) batch.values.insert(batch.values.end(), image.begin(), image.end());
    const std::int64_t first = probe_.images();
    probe_.run(batch, options_.cancel, [&](std::int64_t image) {
        const auto index = static_cast<std::size_t>(image - first);
        keep_if_new(image, images[index]);
        remember_sums(image, images[index]);
        if (seen) seen(index);
    });
}

void Maker::keep_if_new(std::int64_t image, const Values& values) {
    constexpr std::size_t kNamed = 6;
    kept_as_.push_back(-1);
    if (full()) return;
    std::string made_for;
    std::size_t reached = 0;
    std::erase_if(open_, [&](std::size_t i) {
        const Thing& t = things_[i];
        if (t.tally->hits == 0) return false;
        if (++reached <= kNamed)
            made_for += (reached > 1 ? "; " : "") + layer_of(t) + " " + place_of(t) + ": " + goal_of(t);
        return true;
    });
    if (reached == 0) return;
    if (reached > kNamed) made_for += "; and " + std::to_string(reached - kNamed) + " more";
    kept_as_[static_cast<std::size_t>(image)] = keep(values, std::move(made_for));
}

std::int64_t Maker::keep(const Values& values, std::string made_for) {
    batch_.values.insert(batch_.values.end(), values.begin(), values.end());
    made_for_.push_back(std::move(made_for));
    return static_cast<std::int64_t>(batch_.images++);
}

void Maker::remember_sums(std::int64_t image, const Values& values) {
    for (const std::size_t i : sums_) {
        const Mark& mark = *things_[i].mark;
        if (mark.nearest_image == image && mark.tally.hits == 0) nearest_[i] = values;
    }
}

// The worst sums of inner layers that were found, though they are not at their bounds.
void Maker::keep_sums() {
    for (const auto& [i, values] : nearest_) {
        const Thing& t = things_[i];
        std::int64_t& kept = kept_as_[static_cast<std::size_t>(t.mark->nearest_image)];
        const std::string what = layer_of(t) + " " + place_of(t) + ": " + goal_of(t) + " as near as found, " +
                                 std::to_string(t.mark->reach_per_mille) + " per mille of its bound";
        if (t.mark->tally.hits > 0 || full()) continue;
        if (kept >= 0) {
            made_for_[static_cast<std::size_t>(kept)] += "; " + what;
        } else {
            kept = keep(values, what);
        }
    }
}

Stimulus Maker::finish() && {
    keep_sums();
    Stimulus s{.batch = std::move(batch_), .made_for = std::move(made_for_)};
    for (const Thing& t : things_) {
        StimulusGoal goal{.layer = layer_of(t),
                          .place = place_of(t),
                          .goal = goal_of(t),
                          .channel = t.mark != nullptr ? t.mark->channel : -1};
        if (t.tally->hits > 0) goal.image = kept_as_[static_cast<std::size_t>(t.tally->first_image)];
        goal.reached = goal.image >= 0;
        goal.possible = t.tally->reachable;
        goal.kind = t.table != nullptr ? CoverageKind::Bin : goal.channel >= 0 ? CoverageKind::Sum : CoverageKind::Goal;
        if (!goal.reached) goal.why_not = why_not(t);
        if (!goal.reached && nearest_.contains(static_cast<std::size_t>(&t - things_.data())))
            goal.image = kept_as_[static_cast<std::size_t>(t.mark->nearest_image)];
        s.goals.push_back(std::move(goal));
    }
    return s;
}

}  // namespace bittrue::corner
