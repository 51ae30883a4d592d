// Activations: missing, of another kind, on the other side of a cast or of a pool, with other bounds, slopes,
// thresholds.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "changes/fit.hpp"
#include "changes/stored_words.hpp"
#include "changes/threshold_changes.hpp"
#include "changes/type_places.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

template <typename Op>
bool is(const Node& node) {
    return std::holds_alternative<Op>(node.op);
}

bool is_activation(const Node& node) {
    return is<Relu>(node) || is<ClippedRelu>(node) || is<LeakyRelu>(node) || is<Clip>(node);
}

std::string name_of(const Operation& op) {
    std::string name = op_name(op);
    if (const auto* clipped = std::get_if<ClippedRelu>(&op)) name += fmt::format(" (max {})", clipped->max);
    if (const auto* clip = std::get_if<Clip>(&op)) name += fmt::format(" ({} to {})", clip->min, clip->max);
    return name;
}

LeakyRelu leaky(double alpha) {
    return {.alpha = {.dims = {1},
                      .real = {alpha},
                      .type = {.format = {16, 1, true}, .rounding = Rounding::Rnd, .overflow = Overflow::Sat}}};
}

class Activations {
public:
    explicit Activations(const Site& site) : site_(site), fit_(std::max(0.3, fits_zero(site.maker().evidence))) {}

    void propose() const {
        propose_kinds();
        propose_cast_order();
        if (const auto* op = std::get_if<ClippedRelu>(&site_.node().op)) propose_max(*op);
        if (const auto* op = std::get_if<Clip>(&site_.node().op)) propose_bounds(*op);
        if (is<LeakyRelu>(site_.node())) propose_slope();
    }

private:
    void become(Cause cause, Operation op, const std::string& clause, double bits) const {
        if (op_name(op) == op_name(site_.node().op) && cause != Cause::ActivationShape) return;
        site_.propose({.cause = cause,
                       .setting = "op",
                       .expected = name_of(site_.node().op),
                       .found = cause == Cause::ActivationMissing ? "none" : name_of(op),
                       .text = fmt::format("'{}' {}", site_.name(), clause),
                       .bits = bits,
                       .fit = fit_,
                       .slot = "op"},
                      [op = std::move(op), old = site_.node().op.index()](Node& node) {
                          if (node.op.index() != old) return false;
                          node.op = op;
                          return true;
                      });
    }

    // A design without the activation has no reason to drop the sign.
    void propose_missing_with_sign() const {
        const Node& node = site_.node();
        if (node.result.format.is_signed || site_.inputs().empty() || !site_.inputs().front().type.format.is_signed)
            return;
        FixedType with_sign = node.result;
        with_sign.format.is_signed = true;
        FixedType as_read = node.result;
        as_read.format = site_.inputs().front().type.format;
        std::vector<FixedType> types{with_sign};
        if (as_read != with_sign) types.push_back(as_read);
        for (const FixedType& found : types) {
            if (!reason_invalid(found).empty()) continue;
            site_.propose({.cause = Cause::ActivationMissing,
                           .setting = "op",
                           .expected = name_of(node.op),
                           .found = "none",
                           .text = fmt::format("'{}' does nothing but its cast, into {}: {} is missing", site_.name(),
                                               print_type(found), op_name(node.op)),
                           .bits = 4.5,
                           .fit = fit_,
                           .slot = "op"},
                          [found, old = node.op.index()](Node& n) {
                              if (n.op.index() != old) return false;
                              n.op = Quantize{};
                              n.result = found;
                              return true;
                          });
        }
    }

    void propose_kinds() const {
        propose_missing_with_sign();
        become(Cause::ActivationMissing, Quantize{},
               fmt::format("does nothing but its cast: {} is missing", op_name(site_.node().op)), 3);
        const auto other = [&](const Operation& op, double bits) {
            become(Cause::ActivationShape, op,
                   fmt::format("computes {} where the network has {}", name_of(op), name_of(site_.node().op)), bits);
        };
        if (!is<Relu>(site_.node())) other(Relu{}, 4);
        if (!is<ClippedRelu>(site_.node())) {
            other(ClippedRelu{.max = 6}, 6);
            other(ClippedRelu{.max = 1}, 7);
        }
        if (!is<LeakyRelu>(site_.node())) {
            for (const double alpha : {0.1, 0.01, 0.125, 0.3, 0.2, 0.25, 0.0625, 0.5}) {
                become(Cause::ActivationShape, leaky(alpha),
                       fmt::format("computes leaky_relu with a slope of {} where the network has {}", alpha,
                                   name_of(site_.node().op)),
                       7);
            }
        }
        if (!is<Clip>(site_.node())) other(Clip{.min = -1, .max = 1}, 8);
    }

