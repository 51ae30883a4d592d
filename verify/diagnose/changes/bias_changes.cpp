// The bias as a whole: not added, added twice, at other bits, at another time, of another channel.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "changes/fit.hpp"
#include "changes/stored_words.hpp"
#include "changes/type_places.hpp"
#include "changes/unknown_bias.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

class Biases {
public:
    explicit Biases(const Site& site)
        : site_(site),
          bias_(**bias_of(site.node())),
          spec_(accumulator_of(site.node())),
          fit_(fits_bias(site.maker().evidence)) {}

    void propose() const {
        propose_amounts();
        propose_one_lsb();
        propose_shifts();
        propose_orders();
        if (spec_ == nullptr) return;
        propose_positions();
        propose_casts();
        propose_behind_the_cast();
    }

private:
    using Edit = std::function<bool(std::optional<Parameter>&)>;

    void add(Cause cause, const std::string& expected, const std::string& found, const std::string& clause, double bits,
             double fit, Edit edit) const {
        site_.propose({.cause = cause,
                       .setting = "bias",
                       .expected = expected,
                       .found = found,
                       .text = fmt::format("the bias of '{}' {}", site_.name(), clause),
                       .bits = bits,
                       .fit = fit,
                       .slot = "bias"},
                      [edit = std::move(edit)](Node& node) {
                          std::optional<Parameter>* bias = bias_of(node);
                          return bias != nullptr && *bias && edit(*bias);
                      });
    }

    void propose_amounts() const {
        const Datapath* datapath = &site_.maker().datapath;
        add(Cause::BiasMissing, "added", "missing", "is not added", 3, fit_, [](std::optional<Parameter>& bias) {
            bias.reset();
            return true;
        });
        add(Cause::BiasDoubled, "added once", "added twice", "is added twice", 4, fit_,
            [datapath](std::optional<Parameter>& bias) {
                make_raw(*bias, *datapath);
                if (bias->type.format.width >= kMaxStoredWidth) return false;
                ++bias->type.format.width;
                ++bias->type.format.integer;
                for (std::int64_t& word : bias->raw) word *= 2;
                return true;
            });
        add(Cause::BiasDoubled, "added", "subtracted", "is subtracted", 6, fit_,
            [datapath](std::optional<Parameter>& bias) {
                const std::vector<i128> raws = stored_raws(*bias, *datapath);
                make_raw(*bias, *datapath);
                const int more = bias->type.format.is_signed ? 1 : 2;
                bias->type.format.is_signed = true;
                bias->type.format.width += more;
                bias->type.format.integer += more;
                if (bias->type.format.width > kMaxStoredWidth) return false;
                for (std::size_t i = 0; i < raws.size(); ++i) bias->raw[i] = word_from_raw(-raws[i]);
                return true;
            });
        const bool is_signed = bias_.type.format.is_signed;
        add(Cause::Signedness, is_signed ? "signed" : "unsigned", is_signed ? "unsigned" : "signed",
            fmt::format("is read as {} words", is_signed ? "unsigned" : "signed"), 5, fit_,
            [datapath](std::optional<Parameter>& bias) { return read_with_other_sign(*bias, *datapath); });
    }

    // One lsb more or less in every channel: of the bias itself, of the sums, of the result.
    void propose_one_lsb() const {
        const int own = bias_.type.format.frac();
        std::vector<std::pair<int, std::string>> fracs{{own, ""},
                                                       {site_.node().result.format.frac(), " of the result"}};
        if (spec_ != nullptr) fracs.insert(fracs.begin() + 1, {spec_->type.format.frac(), " of the accumulator"});
        const Datapath* datapath = &site_.maker().datapath;
        std::set<int> seen;
        for (const auto& [frac, of] : fracs) {
            const int finer = std::max(0, frac - own), up = std::max(0, own - frac);
            if (!seen.insert(frac).second || std::max(finer, up) > 16) continue;
            for (const int by : {1, -1}) {
                add(Cause::BiasRounding, "as stored", fmt::format("{:+} lsb{}", by, of),
                    fmt::format("is one lsb{} too {} in every channel", of, by > 0 ? "high" : "low"), 5,
                    std::max(0.4, fits_rounding(site_.maker().evidence)), [=](std::optional<Parameter>& bias) {
                        make_raw(*bias, *datapath);
                        Format& format = bias->type.format;
                        format.width += finer + up + 1;
                        format.integer += up + 1;
                        if (format.width > kMaxStoredWidth || !format.is_signed) return false;
                        for (std::int64_t& word : bias->raw)
                            word = word * (std::int64_t{1} << finer) + by * (std::int64_t{1} << up);
                        return true;
                    });
            }
        }
    }

