// Rounding, overflow and format of every cast: what hardware has where a keyword was forgotten, a parameter was taken
// from another layer, or a bus is cut at another bit.
#include <cmath>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "fit.hpp"
#include "type_places.hpp"
#include "words.hpp"

namespace bittrue::diagnose_detail {

namespace {

using TypeChange = std::function<void(FixedType&)>;

// Bits to say which: the modes that hardware has by default and that people write are few.
double bits_of(Rounding rounding) {
    switch (rounding) {
        case Rounding::Trn:
        case Rounding::Rnd: return 3;
        case Rounding::TrnZero:
        case Rounding::RndConv: return 3.5;
        case Rounding::RndInf: return 4;
        case Rounding::RndZero:
        case Rounding::RndMinInf: return 5;
        case Rounding::RndConvOdd: return 8;
    }
    return 8;
}

double bits_of(Overflow overflow) {
    switch (overflow) {
        case Overflow::Wrap:
        case Overflow::Sat: return 3;
        case Overflow::SatSym: return 4;
        case Overflow::SatZero: return 6;
        case Overflow::WrapSm: return 8;
    }
    return 8;
}

class Casts {
public:
    Casts(const Site& site, const TypePlace& place)
        : site_(site), place_(place), type_(type_at(place, site.node())), evidence_(site.maker().evidence) {}

    void propose() const {
        if (place_.modes) propose_modes();
        propose_formats();
        if (!place_.modes) return;
        propose_signs();
        if (place_.setting == "result") propose_narrow_wire();
    }

private:
    [[nodiscard]] bool drops_bits() const { return place_.finest > type_.format.frac(); }
    // The less likely place of a joint pair.
    [[nodiscard]] double side_bits() const { return place_.side ? 1.5 : 0; }

    void add(Cause cause, const FixedType& found, bool whole, const std::string& clause, double bits, double fit,
             const std::string& slot, TypeChange change, bool remake = true) const {
        if (!reason_invalid(found).empty() || found == type_) return;
        const bool rounding = cause == place_.rounding && found.rounding != type_.rounding;
        const auto print = [&](const FixedType& t) {
            if (whole) return print_type(t);
            return rounding ? mode_name(t.rounding, t.dialect) : mode_name(t.overflow, t.dialect);
        };
        site_.propose({.cause = cause,
                       .setting = place_.setting,
                       .expected = print(type_),
                       .found = print(found),
                       .text = fmt::format("{} of '{}' {}", place_.noun, site_.name(), clause),
                       .bits = bits + side_bits(),
                       .fit = fit,
                       .slot = fmt::format("{}{}.{}", place_.setting, place_.at.size() > 1 ? "s" : "", slot)},
                      [place = place_, change = std::move(change), remake](Node& node) {
                          return change_types(node, place, change, remake);
                      });
    }

    void propose_modes() const {
        const double round_fit = fits_rounding(evidence_), overflow_fit = fits_overflow(evidence_);
        const bool overflows = !place_.narrow_integers;
        for (const Rounding r : kAllRoundings) {
            if (!drops_bits()) break;
            FixedType found = type_;
            found.rounding = r;
            add(place_.rounding, found, false,
                fmt::format("{} rounded by {} where the network rounds by {}", place_.plural ? "are" : "is",
                            mode_name(r, type_.dialect), mode_name(type_.rounding, type_.dialect)),
                bits_of(r), round_fit, "rounding", [r](FixedType& t) { t.rounding = r; });
        }
        for (const Overflow o : kAllOverflows) {
            if (!overflows) break;
            FixedType found = type_;
            found.overflow = o;
            found.saturated_bits = 0;
            if (o != type_.overflow) overflow(found, bits_of(o), overflow_fit);
        }
        if (overflows && !place_.side) propose_saturated_bits(overflow_fit);
        if (drops_bits() && overflows) propose_both_modes(round_fit, overflow_fit);
    }