    // The cast first, then the activation on its words, in its own type or with a sign.
    void propose_cast_order() const {
        for (const bool wider : {false, true}) {
            if (wider && site_.node().result.format.is_signed) continue;
            Proposal proposal{
                .cause = Cause::ActivationOrder,
                .setting = "result",
                .expected = "activation, then cast",
                .found = wider ? "cast with a sign bit, then activation" : "cast, then activation",
                .text = fmt::format("'{}' casts {}before its {} where the network casts behind it", site_.name(),
                                    wider ? "to a signed word " : "", op_name(site_.node().op)),
                .bits = wider ? 5.0 : 4.0,
                .fit = fit_,
                .slot = "order"};
            site_.propose_chain(std::move(proposal), [wider](Variant& variant, int index) {
                Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
                FixedType cast = node.result;
                if (wider) {
                    cast.format.is_signed = true;
                    ++cast.format.width;
                    ++cast.format.integer;
                }
                if (!reason_invalid(cast).empty()) return false;
                insert_before(variant, index, {.op = Quantize{}, .result = cast});
                return true;
            });
        }
    }

    void propose_max(const ClippedRelu& op) const {
        const double lsb = std::ldexp(1.0, -site_.node().result.format.frac());
        const auto max = [&](double found, double bits) {
            if (found == op.max || !std::isfinite(found) || found < 0) return;
            become(Cause::ActivationShape, ClippedRelu{.max = found},
                   fmt::format("is clipped at {} where the network clips at {}", found, op.max), bits);
        };
        max(op.max - lsb, 4);
        max(op.max + lsb, 5);
        max(op.max * 2, 5);
        max(op.max / 2, 5);
        max(6, 5);
        max(1, 6);
        max(std::exp2(std::ceil(std::log2(std::max(op.max, 1e-9)))), 5);
        max(std::exp2(std::ceil(std::log2(std::max(op.max, 1e-9)))) - lsb, 6);
    }

    void propose_bounds(const Clip& op) const {
        constexpr double kFar = 0x1p40;
        const double lsb = std::ldexp(1.0, -site_.node().result.format.frac());
        const auto bounds = [&](double min, double max, const std::string& clause, double bits) {
            if ((min == op.min && max == op.max) || min > max) return;
            become(Cause::ActivationShape, Clip{.min = min, .max = max}, clause, bits);
        };
        const std::string where = fmt::format(" where the network clips to {} and {}", op.min, op.max);
        bounds(-kFar, op.max, "has no lower bound" + where, 4);
        bounds(op.min, kFar, "has no upper bound" + where, 4);
        bounds(0, op.max, "clips below at 0" + where, 5);
        for (const double k : {2.0, 0.5})
            bounds(op.min * k, op.max * k, fmt::format("clips to {} and {}", op.min * k, op.max * k) + where, 5);
        bounds(op.min, op.max - lsb, "clips one lsb lower above" + where, 5);
        bounds(op.min + lsb, op.max, "clips one lsb higher below" + where, 5);
        bounds(op.min - lsb, op.max, "clips one lsb lower below" + where, 6);
        bounds(op.min, op.max + lsb, "clips one lsb higher above" + where, 6);
        bounds(-op.max, op.max, "clips to the same bounds on both sides" + where, 6);
        bounds(op.min, -op.min, "clips to the same bounds on both sides" + where, 6);
    }

    void slope(const std::string& found, const std::string& clause, double bits,
               std::function<bool(LeakyRelu&)> edit) const {
        site_.propose({.cause = Cause::ActivationShape,
                       .setting = "alpha",
                       .expected = "alpha",
                       .found = found,
                       .text = fmt::format("the slope of '{}' {}", site_.name(), clause),
                       .bits = bits,
                       .fit = fit_,
                       .slot = "alpha"},
                      [edit = std::move(edit)](Node& node) {
                          auto* op = std::get_if<LeakyRelu>(&node.op);
                          return op != nullptr && edit(*op);
                      });
    }

    void propose_slope() const {
        const Datapath* datapath = &site_.maker().datapath;
        for (int k = 1; k <= 6; ++k) {
            for (const int by : {k, -k}) {
                slope(fmt::format("alpha * 2^{}", by),
                      fmt::format("is 2^{} times too {}", k, by > 0 ? "large" : "small"), 3.5 + std::log2(k),
                      [datapath, by](LeakyRelu& leaky) {
                          make_raw(leaky.alpha, *datapath);
                          leaky.alpha.type.format.integer += by;
                          return true;
                      });
            }
        }
        for (const int by : {1, -1}) {
            slope(fmt::format("alpha {} one lsb", by > 0 ? "plus" : "minus"),
                  fmt::format("is one lsb too {}", by > 0 ? "large" : "small"), 6, [datapath, by](LeakyRelu& leaky) {
                      make_raw(leaky.alpha, *datapath);
                      leaky.alpha.raw[0] += by;
                      return true;
                  });
        }
        slope("the next power of two", "is a power of two: a shift takes the place of the product", 5,
              [datapath](LeakyRelu& leaky) {
                  const i128 raw = stored_raws(leaky.alpha, *datapath)[0];
                  if (raw <= 0 || (raw & (raw - 1)) == 0) return false;
                  const int exponent = static_cast<int>(std::lround(std::log2(static_cast<double>(raw))));
                  const int frac = leaky.alpha.type.format.frac() - exponent;
                  leaky.alpha = {.dims = {1}, .raw = {1}, .type = {.format = {1, 1 - frac, false}}};
                  return true;
              });
        site_.propose({.cause = Cause::ActivationShape,
                       .setting = "op",
                       .expected = "leaky_relu",
                       .found = "alpha for all words",
                       .text = fmt::format("'{}' multiplies positive words by its slope, too", site_.name()),
                       .bits = 6,
                       .fit = fit_,
                       .slot = "op"},
                      [](Node& node) {
                          const auto* leaky = std::get_if<LeakyRelu>(&node.op);
                          if (leaky == nullptr) return false;
                          node.op = Affine{.scale = Parameter(leaky->alpha)};
                          return true;
                      });
    }

