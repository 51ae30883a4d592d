// Rounding, overflow and format of every cast: what hardware has where a keyword was forgotten, a parameter was taken
// from another layer, or a bus is cut at another bit.
#include <cmath>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "changes/fit.hpp"
#include "changes/layer_casts.hpp"
#include "changes/type_places.hpp"
#include "subject/words.hpp"

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
            // Where the network drops nothing the mode matters together with a format that does.
            if (!drops_bits() && (place_.stored || place_.side)) break;
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
        const bool table = place_.format == Cause::TableContents;
        const int reach = place_.side ? 2 : place_.stored && !table ? 4 : 8;
        const int reach_up = std::min(reach, 4);
        const auto bits = [](int k) { return 3 + 1.2 * std::log2(1.0 + std::abs(k)); };
        for (int k = 1; k <= reach && place_.modes; ++k) {
            format(-k, 0, bits(k), top_fit, "integer", count_of(k, "integer bit") + " fewer");
            if (k <= reach_up && (!place_.narrow_integers || place_.setting != "result"))
                format(k, 0, bits(k) + 0.5, top_fit, "integer", count_of(k, "more integer bit"));
            format(0, -k, bits(k), bottom_fit, "fraction", count_of(k, "fraction bit") + " fewer");
            // Beyond the finest number nothing changes, but where the word itself is dumped.
            if (k <= reach_up && (place_.finest > type_.format.frac() + k - 1 || place_.setting == "result"))
                format(0, k, bits(k) + 0.5, bottom_fit, "fraction", count_of(k, "more fraction bit"));
        }
        if (!place_.side) {
            const int points = !place_.modes ? 8 : place_.stored ? 2 : place_.setting == "result" ? 8 : 4;
            for (int k = 1; k <= points; ++k) {
                for (const int by : {k, -k}) {
                    // As wide as the network has it: before one more bit.
                    format(by, -by, bits(k) + 0.25, many_fit, "point",
                           fmt::format("{} binary point {} {}", place_.plural ? "their" : "its", count_of(k, "bit"),
                                       by > 0 ? "lower" : "higher"));
                }
            }
        }
        if (place_.modes && !place_.side) propose_cuts(top_fit, bottom_fit);
        if (place_.modes && !place_.side && !place_.stored) propose_usual_widths(reach, top_fit, bottom_fit);
        // Far narrower than one that is as wide as a machine's word.
        constexpr int kWide = 24, kLeft = 4;
        for (int k = reach + 1; place_.setting == "accumulator" && type_.format.width >= kWide; ++k) {
            if (k > type_.format.width - kLeft) break;
            format(-k, 0, bits(k) - 0.5, top_fit, "integer", count_of(k, "integer bit") + " fewer");
        }
    }

    // Bits of a bus that are not connected: whatever the mode of the cast, they are cut off.
    void propose_cuts(double top_fit, double bottom_fit) const {
        const int most = place_.stored ? 3 : std::min(8, type_.format.width - 1);
        for (int k = 1; k <= most; ++k) {
            FixedType top = type_, bottom = type_;
            const TypeChange cut_top = [k](FixedType& t) {
                t.format.width -= k;
                t.format.integer -= k;
                t.overflow = Overflow::Wrap;
                t.saturated_bits = 0;
            };
            const TypeChange cut_bottom = [k](FixedType& t) {
                t.format.width -= k;
                t.rounding = Rounding::Trn;
            };
            cut_top(top);
            cut_bottom(bottom);
            const char* has = place_.plural ? "have" : "has";
            if (type_.overflow != Overflow::Wrap)
                add(place_.format, top, true,
                    fmt::format("{} {} cut off at the top: {} where the network has {}", has, count_of(k, "bit"),
                                print_type(top), print_type(type_)),
                    6 + std::log2(k), top_fit, "integer", cut_top);
            if (type_.rounding != Rounding::Trn)
                add(place_.format, bottom, true,
                    fmt::format("{} {} cut off at the bottom: {} where the network has {}", has, count_of(k, "bit"),
                                print_type(bottom), print_type(type_)),
                    6 + std::log2(k), bottom_fit, "fraction", cut_bottom);
        }
        if (place_.format != Cause::TableContents) return;
        // Entries of the usual memory widths.
        for (const int width : {8, 9, 10, 12, 16, 18}) {
            const int k = type_.format.width - width;
            if (k <= 3) continue;
            for (const bool truncates : {true, false}) {
                FixedType found = type_;
                const TypeChange change = [k, truncates](FixedType& t) {
                    t.format.width -= k;
                    if (truncates) t.rounding = Rounding::Trn;
                };
                change(found);
                if (!truncates && (k <= 8 || type_.rounding == Rounding::Trn)) continue;
                add(place_.format, found, true,
                    fmt::format("have {} bits{}: {} where the network has {}", width,
                                truncates ? ", the rest cut off" : "", print_type(found), print_type(type_)),
                    truncates && type_.rounding != Rounding::Trn ? 7 : 6, bottom_fit, "fraction", change);
            }
        }
    }

    void propose_usual_widths(int reach, double top_fit, double bottom_fit) const {
        for (const int width : {8, 16, 18, 24, 32, 48}) {
            const int k = width - type_.format.width;
            if (k >= -reach && k <= std::min(reach, 4)) continue;
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

std::string print_quantizer(WeightQuantizer quantizer) {
    switch (quantizer) {
        case WeightQuantizer::Cast: return "cast";
        case WeightQuantizer::Sign: return "sign";
        case WeightQuantizer::Bipolar: return "bipolar";
    }
    return {};
}

// Rules W1 to W3.
void propose_quantizers(const Site& site) {
    const Parameter* weights = weights_of(site.node());
    if (weights == nullptr || weights->is_raw()) return;
    const WeightQuantizer own = weights->quantizer;
    for (const WeightQuantizer found : {WeightQuantizer::Cast, WeightQuantizer::Sign, WeightQuantizer::Bipolar}) {
        if (found == own) continue;
        const bool are_signs = found != WeightQuantizer::Cast && own != WeightQuantizer::Cast;
        site.propose({.cause = Cause::WeightFormat,
                      .setting = "quantizer",
                      .expected = print_quantizer(own),
                      .found = print_quantizer(found),
                      .text = fmt::format("the weights of '{}' are quantised by {} where the network has {}",
                                          site.name(), print_quantizer(found), print_quantizer(own)),
                      .bits = are_signs ? 3.0 : 5.0,
                      .fit = fits_many(site.maker().evidence),
                      .slot = "quantizer"},
                     [found](Node& node) {
                         Parameter* changed = weights_of(node);
                         if (changed == nullptr || changed->is_raw()) return false;
                         changed->quantizer = found;
                         return true;
                     });
    }
}

}  // namespace

void add_cast_changes(const Maker& maker) {
    for_each_site(maker, [](const Site& site) {
        const std::vector<TypePlace> places = type_places(site.node(), site.inputs());
        for (const TypePlace& place : places) Casts(site, place).propose();
        add_layer_casts(site, places);
        propose_quantizers(site);
    });
    add_given_points(maker);
}

}  // namespace bittrue::diagnose_detail
