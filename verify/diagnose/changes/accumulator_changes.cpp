// How terms meet the accumulator: product cast, schedule, when it is quantised, the order of a window.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "changes/fit.hpp"
#include "changes/type_places.hpp"

namespace bittrue::diagnose_detail {

namespace {

std::string print_quantize(QuantizeAt q) {
    switch (q) {
        case QuantizeAt::Step: return "step";
        case QuantizeAt::Fold: return "fold";
        case QuantizeAt::End: return "end";
    }
    return {};
}

std::string when(QuantizeAt q) {
    switch (q) {
        case QuantizeAt::Step: return "after every addition";
        case QuantizeAt::Fold: return "after every group";
        case QuantizeAt::End: return "once at the end";
    }
    return {};
}

// Schedules that add in the same way are one (rules A6, A7, A10): what tells them apart.
struct Way {
    Schedule schedule = Schedule::Sequential;
    int group = 1;
    QuantizeAt quantize = QuantizeAt::Step;
    friend auto operator<=>(const Way&, const Way&) = default;
};

Way way_of(const AccumulatorSpec& spec, std::int64_t terms) {
    if (spec.quantize == QuantizeAt::End) return {.quantize = QuantizeAt::End};
    Way way{spec.schedule, spec.group, spec.quantize};
    switch (spec.schedule) {
        case Schedule::Sequential:
        case Schedule::Tree: way.group = 1; break;
        case Schedule::Cascade: way.schedule = Schedule::Fold; [[fallthrough]];
        case Schedule::Fold:
            if (spec.quantize == QuantizeAt::Step || spec.group == 1) return {};
            way.group = static_cast<int>(std::min<std::int64_t>(terms, way.group));
            break;
        case Schedule::Interleave:
            if (spec.group >= terms || (spec.group == 1 && spec.quantize == QuantizeAt::Step)) return {};
            if (spec.group == 1) return {Schedule::Fold, static_cast<int>(terms), QuantizeAt::Fold};
            break;
        case Schedule::Partial: way.group = static_cast<int>(std::min<std::int64_t>(terms, way.group)); break;
    }
    return way;
}

// With WRAP and no bit dropped every order gives the same word.
bool order_matters(const AccumulatorSpec& spec, int product_frac, int bias_frac) {
    const int frac = std::max(spec.product ? spec.product->format.frac() : product_frac, bias_frac);
    return spec.type.overflow != Overflow::Wrap || spec.type.saturated_bits > 0 || frac > spec.type.format.frac();
}

// What engineers choose: powers of two, divisors of the number of terms, lengths that are multiples of a row or of all
// channels.
std::vector<int> usual_groups(const Node& node) {
    const std::int64_t n = terms_of(node);
    std::vector<int> groups;
    const auto add = [&](std::int64_t g) {
        if (g > 1 && g <= n && std::find(groups.begin(), groups.end(), g) == groups.end())
            groups.push_back(static_cast<int>(g));
    };
    for (const int g : {2, 4, 8, 16, 3, 9, 32, 5, 6, 64, 10, 12, 7, 18, 25, 27, 128, 256}) add(g);
    if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
        const Dims& d = conv->weights.dims;
        for (const std::int64_t g : {d[2], d[1], d[0], d[1] * d[2], d[0] * d[1]}) add(g);
    }
    constexpr std::size_t kMost = 24;
    for (std::int64_t d = 2; d <= 64 && groups.size() < kMost; ++d) {
        if (n % d != 0) continue;
        add(d);
        add(n / d);
    }
    return groups;
}

class Accumulators {
public:
    explicit Accumulators(const Site& site)
        : site_(site), spec_(*accumulator_of(site.node())), evidence_(site.maker().evidence) {}