    void propose_shifts() const {
        const Datapath* datapath = &site_.maker().datapath;
        for (int k = 1; k <= 8; ++k) {
            for (const int by : {k, -k}) {
                if (!bias_.is_raw()) {
                    add_shift(by, [datapath, by](std::optional<Parameter>& bias) {
                        make_raw(*bias, *datapath);
                        bias->type.format.integer += by;
                        return true;
                    });
                } else {
                    add_shift(by, [by](std::optional<Parameter>& bias) {
                        bias->type.format.integer += by;
                        return true;
                    });
                }
            }
        }
        // A bias that is added at the bottom of the accumulator: as if both had the same lsb.
        if (spec_ == nullptr) return;
        for (const int frac : {spec_->type.format.frac(), bias_.type.format.frac() + products_frac_gap()}) {
            const int by = bias_.type.format.frac() - frac;
            if (std::abs(by) <= 8) continue;
            add_shift(by, [datapath, by](std::optional<Parameter>& bias) {
                make_raw(*bias, *datapath);
                bias->type.format.integer += by;
                return true;
            });
        }
    }

    [[nodiscard]] int products_frac_gap() const {
        return weights_of(site_.node())->type.format.frac() + site_.inputs()[0].type.format.frac() -
               bias_.type.format.frac();
    }

    void add_shift(int by, Edit edit) const {
        const int frac = bias_.type.format.frac();
        add(Cause::BiasAlignment, fmt::format("{} fraction bits", frac), fmt::format("{} fraction bits", frac - by),
            fmt::format("is added {} too {}: as if its words had {} fraction bits, not {}",
                        count_of(std::abs(by), "bit"), by > 0 ? "high" : "low", frac - by, frac),
            3.5 + std::log2(std::abs(by)) * 0.8, fit_, std::move(edit));
    }

    void propose_orders() const {
        const auto n = static_cast<std::size_t>(element_count(bias_.dims));
        if (n < 2) return;
        std::set<std::vector<std::size_t>> seen;
        const auto order = [&](std::vector<std::size_t> from, const std::string& clause, double bits) {
            if (!seen.insert(from).second) return;
            add(Cause::BiasOrder, "of the same channel", clause, fmt::format("is that of {}", clause), bits,
                site_.maker().evidence.constant_per_channel ? 0.9 : 0.4,
                [from = std::move(from)](std::optional<Parameter>& bias) {
                    if (static_cast<std::size_t>(element_count(bias->dims)) != from.size()) return false;
                    gather(*bias, from);
                    return true;
                });
        };
        const auto rotated = [&](std::size_t by) {
            std::vector<std::size_t> from(n);
            for (std::size_t i = 0; i < n; ++i) from[i] = (i + by) % n;
            return from;
        };
        std::vector<std::size_t> same(n);
        std::iota(same.begin(), same.end(), std::size_t{0});
        seen.insert(same);
        order(rotated(1), "the next channel", 4);
        order(rotated(n - 1), "the channel before", 4);
        order({same.rbegin(), same.rend()}, "the channel counted from the other end", 5);
        order(std::vector<std::size_t>(n, 0), "the first channel for all", 5);
        order(std::vector<std::size_t>(n, n - 1), "the last channel for all", 7);
        // Of the channels that are computed next or were computed before, where several are computed at once.
        for (std::size_t by = 2; by <= n / 2; ++by) {
            if (n % by != 0 && (by & (by - 1)) != 0) continue;
            order(rotated(by), fmt::format("the channel {} ahead", by), 6);
            order(rotated(n - by), fmt::format("the channel {} behind", by), 6);
            std::vector<std::size_t> first(n);
            for (std::size_t i = 0; i < n; ++i) first[i] = i / by * by;
            order(first, fmt::format("the first of its {} channels", by), 8);
        }
    }

    void propose_positions() const {
        const bool first = spec_->bias == BiasPosition::First;
        site_.propose({.cause = Cause::BiasPosition,
                       .setting = "bias_position",
                       .expected = first ? "first" : "last",
                       .found = first ? "last" : "first",
                       .text = fmt::format("the bias of '{}' is added {} where the network adds it {}", site_.name(),
                                           first ? "last" : "first", first ? "first" : "last"),
                       .bits = 3,
                       .fit = std::max(0.4, fits_overflow(site_.maker().evidence)),
                       .slot = "bias_position"},
                      [first](Node& node) {
                          AccumulatorSpec* spec = accumulator_of(node);
                          if (spec == nullptr) return false;
                          spec->bias = first ? BiasPosition::Last : BiasPosition::First;
                          return true;
                      });
    }

