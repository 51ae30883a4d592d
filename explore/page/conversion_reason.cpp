// Why a naive conversion fails, in words.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/explore/conversion_report.hpp"
#include "page/histogram.hpp"

namespace bittrue::explore {

namespace {

constexpr double kNotable = 0.001;  // a share of words that is out of range and matters

std::string number(double x) {
    return fmt::format("{:.4g}", x);
}

// SQNR with the infinite ones in order and the unknown ones last.
double noise_rank(double db) {
    return std::isnan(db) ? std::numeric_limits<double>::infinity() : db;
}

std::string range_words(const ChosenType& type) {
    return type.grid ? words_of(*type.grid) : type.text;
}

}  // namespace

std::string why_naive_fails(const ConversionReport& r) {
    if (r.naive.good >= r.float_good || r.layers.empty() || r.images == 0) return {};
    const auto excess = [](const LayerConversion& l) { return l.naive.out_of_range - l.ours.out_of_range; };
    const auto worst = std::max_element(r.layers.begin(), r.layers.end(),
                                        [&](const auto& a, const auto& b) { return excess(a) < excess(b); });
    const auto noisiest = std::min_element(r.layers.begin(), r.layers.end(), [](const auto& a, const auto& b) {
        return noise_rank(a.naive.sqnr_db) < noise_rank(b.naive.sqnr_db);
    });
    const bool range = excess(*worst) > kNotable;
    const LayerConversion& l = range ? *worst : *noisiest;
    std::string text =
        fmt::format("The naive conversion{} loses {:.2f} points. Worst off is '{}', whose numbers go from {} to {}: ",
                    r.naive_rule.empty() ? "" : " (" + r.naive_rule + ")",
                    100 * static_cast<double>(r.float_good - r.naive.good) / static_cast<double>(r.images), l.layer,
                    number(l.float_low), number(l.float_high));
    text += range ? fmt::format("its naive type has {}, so that {} of its words are out of range",
                                range_words(l.naive.result), fmt::format("{:.2f} %", 100 * l.naive.out_of_range))
                  : fmt::format("its naive type has {}, which is too coarse", range_words(l.naive.result));
    text += std::isfinite(l.naive.sqnr_db) ? fmt::format(" and the SQNR is {:.1f} dB. ", l.naive.sqnr_db) : ". ";
    text += fmt::format("The type chosen here has {}", range_words(l.ours.result));
    return text + (std::isfinite(l.ours.sqnr_db) ? fmt::format(": {:.1f} dB.", l.ours.sqnr_db) : ".");
}

}  // namespace bittrue::explore
