// What both sides hold, against the format's range.
#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/model/notation.hpp"
#include "page/charts.hpp"

namespace bittrue::cli {

namespace {

constexpr double kWidth = 480, kHeight = 200, kLeft = 44, kRight = 14, kTop = 26, kBottom = 26;
constexpr double kFloor = kHeight - kBottom;
constexpr int kBins = 64;

struct Ends {
    std::int64_t expected = 0, actual = 0;
};

class Values {
public:
    explicit Values(const PageWords& w) : w_(w) {
        for (std::size_t i = 0; i < w.expected.size(); ++i) {
            if (w.unknown[i] != 0) continue;
            take(raw_from_word(w.expected[i], w.format));
            take(raw_from_word(w.actual[i], w.format));
        }
        if (low_ > high_) return;
        if (w.has_format) find_domain();
        width_ = 1;
        while ((high_ - low_) / width_ >= kBins) width_ *= 2;
        bins_ = static_cast<std::size_t>((high_ - low_) / width_) + 1;
        expected_.resize(bins_);
        actual_.resize(bins_);
        for (std::size_t i = 0; i < w.expected.size(); ++i) {
            if (w.unknown[i] != 0) continue;
            const i128 want = raw_from_word(w.expected[i], w.format), got = raw_from_word(w.actual[i], w.format);
            ++expected_[bin(want)];
            ++actual_[bin(got)];
            bottom_.expected += want == raw_min(w.format) ? 1 : 0;
            bottom_.actual += got == raw_min(w.format) ? 1 : 0;
            top_.expected += want == raw_max(w.format) ? 1 : 0;
            top_.actual += got == raw_max(w.format) ? 1 : 0;
        }
        for (std::size_t b = 0; b < bins_; ++b) most_ = std::max({most_, expected_[b], actual_[b]});
    }

    [[nodiscard]] std::string html() const {
        if (bins_ == 0) return {};
        return "<figure><figcaption>The values, and what the format can hold</figcaption>" + svg() +
               "<ul class=\"legend values\"><li><span class=\"swatch found\"></span>the dump</li><li><span "
               "class=\"swatch "
               "wanted\"></span>expected</li></ul>" +
               remark() + "</figure>\n";
    }

private:
    void take(i128 raw) {
        low_ = std::min(low_, raw);
        high_ = std::max(high_, raw);
    }
    [[nodiscard]] std::size_t bin(i128 raw) const { return static_cast<std::size_t>((raw - low_) / width_); }

    // The whole range, unless the words fill only a small part of it.
    void find_domain() {
        const i128 all = raw_max(w_.format) - raw_min(w_.format) + 1;
        const i128 used = high_ - low_ + 1;
        if (used * 8 < all) {
            const i128 room = std::max<i128>(used / 8, 1);
            // A word of the dump may lie outside of the format.
            low_ = std::min(low_, std::max(low_ - room, raw_min(w_.format)));
            high_ = std::max(high_, std::min(high_ + room, raw_max(w_.format)));
            partly_ = true;
            return;
        }
        take(raw_min(w_.format));
        take(raw_max(w_.format));
    }

    [[nodiscard]] double x(i128 raw) const {
        const double span = static_cast<double>(width_) * static_cast<double>(bins_);
        return kLeft + (kWidth - kLeft - kRight) * static_cast<double>(raw - low_) / span;
    }
    // Logarithmic, because what leaves the range is rare; one word is still seen.
    [[nodiscard]] double y(std::int64_t count) const {
        return kFloor - (kFloor - kTop) * std::log1p(static_cast<double>(count)) /
                            std::log1p(static_cast<double>(std::max<std::int64_t>(most_, 1)));
    }
    [[nodiscard]] double lsb() const { return w_.has_format ? std::ldexp(1.0, -w_.format.frac()) : 1; }
    [[nodiscard]] std::string value(i128 raw) const {
        return w_.has_format ? print_value(raw, w_.format.frac()) : print_raw(raw);
    }

