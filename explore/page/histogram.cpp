#include "page/histogram.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "page/axis.hpp"

namespace bittrue::explore {

namespace {

constexpr double kWidth = 480, kHeight = 190, kLeft = 44, kRight = 12, kTop = 24, kBottom = 30;
constexpr double kLeastTooth = 3;  // of the comb of values, in units of the drawing

double bin_width(const Histogram& h) {
    return (h.high - h.low) / static_cast<double>(std::max<std::size_t>(h.counts.size(), 1));
}

// The numbers, and the ends of the type where they are not much farther out.
Span domain(const Histogram& h, const ChosenType& ours) {
    Span span{h.low, h.high};
    const double far = 0.5 * (h.high > h.low ? h.high - h.low : 1);
    if (ours.grid) {
        if (ours.grid->low > h.low - far) span.take(ours.grid->low);
        if (ours.grid->high < h.high + far) span.take(ours.grid->high);
    }
    const double room = 0.02 * (span.high - span.low);
    return {span.low - room, span.high + room};
}

std::string count_text(double count) {
    if (count >= 1e6) return fmt::format("{:g} M", count / 1e6);
    return count >= 1e3 ? fmt::format("{:g} k", count / 1e3) : fmt::format("{:g}", count);
}

std::string number(double x) {
    return fmt::format("{:.4g}", x);
}

class Drawing {
public:
    explicit Drawing(const HistogramFigure& f)
        : f_(f), h_(f.histogram), x_(domain(f.histogram, f.ours), kLeft, kWidth - kRight) {
        for (const std::uint64_t c : h_.counts) most_ = std::max(most_, static_cast<double>(c));
    }

    [[nodiscard]] std::string svg() const {
        return fmt::format(R"(<svg class="histogram" viewBox="0 0 {} {}" role="group" aria-label="{}">)", kWidth,
                           kHeight, escaped(f_.title)) +
               count_axis() + number_axis() + bars() + comb() + ends(f_.naive, "naive-end", false) +
               ends(f_.ours, "end", true) + "</svg>";
    }

private:
    static constexpr double kFloor = kHeight - kBottom;

    // Logarithmic, because what leaves a type's range is rare; one number is still seen.
    [[nodiscard]] double y(double count) const {
        return kFloor - (kFloor - kTop) * std::log(1 + count) / std::log(1 + std::max(most_, 1.0));
    }
    [[nodiscard]] std::string count_axis() const {
        std::string svg;
        for (double c = 1; c <= most_; c *= 10) {
            svg += fmt::format(
                R"(<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text class="tick" text-anchor="end" x="{}" y="{:.1f}">{}</text>)",
                kLeft, kWidth - kRight, y(c), y(c), kLeft - 6, y(c) + 4, count_text(c));
        }
        return svg;
    }
    [[nodiscard]] std::string number_axis() const {
        std::string svg = fmt::format(R"(<line class="floor" x1="{}" x2="{}" y1="{}" y2="{}"/>)", kLeft,
                                      kWidth - kRight, kFloor, kFloor);
        for (const double t : x_.marks()) {
            svg += fmt::format(R"(<text class="tick" text-anchor="middle" x="{:.1f}" y="{}">{}</text>)", x_(t),
                               kHeight - 6, axis_number(t));
        }
        return svg;
    }
    [[nodiscard]] std::string bars() const {
        std::string svg;
        const double width = bin_width(h_);
        for (std::size_t i = 0; i < h_.counts.size(); ++i) {
            if (h_.counts[i] == 0) continue;
            const double low = h_.low + width * static_cast<double>(i);
            const double high = low + width;
            const double middle = (low + high) / 2;
            const bool outside = f_.ours.grid && (middle < f_.ours.grid->low || middle > f_.ours.grid->high);
            const auto count = static_cast<double>(h_.counts[i]);
            svg += fmt::format(
                R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{} to {}: {}{}</title></rect>)",
                outside ? "bar outside" : "bar", x_(low), y(count), std::max(x_(high) - x_(low) - 0.4, 0.6),
                kFloor - y(count), number(low), number(high), h_.counts[i], outside ? " (out of range)" : "");
        }
        return svg;
    }
    // The values that the type has, while they can be told apart.
    [[nodiscard]] std::string comb() const {
        if (!f_.ours.grid) return {};
        const Grid& g = *f_.ours.grid;
        const double tooth = x_(g.low + g.step) - x_(g.low);
        if (!(tooth >= kLeastTooth)) return {};
        std::string path;
        const double first = std::max(g.low, g.low + g.step * std::ceil((x_.low() - g.low) / g.step));
        for (double v = first; v <= std::min(g.high, x_.high()) + g.step / 4; v += g.step)
            path += fmt::format("M{:.1f} {}v6", x_(v), kFloor);
        return fmt::format(R"(<path class="comb" d="{}"/>)", path);
    }
    [[nodiscard]] std::string ends(const ChosenType& type, const char* style, bool labelled) const {
        std::string svg;
        if (!type.grid) return svg;
        for (const double end : {type.grid->low, type.grid->high}) {
            if (end < x_.low() || end > x_.high()) continue;
            svg += fmt::format(
                R"(<line class="{0}" x1="{1:.1f}" x2="{1:.1f}" y1="{2}" y2="{3}"><title>{4}</title></line>)", style,
                x_(end), kTop - 6, kFloor, escaped(type.text + " ends at " + number(end)));
            if (!labelled) continue;
            const char* anchor = x_(end) < kLeft + 30 ? "start" : x_(end) > kWidth - kRight - 30 ? "end" : "middle";
            svg += fmt::format(R"(<text class="end-label" text-anchor="{}" x="{:.1f}" y="{}">{}</text>)", anchor,
                               x_(end), kTop - 10, number(end));
        }
        return svg;
    }

