#include <algorithm>

#include <fmt/format.h>

#include "page/charts.hpp"

namespace bittrue::cli {

namespace {

constexpr double kWidth = 480, kHeight = 110, kLeft = 44, kRight = 14, kTop = 8, kBottom = 24;
constexpr double kWidest = 14;  // of a bar
constexpr double kFloor = kHeight - kBottom;
constexpr std::size_t kBars = 200, kNamed = 24;

std::string names_of(const std::vector<std::int64_t>& wrong, std::int64_t different) {
    std::string names;
    std::size_t named = 0;
    for (std::size_t i = 0; i < wrong.size() && named < kNamed; ++i) {
        if (wrong[i] == 0) continue;
        names += fmt::format("{}{}", named == 0 ? "" : ", ", i);
        ++named;
    }
    const std::int64_t more = different - static_cast<std::int64_t>(named);
    return more == 0 ? names : fmt::format("{} and {} more", names, grouped(more));
}

// A bar for each image, or for some beside each other.
std::string bars_svg(const std::vector<std::int64_t>& wrong) {
    const std::size_t images = wrong.size();
    const std::size_t block = (images + kBars - 1) / kBars, bars = (images + block - 1) / block;
    std::vector<std::int64_t> heights(bars);
    for (std::size_t i = 0; i < images; ++i) heights[i / block] += wrong[i];
    const std::int64_t most = *std::max_element(heights.begin(), heights.end());
    const double step = (kWidth - kLeft - kRight) / static_cast<double>(bars);
    std::string svg = fmt::format(
        R"(<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="Wrong words of each image"><text class="tick" text-anchor="end" x="{}" y="{}">{}</text><text class="tick" text-anchor="end" x="{}" y="{}">0</text>)",
        kWidth, kHeight, kLeft - 6, kTop + 8, grouped(most), kLeft - 6, kFloor);
    for (std::size_t b = 0; b < bars; ++b) {
        if (heights[b] == 0) continue;
        const double height =
            std::max(1.5, (kFloor - kTop) * static_cast<double>(heights[b]) / static_cast<double>(most));
        const std::size_t last = std::min(images, (b + 1) * block) - 1;
        svg += fmt::format(
            R"(<rect class="hot" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>image{}: {} wrong</title></rect>)",
            kLeft + step * static_cast<double>(b), kFloor - height, std::clamp(step - 0.6, 0.8, kWidest), height,
            last == b * block ? fmt::format(" {}", last) : fmt::format("s {} to {}", b * block, last),
            counted_words(heights[b]));
    }
    svg += fmt::format(
        R"(<line class="floor" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}">image 0</text><text class="tick" text-anchor="end" x="{}" y="{}">image {}</text></svg>)",
        kLeft, kWidth - kRight, kFloor, kFloor, kLeft, kHeight - 8, kWidth - kRight, kHeight - 8, images - 1);
    return svg;
}

}  // namespace

std::string image_chart(const PageWords& w) {
    const auto images = static_cast<std::size_t>(w.images());
    if (images < 2) return {};
    const auto per_image = static_cast<std::size_t>(w.shape.count());
    std::vector<std::int64_t> wrong(images);
    for (std::size_t i = 0; i < w.wrong.size(); ++i) wrong[i / per_image] += w.wrong[i];
    const auto different = std::count_if(wrong.begin(), wrong.end(), [](std::int64_t n) { return n > 0; });
    if (different == 0) return {};
    const auto worst = std::max_element(wrong.begin(), wrong.end());
    return "<figure><figcaption>Which images</figcaption>" + bars_svg(wrong) +
           fmt::format(
               "<p class=\"soft\">Wrong in {} of {} images: {}. Most in image {}: {} of {} words.</p></figure>\n",
               grouped(different), grouped(static_cast<std::int64_t>(images)), names_of(wrong, different),
               worst - wrong.begin(), grouped(*worst), grouped(static_cast<std::int64_t>(per_image)));
}

}  // namespace bittrue::cli