    const Site& site_;
    double fit_;
};

// A relu that is built into a layer which the network has without one.
void propose_fused(const Site& site) {
    const Node& node = site.node();
    const bool fits = is<Dense>(node) || is<Conv2d>(node) || is<Add>(node) || is<Affine>(node) || is<Quantize>(node) ||
                      is<Multiply>(node) || is<AveragePool>(node) || is<MaxPool>(node) || is<Requantize>(node);
    if (!fits || !node.result.format.is_signed) return;
    // On the sums, before their cast.
    if (is<Dense>(node) || is<Conv2d>(node)) {
        site.propose_chain({.cause = Cause::ActivationOrder,
                            .setting = "result",
                            .expected = "the cast of the sums",
                            .found = "relu, then the cast",
                            .text = fmt::format("'{}' has a relu between its sums and their cast", site.name()),
                            .bits = 4,
                            .fit = fits_zero(site.maker().evidence),
                            .slot = "fused"},
                           [](Variant& variant, int index) {
                               Node& layer = variant.chain.nodes[static_cast<std::size_t>(index)];
                               const FixedType result = layer.result;
                               layer.result = accumulator_of(layer)->type;
                               insert_behind(variant, index, {.op = Relu{}, .result = result});
                               return true;
                           });
    }
    site.propose_chain({.cause = Cause::ActivationShape,
                        .setting = "op",
                        .expected = "no activation",
                        .found = "relu",
                        .text = fmt::format("'{}' has a relu that the network does not have", site.name()),
                        .bits = 4.5,
                        .fit = fits_zero(site.maker().evidence),
                        .slot = "fused"},
                       [](Variant& variant, int index) {
                           const FixedType result = variant.chain.nodes[static_cast<std::size_t>(index)].result;
                           insert_behind(variant, index, {.op = Relu{}, .result = result});
                           return true;
                       });
}

// An activation and the pool beside it change places; each keeps what it does.
void propose_pool_order(const Maker& maker) {
    const Chain& chain = maker.subject.chain;
    for (std::size_t k = 1; k < chain.nodes.size(); ++k) {
        const Node& first = chain.nodes[k - 1];
        const Node& second = chain.nodes[k];
        const auto is_pool = [](const Node& n) { return is<MaxPool>(n) || is<AveragePool>(n); };
        const bool pool_first = is_pool(first) && is_activation(second);
        if (!pool_first && !(is_activation(first) && is_pool(second))) continue;
        if (second.inputs != std::vector<std::string>{first.name}) continue;
        const std::string activation = pool_first ? second.name : first.name;
        const std::string pool = pool_first ? first.name : second.name;
        Site(maker, k).propose_chain(
            {.cause = Cause::ActivationOrder,
             .setting = "order",
             .expected = fmt::format("'{}', '{}'", first.name, second.name),
             .found = fmt::format("'{}', '{}'", second.name, first.name),
             .text = fmt::format("the activation '{}' comes {} the pool '{}' where the network has it {}", activation,
                                 pool_first ? "before" : "behind", pool, pool_first ? "behind" : "before"),
             .bits = 3,
             .fit = 0.5,
             .slot = "order"},
            [](Variant& variant, int index) {
                auto& nodes = variant.chain.nodes;
                if (index < 1) return false;
                Node& front = nodes[static_cast<std::size_t>(index) - 1];
                Node& back = nodes[static_cast<std::size_t>(index)];
                if (back.inputs != std::vector<std::string>{front.name}) return false;
                // A pool keeps the type of what it reads; an activation has one of its own.
                const FixedType in = read_by(variant.chain, front.inputs[0]).type;
                const bool pools_first = is<MaxPool>(back) || is<AveragePool>(back);
                const FixedType last = back.result, middle = front.result;
                std::swap(front.op, back.op);
                front.result = pools_first ? in : last;
                back.result = pools_first ? middle : last;
                return back.result.format == last.format || pools_first;
            });
    }
}

}  // namespace

void add_activation_changes(const Maker& maker) {
    for_each_site(maker, [](const Site& site) {
        if (is_activation(site.node())) Activations(site).propose();
        add_threshold_changes(site);
        propose_fused(site);
    });
    propose_pool_order(maker);
}

}  // namespace bittrue::diagnose_detail