    void propose_casts() const {
        std::vector<std::optional<FixedType>> seen{spec_->bias_cast};
        const auto print = [](const std::optional<FixedType>& type) { return type ? print_type(*type) : "not cast"; };
        const auto cast = [&](const std::optional<FixedType>& found, double bits) {
            if (std::find(seen.begin(), seen.end(), found) != seen.end()) return;
            if (found && !reason_invalid(*found).empty()) return;
            seen.push_back(found);
            site_.propose({.cause = Cause::BiasCast,
                           .setting = "bias_cast",
                           .expected = print(spec_->bias_cast),
                           .found = print(found),
                           .text = found ? fmt::format("the bias of '{}' is cast to {} before it is added",
                                                       site_.name(), print_type(*found))
                                         : fmt::format("the bias of '{}' is not cast before it is added", site_.name()),
                           .bits = bits,
                           .fit = fit_,
                           .slot = "bias_cast"},
                          [found](Node& node) {
                              AccumulatorSpec* spec = accumulator_of(node);
                              if (spec == nullptr) return false;
                              spec->bias_cast = found;
                              return true;
                          });
        };
        const auto truncated = [](FixedType type) {
            type.rounding = Rounding::Trn;
            type.overflow = Overflow::Wrap;
            type.saturated_bits = 0;
            return type;
        };
        cast(std::nullopt, 3);
        cast(spec_->type, 4);
        cast(site_.node().result, 5);
        if (spec_->product) cast(*spec_->product, 5);
        cast(truncated(spec_->type), 6);
        cast(truncated(site_.node().result), 6);
        FixedType products = truncated(spec_->type);
        products.format.width = products.format.integer + bias_.type.format.frac() + products_frac_gap();
        cast(products, 7);
        // A narrower register for it, cut at its lower or its upper end.
        for (int k = 1; k <= 4; ++k) {
            for (const bool rounds : {false, true}) {
                FixedType narrow = truncated(bias_.type);
                narrow.format.width -= k;
                if (rounds) {
                    narrow.rounding = Rounding::Rnd;
                    narrow.overflow = Overflow::Sat;
                }
                cast(narrow, 6.5);
            }
            FixedType low = truncated(bias_.type);
            low.format.width -= k;
            low.format.integer -= k;
            if (k <= 2) cast(low, 7);
        }
        // A wide one in a register of the usual widths, or of any number of bits less.
        for (int k = 3; k <= 16 && k <= bias_.type.format.width - 4; ++k) {
            FixedType low = truncated(bias_.type);
            low.format.width -= k;
            low.format.integer -= k;
            cast(low, 6 + std::log2(k));
        }
        // Cut at its lower end, its overflow mode kept.
        for (int k = 1; k <= 4; ++k) {
            FixedType narrow = bias_.type;
            narrow.rounding = Rounding::Trn;
            narrow.format.width -= k;
            cast(narrow, 6);
        }
    }

    void propose_behind_the_cast() const {
        site_.propose_chain(
            {.cause = Cause::BiasPosition,
             .setting = "bias_position",
             .expected = spec_->bias == BiasPosition::First ? "first" : "last",
             .found = "behind the result's cast",
             .text = fmt::format("the bias of '{}' is added behind the cast of its result", site_.name()),
             .bits = 5,
             .fit = 0.5,
             .slot = "bias_position"},
            [](Variant& variant, int index) {
                Node& node = variant.chain.nodes[static_cast<std::size_t>(index)];
                std::optional<Parameter>* bias = bias_of(node);
                if (bias == nullptr || !*bias) return false;
                Parameter one{.dims = {1}, .raw = {1}, .type = {.format = {1, 1, false}}};
                Node add{.op = Affine{.scale = std::move(one), .bias = std::move(*bias)}, .result = node.result};
                bias->reset();
                insert_behind(variant, index, std::move(add));
                return true;
            });
    }

    const Site& site_;
    const Parameter& bias_;
    const AccumulatorSpec* spec_;  // null: an affine layer
    double fit_;
};

}  // namespace

void add_bias_changes(const Maker& maker) {
    for_each_site(maker, [](const Site& site) {
        const std::optional<Parameter>* bias = bias_of(site.node());
        if (bias != nullptr && *bias) Biases(site).propose();
        if (bias != nullptr && !*bias) add_unknown_bias(site);
    });
}

}  // namespace bittrue::diagnose_detail