    [[nodiscard]] std::string axes() const {
        std::string svg;
        for (std::int64_t c = 1; c <= most_; c *= 10) {
            svg += fmt::format(
                R"(<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text class="tick" text-anchor="end" x="{}" y="{:.1f}">{}</text>)",
                kLeft, kWidth - kRight, y(c), y(c), kLeft - 6, y(c) + 4, grouped(c));
        }
        const double low = static_cast<double>(low_) * lsb(), high = static_cast<double>(high_) * lsb();
        for (const double t : explore::ticks(low, high, 6)) {
            if (t < low || t > high + lsb()) continue;
            const double at = kLeft + (kWidth - kLeft - kRight) * (t - low) /
                                          (static_cast<double>(width_) * static_cast<double>(bins_) * lsb());
            svg += fmt::format(R"(<text class="tick" text-anchor="middle" x="{:.1f}" y="{}">{:.6g}</text>)", at,
                               kHeight - 8, t);
        }
        return svg + fmt::format(R"(<line class="floor" x1="{}" x2="{}" y1="{}" y2="{}"/>)", kLeft, kWidth - kRight,
                                 kFloor, kFloor);
    }
    // An end's bin of a signed format, and the upper one of an unsigned: words that may have saturated.
    [[nodiscard]] bool is_tail(std::size_t b) const {
        if (!w_.has_format) return false;
        return (w_.format.is_signed && bin_or_none(raw_min(w_.format)) == b && bottom_.expected + bottom_.actual > 0) ||
               (bin_or_none(raw_max(w_.format)) == b && top_.expected + top_.actual > 0);
    }
    [[nodiscard]] std::size_t bin_or_none(i128 raw) const {
        return raw < low_ || raw > high_ ? static_cast<std::size_t>(-1) : bin(raw);
    }
    [[nodiscard]] std::string bars() const {
        std::string svg, outline;
        for (std::size_t b = 0; b < bins_; ++b) {
            const i128 from = low_ + width_ * static_cast<i128>(b);
            const double left = x(from), right = x(from + width_);
            if (actual_[b] > 0) {
                svg += fmt::format(
                    R"(<rect class="found{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}{}: {} expected, {} in the dump</title></rect>)",
                    is_tail(b) ? " tail" : "", left, y(actual_[b]), std::max(right - left - 0.6, 0.8),
                    kFloor - y(actual_[b]), value(from), width_ > 1 ? " to " + value(from + width_ - 1) : "",
                    grouped(expected_[b]), grouped(actual_[b]));
            }
            if (outline.empty()) outline = fmt::format("M{:.1f} {:.1f}", left, kFloor);
            outline += fmt::format("V{:.1f}H{:.1f}", y(expected_[b]), right);
        }
        return svg + fmt::format(R"(<path class="wanted" d="{}V{:.1f}"/>)", outline, kFloor);
    }
    [[nodiscard]] std::string ends() const {
        if (!w_.has_format) return {};
        std::string svg;
        const auto end = [&](i128 raw, double at) {
            if (raw < low_ || raw > high_) return;
            const char* anchor = at < kLeft + 40 ? "start" : at > kWidth - kRight - 40 ? "end" : "middle";
            svg += fmt::format(
                R"(<line class="end" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/><text class="end-label" text-anchor="{3}" x="{0:.1f}" y="{4}">{5}</text>)",
                at, kTop - 6, kFloor, anchor, kTop - 10, value(raw));
        };
        end(raw_min(w_.format), x(raw_min(w_.format)));
        end(raw_max(w_.format), x(raw_max(w_.format) + 1));
        return svg;
    }
    [[nodiscard]] std::string svg() const {
        return fmt::format(
                   R"(<svg class="values" viewBox="0 0 {} {}" role="img" aria-label="Histogram of the values of both sides">)",
                   kWidth, kHeight) +
               axes() + bars() + ends() + "</svg>";
    }
    [[nodiscard]] std::string remark() const {
        std::string text;
        if (!w_.has_format) return text;
        const auto tail = [&](const char* which, i128 raw, const Ends& n) {
            if (n.expected + n.actual == 0) return;
            text += fmt::format("{} word ({}): {} expected, {} in the dump. ", which, value(raw), grouped(n.expected),
                                grouped(n.actual));
        };
        tail("Lowest", raw_min(w_.format), bottom_);
        tail("Highest", raw_max(w_.format), top_);
        if (text.empty()) text = "No word is at an end of the range. ";
        if (partly_)
            text += fmt::format("The format reaches from {} to {}: only the part with words is drawn.",
                                value(raw_min(w_.format)), value(raw_max(w_.format)));
        return "<p class=\"soft\">" + text + "</p>";
    }

    const PageWords& w_;
    i128 low_ = (i128{1} << 100), high_ = -(i128{1} << 100), width_ = 1;
    std::size_t bins_ = 0;
    std::vector<std::int64_t> expected_{}, actual_{};
    std::int64_t most_ = 0;
    Ends bottom_{}, top_{};
    bool partly_ = false;
};

}  // namespace

std::string value_chart(const PageWords& words) {
    return words.expected.empty() ? std::string() : Values(words).html();
}

}  // namespace bittrue::cli