    void overflow(const FixedType& found, double bits, double fit) const {
        const bool same_mode = found.overflow == type_.overflow;
        add(place_.overflow, found, same_mode,
            fmt::format("{} where {}", overflow_clause(found, place_.plural),
                        same_mode ? fmt::format("the network has {}", print_type(type_))
                                  : "the network " + overflow_clause(type_, false)),
            bits, fit, "overflow", [o = found.overflow, n = found.saturated_bits](FixedType& t) {
                t.overflow = o;
                t.saturated_bits = n;
            });
    }

    void propose_saturated_bits(double fit) const {
        if (type_.overflow != Overflow::Wrap && type_.overflow != Overflow::WrapSm) return;
        for (const int n : std::set<int>{0, 1, type_.saturated_bits - 1, type_.saturated_bits + 1}) {
            if (n < 0 || n == type_.saturated_bits) continue;
            FixedType found = type_;
            found.saturated_bits = n;
            overflow(found, n == 0 ? 5 : 9, fit);
        }
    }

    // A cast for which nobody wrote modes, or all of them.
    void propose_both_modes(double round_fit, double overflow_fit) const {
        struct Modes {
            Rounding rounding;
            Overflow overflow;
            double bits;
        };
        constexpr Modes kUsual[] = {{Rounding::Trn, Overflow::Wrap, 4},
                                    {Rounding::Rnd, Overflow::Sat, 6},
                                    {Rounding::RndConv, Overflow::Sat, 7},
                                    {Rounding::Trn, Overflow::Sat, 7}};
        for (const Modes& m : kUsual) {
            if (m.rounding == type_.rounding || m.overflow == type_.overflow) continue;
            FixedType found = type_;
            found.rounding = m.rounding;
            found.overflow = m.overflow;
            found.saturated_bits = 0;
            add(place_.overflow, found, true,
                fmt::format("{} the modes {}, {} where the network has {}, {}", place_.plural ? "have" : "has",
                            mode_name(m.rounding, type_.dialect), mode_name(m.overflow, type_.dialect),
                            mode_name(type_.rounding, type_.dialect), mode_name(type_.overflow, type_.dialect)),
                m.bits, std::max(round_fit, overflow_fit) * 0.8, "modes", [m](FixedType& t) {
                    t.rounding = m.rounding;
                    t.overflow = m.overflow;
                    t.saturated_bits = 0;
                });
        }
    }

    void format(int integer, int fraction, double bits, double fit, const std::string& slot,
                const std::string& clause) const {
        FixedType found = type_;
        const TypeChange change = [integer, fraction](FixedType& t) {
            t.format.width += integer + fraction;
            t.format.integer += integer;
        };
        change(found);
        add(place_.format, found, true,
            fmt::format("{} {}: {} where the network has {}", place_.plural ? "have" : "has", clause, print_type(found),
                        print_type(type_)),
            bits, fit, slot, change);
    }

    void propose_formats() const {
        const double top_fit = fits_overflow(evidence_), many_fit = fits_many(evidence_);
        const double bottom_fit = place_.setting == "result" ? many_fit : fits_rounding(evidence_);
        const int reach = place_.side ? 3 : place_.stored ? 4 : 8;
        const auto bits = [](int k) { return 3 + 1.2 * std::log2(1.0 + std::abs(k)); };
        for (int k = 1; k <= reach && place_.modes; ++k) {
            format(-k, 0, bits(k), top_fit, "integer", count_of(k, "integer bit") + " fewer");
            if (!place_.narrow_integers || place_.setting != "result")
                format(k, 0, bits(k) + 0.5, top_fit, "integer", count_of(k, "more integer bit"));
            format(0, -k, bits(k), bottom_fit, "fraction", count_of(k, "fraction bit") + " fewer");
            // Beyond the finest number nothing changes, but where the word itself is dumped.
            if (place_.finest > type_.format.frac() + k - 1 || place_.setting == "result")
                format(0, k, bits(k) + 0.5, bottom_fit, "fraction", count_of(k, "more fraction bit"));
        }
        if (!place_.side) {
            for (int k = 1; k <= (place_.modes ? reach : 8); ++k) {
                for (const int by : {k, -k}) {
                    format(by, -by, bits(k) + 0.5, many_fit, "point",
                           fmt::format("{} binary point {} {}", place_.plural ? "their" : "its", count_of(k, "bit"),
                                       by > 0 ? "lower" : "higher"));
                }
            }
        }
        if (place_.modes && !place_.side && !place_.stored) propose_usual_widths(reach, top_fit, bottom_fit);
    }

