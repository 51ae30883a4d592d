// Requantisation by a multiplier and a shift: what differs between runtimes, and what is forgotten in hardware.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "changes/fit.hpp"
#include "changes/site.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

std::string print_rule(RequantizeRule rule) {
    switch (rule) {
        case RequantizeRule::Exact: return "exact";
        case RequantizeRule::TfliteDouble: return "tflite_double";
        case RequantizeRule::Float32: return "float32";
    }
    return {};
}

class Requantizers {
public:
    Requantizers(const Site& site, const Requantize& op) : site_(site), op_(op), evidence_(site.maker().evidence) {}

    void propose() const {
        propose_shifts();
        propose_rules();
        propose_multipliers();
        propose_zero_points();
        propose_channels();
    }

private:
    using Edit = std::function<bool(Requantize&)>;

    void add(Cause cause, const std::string& setting, const std::string& expected, const std::string& found,
             const std::string& clause, double bits, double fit, Edit edit) const {
        site_.propose({.cause = cause,
                       .setting = setting,
                       .expected = expected,
                       .found = found,
                       .text = fmt::format("'{}' {}", site_.name(), clause),
                       .bits = bits,
                       .fit = fit,
                       .slot = setting},
                      [edit = std::move(edit)](Node& node) {
                          auto* op = std::get_if<Requantize>(&node.op);
                          return op != nullptr && edit(*op);
                      });
    }

    void propose_shifts() const {
        for (int k = 1; k <= 8; ++k) {
            for (const int by : {k, -k}) {
                add(Cause::RequantizeShift, "shift", "as given", fmt::format("{:+}", by),
                    fmt::format("shifts by {} too {}", count_of(k, "bit"), by > 0 ? "far" : "little"),
                    3 + 0.8 * std::log2(k), fits_many(evidence_), [by](Requantize& op) {
                        for (int& shift : op.shift) shift += by;
                        return true;
                    });
            }
        }
        // What multipliers of 31 fraction bits mean without those, or the other way round.
        for (const int by : {31, -31, 32, -32, 30, -30, 16, -16, 15, -15}) {
            add(Cause::RequantizeShift, "shift", "as given", fmt::format("{:+}", by),
                fmt::format("shifts by {} bits too {}", std::abs(by), by > 0 ? "far" : "little"), 8,
                fits_many(evidence_), [by](Requantize& op) {
                    for (int& shift : op.shift) shift += by;
                    return true;
                });
        }
    }

    void propose_rules() const {
        const double fit = std::max(0.4, fits_rounding(evidence_));
        const Rounding now = site_.node().result.rounding;
        for (const RequantizeRule rule :
             {RequantizeRule::Exact, RequantizeRule::TfliteDouble, RequantizeRule::Float32}) {
            if (rule == op_.rule) continue;
            for (const Rounding r : {now, Rounding::Rnd, Rounding::RndConv, Rounding::RndInf, Rounding::Trn}) {
                if (r == now ? false : rule == RequantizeRule::TfliteDouble) continue;
                const bool other = r != now;
                site_.propose(
                    {.cause = Cause::RequantizeRule,
                     .setting = "rule",
                     .expected = print_rule(op_.rule),
                     .found =
                         other ? fmt::format("{}, {}", print_rule(rule), mode_name(r, Dialect::Ap)) : print_rule(rule),
                     .text = fmt::format(
                         "'{}' requantises by the rule {}{} where the network has {}", site_.name(), print_rule(rule),
                         other ? fmt::format(", rounded by {},", mode_name(r, Dialect::Ap)) : "", print_rule(op_.rule)),
                     .bits = other ? 5.0 : 3.0,
                     .fit = fit,
                     .slot = "rule"},
                    [rule, r](Node& node) {
                        auto* op = std::get_if<Requantize>(&node.op);
                        if (op == nullptr) return false;
                        op->rule = rule;
                        node.result.rounding = r;
                        return true;
                    });
            }
        }
    }