    void propose() const {
        propose_products();
        const Parameter& weights = *weights_of(site_.node());
        const std::optional<Parameter>& bias = *bias_of(site_.node());
        const int product_frac = weights.type.format.frac() + site_.inputs()[0].type.format.frac();
        const int bias_frac = !bias ? product_frac : (spec_.bias_cast ? *spec_.bias_cast : bias->type).format.frac();
        if (!order_matters(spec_, product_frac, bias_frac)) return;
        propose_ways();
        propose_terms();
    }

private:
    void edit(Proposal proposal, std::function<void(AccumulatorSpec&)> change) const {
        site_.propose(std::move(proposal), [change = std::move(change)](Node& node) {
            AccumulatorSpec* spec = accumulator_of(node);
            if (spec == nullptr) return false;
            change(*spec);
            return reason_invalid(*spec).empty();
        });
    }

    // --- products

    [[nodiscard]] std::string print_product(const std::optional<FixedType>& product) const {
        return product ? print_type(*product) : "exact";
    }

    void propose_products() const {
        std::vector<std::optional<FixedType>> seen{spec_.product};
        const double fit = std::max(fits_rounding(evidence_), 0.4);
        const auto product = [&](const std::optional<FixedType>& found, double bits) {
            if (std::find(seen.begin(), seen.end(), found) != seen.end()) return;
            if (found && !reason_invalid(*found).empty()) return;
            // Other modes of the same cast are changes of the cast.
            if (found && spec_.product && found->format == spec_.product->format) return;
            seen.push_back(found);
            const std::string text =
                !found ? fmt::format("the products of '{}' are exact where the network casts them to {}", site_.name(),
                                     print_product(spec_.product))
                : !spec_.product ? fmt::format("the products of '{}' are cast to {} where the network has them exact",
                                               site_.name(), print_type(*found))
                                 : fmt::format("the products of '{}' are cast to {} where the network casts them to {}",
                                               site_.name(), print_type(*found), print_type(*spec_.product));
            edit({.cause = Cause::ProductCast,
                  .setting = "product",
                  .expected = print_product(spec_.product),
                  .found = print_product(found),
                  .text = text,
                  .bits = bits,
                  .fit = fit,
                  .slot = "product"},
                 [found](AccumulatorSpec& spec) { spec.product = found; });
        };
        product(std::nullopt, 3);
        product(spec_.type, 3);
        const auto with = [](FixedType type, Rounding rounding, Overflow overflow) {
            type.rounding = rounding;
            type.overflow = overflow;
            type.saturated_bits = 0;
            return type;
        };
        product(with(spec_.type, Rounding::Trn, Overflow::Wrap), 4);
        product(with(spec_.type, Rounding::Trn, spec_.type.overflow), 6);
        product(with(spec_.type, spec_.type.rounding, Overflow::Wrap), 6);
        product(with(spec_.type, Rounding::Rnd, Overflow::Sat), 6);
        product(site_.node().result, 5);
        product(with(site_.node().result, Rounding::Trn, Overflow::Wrap), 6);
        for (const FixedType& from : {site_.inputs()[0].type, weights_of(site_.node())->type}) {
            product(with(from, Rounding::Trn, Overflow::Wrap), 8);
            product(with(from, Rounding::Rnd, Overflow::Sat), 8);
        }
        // As wide as the accumulator above the point, but with the fraction bits of one operand, and back again.
        for (const int frac : {site_.inputs()[0].type.format.frac(), weights_of(site_.node())->type.format.frac()}) {
            FixedType type = with(spec_.type, Rounding::Trn, Overflow::Wrap);
            type.format.width = type.format.integer + frac;
            product(type, 8);
        }
    }

    // --- schedule and quantize