    void propose_usual_widths(int reach, double top_fit, double bottom_fit) const {
        for (const int width : {8, 16, 18, 24, 32, 48}) {
            const int k = width - type_.format.width;
            if (std::abs(k) <= reach) continue;
            const std::string clause = fmt::format("{} bits", width);
            format(k, 0, 7, top_fit, "integer", clause);
            if (place_.finest > type_.format.frac() || k < 0) format(0, k, 7, bottom_fit, "fraction", clause);
        }
    }

    void propose_signs() const {
        const bool is_signed = type_.format.is_signed;
        const double fit = fits_many(evidence_);
        for (const int integer : {0, is_signed ? -1 : 1}) {
            FixedType found = type_;
            const TypeChange change = [integer](FixedType& t) {
                t.format.is_signed = !t.format.is_signed;
                t.format.integer += integer;
                t.format.width += integer;
                if (!t.format.is_signed && t.overflow == Overflow::WrapSm) t.overflow = Overflow::Wrap;
            };
            change(found);
            add(Cause::Signedness, found, true,
                fmt::format("{} {}: {} where the network has {}", place_.plural ? "are" : "is",
                            is_signed ? "unsigned" : "signed", print_type(found), print_type(type_)),
                integer == 0 ? 6 : 8, fit, "sign", change);
        }
    }

    // A result that comes through a narrower wire and is then aligned with its format: zeros at its lower end.
    void propose_narrow_wire() const {
        for (int k = 1; k <= 4 && k < type_.format.width && drops_bits(); ++k) {
            FixedType wire = type_;
            wire.format.width -= k;
            Proposal proposal{
                .cause = Cause::ResultFormat,
                .setting = "result",
                .expected = print_type(type_),
                .found = print_type(wire),
                .text = fmt::format("the result of '{}' is cut to {} before it is aligned with {}: its lowest {} zero",
                                    site_.name(), print_type(wire), print_type(type_),
                                    k == 1 ? "bit is" : fmt::format("{} bits are", k)),
                .bits = 6 + std::log2(k),
                .fit = fits_rounding(evidence_),
                .slot = "result.fraction"};
            site_.propose_chain(std::move(proposal), [k](Variant& variant, int index) {
                Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
                if (node.result.format.width <= k) return false;
                Node aligned{.op = Quantize{}, .result = node.result};
                node.result.format.width -= k;
                insert_behind(variant, index, std::move(aligned));
                return true;
            });
        }
    }

    const Site& site_;
    const TypePlace& place_;
    FixedType type_;
    const Evidence& evidence_;
};

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

// The words that a layer reads, taken with the binary point elsewhere.
void propose_given(const Maker& maker) {
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
                    static_cast<int>(std::lround(10 * candidate.bits + 50 * (1 - fits_many(maker.evidence))));
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

}  // namespace

void add_cast_changes(const Maker& maker) {
    for_each_site(maker, [](const Site& site) {
        const std::vector<TypePlace> places = type_places(site.node(), site.inputs());
        for (const TypePlace& place : places) Casts(site, place).propose();
        AllCasts(site, places).propose();
    });
    propose_given(maker);
}

}  // namespace bittrue::diagnose_detail
