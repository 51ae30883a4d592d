#include <algorithm>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/model/notation.hpp"
#include "page/charts.hpp"

namespace bittrue::cli {

namespace {

constexpr double kWidth = 480, kLabel = 110, kRow = 20, kNumber = 70, kTop = 4;

std::string signed_raw(i128 raw) {
    return (raw > 0 ? "+" : "") + print_raw(raw);
}

std::string name_of(const DistanceBucket& b) {
    return b.low == b.high ? signed_raw(b.low) : signed_raw(b.low) + ".." + signed_raw(b.high);
}

std::vector<DistanceBucket> buckets_of(const LayerFacts& layer) {
    const PageWords& w = layer.words;
    if (!w.by_itself) return layer.diff->histogram;
    std::vector<DistanceBucket> buckets;
    for (std::size_t i = 0; i < w.wrong.size(); ++i) {
        if (w.wrong[i] == 0) continue;
        DistanceBucket b = bucket_of(raw_from_word(w.actual[i], w.format) - raw_from_word(w.expected[i], w.format));
        const auto at =
            std::lower_bound(buckets.begin(), buckets.end(), b,
                             [](const DistanceBucket& x, const DistanceBucket& y) { return x.low < y.low; });
        if (at == buckets.end() || at->low != b.low)
            b.count = 1, buckets.insert(at, b);
        else
            ++at->count;
    }
    return buckets;
}

}  // namespace

std::string distance_chart(const LayerFacts& layer) {
    const std::vector<DistanceBucket> buckets = buckets_of(layer);
    if (buckets.empty()) return {};
    std::int64_t most = 1;
    for (const DistanceBucket& b : buckets) most = std::max(most, b.count);
    const double height = kTop + kRow * static_cast<double>(buckets.size()) + 4;
    std::string svg = fmt::format(
        R"(<figure><figcaption>By how much: distances in lsb, actual - expected</figcaption><svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="Distances of the wrong words in lsb">)",
        kWidth, height);
    double y = kTop;
    for (const DistanceBucket& b : buckets) {
        const double width =
            std::max(1.5, (kWidth - kLabel - kNumber) * static_cast<double>(b.count) / static_cast<double>(most));
        svg += fmt::format(
            R"(<text class="tick" text-anchor="end" x="{}" y="{}">{}</text><rect class="{}" x="{}" y="{}" width="{:.1f}" height="{}"/><text x="{:.1f}" y="{}">{}</text>)",
            kLabel - 8, y + 14, explore::escaped(name_of(b)), b.low < 0 ? "below" : "above", kLabel, y + 2, width,
            kRow - 5, kLabel + width + 6, y + 14, grouped(b.count));
        y += kRow;
    }
    svg += fmt::format(R"(<line class="floor" x1="{0}" x2="{0}" y1="0" y2="{1}"/></svg>)", kLabel, height);
    if (layer.diff->words_undefined > 0)
        svg += fmt::format("<p class=\"soft\">{} with undefined bits have no distance.</p>",
                           counted_words(layer.diff->words_undefined));
    return svg + "</figure>\n";
}

}  // namespace bittrue::cli