    // A multiplier of fewer bits: rounded or truncated, the shift with it.
    void propose_multipliers() const {
        i128 largest = 0;
        for (const std::int64_t word : op_.multiplier.raw) {
            const i128 raw = raw_from_word(word, op_.multiplier.type.format);
            largest = std::max(largest, raw < 0 ? -raw : raw);
        }
        int bits = 0;
        while ((largest >> bits) != 0) ++bits;
        std::set<int> seen;
        for (const int width : {16, 15, 8, 24, 18, 7, 17, 25, 12, 23, 31, bits - 1, bits - 2}) {
            const int drop = bits - width;
            if (drop < 1 || width < 1 || !seen.insert(drop).second) continue;
            for (const bool rounds : {true, false}) {
                add(Cause::RequantizeMultiplier, "multiplier", fmt::format("{} bits", bits),
                    fmt::format("{} bits, {}", width, rounds ? "rounded" : "truncated"),
                    fmt::format("has multipliers {} to {} bits where the network has {}",
                                rounds ? "rounded" : "truncated", width, bits),
                    5, std::max(0.4, fits_rounding(evidence_)), [drop, rounds](Requantize& op) {
                        const Format f = op.multiplier.type.format;
                        for (std::int64_t& word : op.multiplier.raw) {
                            const i128 raw = raw_from_word(word, f);
                            word = word_from_raw((raw + (rounds ? i128{1} << (drop - 1) : 0)) >> drop);
                        }
                        for (int& shift : op.shift) shift -= drop;
                        return true;
                    });
            }
        }
        add(Cause::RequantizeMultiplier, "multiplier", "as given", "the nearest power of two",
            "has a power of two for a multiplier: it only shifts", 6, fits_many(evidence_), [](Requantize& op) {
                for (std::int64_t& word : op.multiplier.raw) {
                    const i128 raw = raw_from_word(word, op.multiplier.type.format);
                    if (raw <= 0) return false;
                    const double exponent = std::round(std::log2(static_cast<double>(raw)));
                    word = word_from_raw(i128{1} << static_cast<int>(exponent));
                }
                // The power above the largest multiplier needs a bit more.
                if (op.multiplier.type.format.width < kMaxStoredWidth) {
                    ++op.multiplier.type.format.width;
                    ++op.multiplier.type.format.integer;
                }
                return true;
            });
    }

    void propose_zero_points() const {
        std::set<std::int64_t> seen{op_.zero_point};
        const auto zero = [&](std::int64_t found, const std::string& clause, double bits) {
            if (!seen.insert(found).second) return;
            add(Cause::ZeroPoint, "zero_point", fmt::format("{}", op_.zero_point), fmt::format("{}", found), clause,
                bits, fits_bias(evidence_), [found](Requantize& op) {
                    op.zero_point = found;
                    return true;
                });
        };
        zero(0, "does not add its zero point", 3);
        zero(-op_.zero_point, "subtracts its zero point", 4);
        zero(2 * op_.zero_point, "adds its zero point twice", 4);
        zero(op_.zero_point + 128, "has a zero point that is 128 too high, as for unsigned words", 5);
        zero(op_.zero_point - 128, "has a zero point that is 128 too low, as for signed words", 5);
        zero(op_.zero_point + 1, "has a zero point that is 1 too high", 5);
        zero(op_.zero_point - 1, "has a zero point that is 1 too low", 5);
        if (op_.zero_point == 0 || op_.rule == RequantizeRule::TfliteDouble) return;
        add(Cause::ZeroPoint, "zero_point_first", op_.zero_point_first ? "true" : "false",
            op_.zero_point_first ? "false" : "true",
            op_.zero_point_first ? "adds its zero point behind the rounding" : "adds its zero point before it rounds",
            3, std::max(0.4, fits_rounding(evidence_)), [](Requantize& op) {
                op.zero_point_first = !op.zero_point_first;
                return true;
            });
    }

    void propose_channels() const {
        const std::size_t n = op_.shift.size();
        if (n < 2) return;
        const auto order = [&](const std::string& clause, double bits, auto of) {
            for (const int what : {3, 1, 2}) {  // multiplier, shift, or both
                const bool multiplier = (what & 1) != 0, shift = (what & 2) != 0;
                const std::string numbers = multiplier && shift ? "multiplier and shift"
                                            : multiplier        ? "multiplier"
                                                                : "shift";
                add(Cause::RequantizeMultiplier, "channels", "of the same channel", clause,
                    fmt::format("has the {} of {}", numbers, clause), bits + (what == 3 ? 0 : 1), fits_many(evidence_),
                    [n, of, multiplier, shift](Requantize& op) {
                        if (op.shift.size() != n || op.multiplier.raw.size() != n) return false;
                        const Requantize old = op;
                        for (std::size_t c = 0; c < n; ++c) {
                            if (multiplier) op.multiplier.raw[c] = old.multiplier.raw[of(c)];
                            if (shift) op.shift[c] = old.shift[of(c)];
                        }
                        return true;
                    });
            }
        };
        order("the next channel", 4, [n](std::size_t c) { return (c + 1) % n; });
        order("the channel before", 4, [n](std::size_t c) { return (c + n - 1) % n; });
        order("the first channel for all", 4, [](std::size_t) { return std::size_t{0}; });
        order("the last channel for all", 6, [n](std::size_t) { return n - 1; });
        order("the channel counted from the other end", 6, [n](std::size_t c) { return n - 1 - c; });
    }

    const Site& site_;
    const Requantize& op_;
    const Evidence& evidence_;
};

}  // namespace

void add_requantize_changes(const Maker& maker) {
    for_each_site(maker, [](const Site& site) {
        if (const auto* op = std::get_if<Requantize>(&site.node().op)) Requantizers(site, *op).propose();
    });
}

}  // namespace bittrue::diagnose_detail