    const HistogramFigure& f_;
    const Histogram& h_;
    Axis x_;
    double most_ = 0;
};

// "2^-7" where it is a power of two.
std::string step_words(double step) {
    int exponent = 0;
    return std::frexp(step, &exponent) == 0.5 ? fmt::format("2^{}", exponent - 1) : number(step);
}

}  // namespace

std::string words_of(const Grid& g) {
    return fmt::format("{} to {} in steps of {}", number(g.low), number(g.high), step_words(g.step));
}

namespace {

std::string words_of(const ChosenType& type) {
    return escaped(type.text) + (type.grid ? ": " + words_of(*type.grid) : "");
}

}  // namespace

Histogram histogram_of(std::span<const double> values, double low, double high, std::size_t bins) {
    Histogram h{.low = low, .high = high, .counts = std::vector<std::uint64_t>(std::max<std::size_t>(bins, 1), 0)};
    const double last = static_cast<double>(h.counts.size() - 1);
    const double scale = high > low ? static_cast<double>(h.counts.size()) / (high - low) : 0;
    for (const double x : values) {
        if (!std::isfinite(x)) continue;
        ++h.counts[static_cast<std::size_t>(std::clamp(std::floor((x - low) * scale), 0.0, last))];
    }
    return h;
}

Histogram histogram_of(std::span<const double> values, std::size_t bins) {
    Span span;
    for (const double x : values) {
        if (std::isfinite(x)) span.take(x);
    }
    if (span.empty()) return {};
    return histogram_of(values, span.low, span.high, bins);
}

Grid grid_of(const FixedType& type) {
    const int frac = type.format.frac();
    return {value_of(range_min(type), frac), value_of(range_max(type), frac), value_of(1, frac)};
}

ChosenType::ChosenType(const FixedType& type) : text(print_type(type)), grid(grid_of(type)) {}

std::string histogram_figure(const HistogramFigure& f) {
    if (f.histogram.counts.empty()) return {};
    std::string html =
        fmt::format("<figure{}><figcaption>{}</figcaption>{}<p class=\"soft\">{}",
                    f.starts_row ? " class=\"start\"" : "", escaped(f.title), Drawing(f).svg(), words_of(f.ours));
    if (!f.remark.empty()) html += "; " + escaped(f.remark);
    if (!f.naive.text.empty()) html += "<br>naive " + words_of(f.naive);
    return html + "</p></figure>\n";
}

}  // namespace bittrue::explore