    void propose_ways() const {
        const std::int64_t n = terms_of(site_.node());
        std::set<Way> seen{way_of(spec_, n)};
        const double fit = std::max(0.3, fits_overflow(evidence_));
        const auto way = [&](Schedule schedule, int group, QuantizeAt quantize, double bits) {
            AccumulatorSpec found = spec_;
            found.schedule = schedule;
            found.group = group;
            found.quantize = quantize;
            if (!reason_invalid(found).empty() || !seen.insert(way_of(found, n)).second) return;
            add_way(found, bits, fit);
        };
        // What differs in one setting only comes first, so that it stands for those that are the same.
        for (const QuantizeAt q : {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End})
            way(spec_.schedule, spec_.group, q, 3);
        way(Schedule::Sequential, 1, QuantizeAt::Step, 3);
        way(Schedule::Sequential, 1, QuantizeAt::End, 3);
        way(Schedule::Tree, 1, QuantizeAt::Step, 4);
        double bits = 6;
        for (const int g : usual_groups(site_.node())) {
            // The schedule's own number may be wrong; the others come with their usual moment.
            const double own = std::max(3.0, bits - 1);
            const auto of = [&](Schedule s) { return s == spec_.schedule ? own : bits; };
            way(Schedule::Interleave, g, QuantizeAt::Step, of(Schedule::Interleave));
            way(Schedule::Fold, g, QuantizeAt::Fold, of(Schedule::Fold));
            way(Schedule::Partial, g, QuantizeAt::Step, of(Schedule::Partial));
            if (bits < 7.5) {
                way(Schedule::Partial, g, QuantizeAt::Fold, of(Schedule::Partial) + 1.5);
                way(Schedule::Interleave, g, QuantizeAt::Fold, of(Schedule::Interleave) + 1.5);
            }
            bits = std::min(9.0, bits + 0.15);
        }
    }

    void add_way(const AccumulatorSpec& found, double bits, double fit) const {
        const bool schedule = found.schedule != spec_.schedule || found.group != spec_.group;
        const bool quantize = found.quantize != spec_.quantize;
        const auto print = [&](const AccumulatorSpec& s) {
            if (!quantize) return print_schedule(s);
            if (!schedule) return print_quantize(s.quantize);
            return fmt::format("{}, {}", print_schedule(s), print_quantize(s.quantize));
        };
        std::string text;
        if (!schedule) {
            text = fmt::format("the accumulator of '{}' is quantised {} where the network quantises it {}",
                               site_.name(), when(found.quantize), when(spec_.quantize));
        } else {
            text = fmt::format("the terms of '{}' are added as {}{} where the network has {}", site_.name(),
                               print_schedule(found),
                               quantize ? fmt::format(", quantised {},", when(found.quantize)) : "", print(spec_));
            if (found.schedule == Schedule::Fold && found.quantize == QuantizeAt::Fold)
                text += fmt::format(" (cascade:{} is the same)", found.group);
        }
        edit({.cause = schedule ? Cause::Schedule : Cause::QuantizeAt,
              .setting = schedule ? "schedule" : "quantize",
              .expected = print(spec_),
              .found = print(found),
              .text = text,
              .bits = bits,
              .fit = fit,
              .slot = schedule ? "schedule" : "quantize"},
             [found, schedule, quantize](AccumulatorSpec& spec) {
                 if (schedule) {
                     spec.schedule = found.schedule;
                     spec.group = found.group;
                 }
                 if (quantize) spec.quantize = found.quantize;
             });
    }

    // --- order of the window

    void propose_terms() const {
        const auto* conv = std::get_if<Conv2d>(&site_.node().op);
        if (conv == nullptr || spec_.quantize == QuantizeAt::End) return;
        const Dims& d = conv->weights.dims;
        if (d[2] == 1 || d[0] * d[1] == 1) return;
        const bool kernel = spec_.terms == TermOrder::Input;
        const auto print = [](bool is_kernel) { return is_kernel ? "kernel" : "input"; };
        edit({.cause = Cause::TermOrder,
              .setting = "terms",
              .expected = print(!kernel),
              .found = print(kernel),
              .text = fmt::format(
                  "the terms of '{}' come in {} order ({}) where the network has {} order", site_.name(), print(kernel),
                  kernel ? "channel, row, column" : "row, column, channel, the channel fastest", print(!kernel)),
              .bits = 3,
              .fit = std::max(0.3, fits_overflow(evidence_)),
              .slot = "terms"},
             [kernel](AccumulatorSpec& spec) { spec.terms = kernel ? TermOrder::Kernel : TermOrder::Input; });
    }

    const Site& site_;
    const AccumulatorSpec& spec_;
    const Evidence& evidence_;
};

}  // namespace

void add_accumulator_changes(const Maker& maker) {
    for_each_site(maker, [](const Site& site) {
        if (accumulator_of(site.node()) != nullptr) Accumulators(site).propose();
    });
}

}  // namespace bittrue::diagnose_detail
