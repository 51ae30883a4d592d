#include "changes/layer_casts.hpp"

#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "changes/fit.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

using TypeChange = std::function<void(FixedType&)>;

// Modes that a whole layer has alike, and the dialect.
class AllCasts {
public:
    AllCasts(const Site& site, std::vector<TypePlace> places) : site_(site), places_(std::move(places)) {
        std::erase_if(places_, [](const TypePlace& p) { return p.side; });
    }

    void propose() const {
        std::vector<TypePlace> inner;
        for (const TypePlace& p : places_) {
            if (!p.stored) inner.push_back(p);
        }
        const double round_fit = fits_rounding(site_.maker().evidence);
        if (inner.size() > 1) {
            for (const Rounding r : {Rounding::Trn, Rounding::Rnd, Rounding::RndConv, Rounding::TrnZero}) {
                all(inner, Cause::ResultRounding, mode_name(r, site_.node().result.dialect), "rounding",
                    fmt::format("all casts of '{}' round by {}", site_.name(),
                                mode_name(r, site_.node().result.dialect)),
                    r == Rounding::Trn ? 4.5 : 6.5, round_fit, [r](FixedType& t) { t.rounding = r; });
            }
            for (const Overflow o : {Overflow::Wrap, Overflow::Sat}) {
                all(inner, Cause::ResultOverflow, mode_name(o, site_.node().result.dialect), "overflow",
                    fmt::format("all casts of '{}' {}", site_.name(),
                                overflow_clause({.overflow = o, .dialect = site_.node().result.dialect}, true)),
                    o == Overflow::Wrap ? 4.5 : 6.5, fits_overflow(site_.maker().evidence), [o](FixedType& t) {
                        t.overflow = o;
                        t.saturated_bits = 0;
                    });
            }
            all(inner, Cause::ResultOverflow, "the default modes", "modes",
                fmt::format("all casts of '{}' have the default modes (TRN, WRAP)", site_.name()), 5, round_fit,
                [](FixedType& t) {
                    t.rounding = Rounding::Trn;
                    t.overflow = Overflow::Wrap;
                    t.saturated_bits = 0;
                });
        }
        for (const Dialect d : kAllDialects) {
            all(
                places_, Cause::Dialect, print_dialect(d), "dialect",
                fmt::format("the casts of '{}' are those of {}_fixed", site_.name(), print_dialect(d)), 6, 0.5,
                [d](FixedType& t) { t.dialect = d; }, true);
        }
    }

private:
    // Whether a dialect makes a difference (rules D1, D2, D4); otherwise only its name does.
    static bool matters(const FixedType& a, const FixedType& b) {
        if (a.dialect == b.dialect) return false;
        const bool sc = a.dialect == Dialect::Sc || b.dialect == Dialect::Sc;
        if (!sc) return false;
        const bool saturated = !a.format.is_signed && a.overflow == Overflow::Wrap && a.saturated_bits > 0;
        const bool magnitude = a.overflow == Overflow::WrapSm && a.saturated_bits == 0;
        const bool one_bit = a.overflow == Overflow::SatSym && a.format.is_signed && a.format.width == 1;
        return saturated || magnitude || one_bit;
    }

    void all(const std::vector<TypePlace>& places, Cause cause, const std::string& found, const std::string& slot,
             const std::string& text, double bits, double fit, const TypeChange& change, bool dialect = false) const {
        std::vector<TypePlace> concerned;
        for (const TypePlace& place : places) {
            const FixedType before = type_at(place, site_.node());
            FixedType after = before;
            change(after);
            if (!reason_invalid(after).empty()) return;
            const bool effect = dialect ? matters(before, after)
                                        : before.overflow != after.overflow || (before.rounding != after.rounding &&
                                                                                place.finest > before.format.frac());
            if (effect) concerned.push_back(place);
        }
        // One place by itself is a change of its own.
        if (concerned.size() < (dialect ? 1U : 2U)) return;
        site_.propose({.cause = cause,
                       .setting = "all casts",
                       .expected = dialect ? print_dialect(site_.node().result.dialect) : "as the network has them",
                       .found = found,
                       .text = text,
                       .bits = bits,
                       .fit = fit,
                       .slot = "all." + slot},
                      [concerned, change](Node& node) {
                          bool done = true;
                          for (const TypePlace& place : concerned) done = change_types(node, place, change) && done;
                          return done;
                      });
    }

    const Site& site_;
    std::vector<TypePlace> places_;
};

}  // namespace

void add_layer_casts(const Site& site, const std::vector<TypePlace>& places) {
    AllCasts(site, places).propose();
}

// The words that a layer reads, taken with the binary point elsewhere.
void add_given_points(const Maker& maker) {
    for (const TensorWords& given : maker.subject.chain.given) {
        for (int k = 1; k <= 8; ++k) {
            for (const int by : {k, -k}) {
                FixedType found = given.type;
                found.format.integer += by;
                if (!reason_invalid(found).empty()) continue;
                Candidate candidate;
                candidate.change = {
                    .cause = Cause::ResultFormat,
                    .node = given.name,
                    .setting = "result",
                    .expected = print_type(given.type),
                    .found = print_type(found),
                    .text = fmt::format("the words of '{}' are read with their binary point {} {}: {} where the "
                                        "network has {}",
                                        given.name, count_of(k, "bit"), by > 0 ? "lower" : "higher", print_type(found),
                                        print_type(given.type))};
                candidate.bits = 6 + std::log2(k);
                candidate.priority =
                    static_cast<int>(std::lround(8 * candidate.bits + 20 * (1 - fits_many(maker.evidence))));
                candidate.slot = given.name + ".read.point";
                candidate.apply = [name = given.name, by](Variant& variant) {
                    for (TensorWords& words : variant.chain.given) {
                        if (words.name != name) continue;
                        words.type.format.integer += by;
                        const Shape result = variant.chain.nodes.back().shape;
                        return settle(variant, result);
                    }
                    return false;
                };
                maker.candidates.push_back(std::move(candidate));
            }
        }
    }
}

}  // namespace bittrue::diagnose_detail
