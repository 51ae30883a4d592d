#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "page/charts.hpp"

namespace bittrue::cli {

namespace {

constexpr std::size_t kMapsShown = 16;
constexpr std::int64_t kMostCells = 64;      // along an axis; larger maps are drawn in blocks
constexpr std::int64_t kNumberedCells = 64;  // of a vector whose cells are large enough for numbers
constexpr std::int64_t kStripWidth = 16;
constexpr int kShades = 8;

struct Counts {
    std::vector<std::int64_t> by_element{};  // of one image: in how many images it is wrong
    std::vector<std::int64_t> by_channel{};
    std::int64_t most = 0;  // of by_element
};

Counts count_wrong(const PageWords& w) {
    Counts c;
    const std::int64_t per_image = w.shape.count();
    c.by_element.resize(static_cast<std::size_t>(per_image));
    c.by_channel.resize(static_cast<std::size_t>(w.shape.channels()));
    std::size_t element = 0;
    for (const std::uint8_t wrong : w.wrong) {
        c.by_element[element] += wrong;
        if (++element == c.by_element.size()) element = 0;
    }
    for (std::int64_t e = 0; e < per_image; ++e) {
        const std::int64_t n = c.by_element[static_cast<std::size_t>(e)];
        c.by_channel[static_cast<std::size_t>(w.shape.channel_of(e))] += n;
        c.most = std::max(c.most, n);
    }
    return c;
}

// Cells of a grid with how many words of each are wrong.
struct Grid {
    std::int64_t rows = 0, columns = 0;
    std::vector<std::int64_t> cells{};
    [[nodiscard]] std::int64_t& at(std::int64_t row, std::int64_t column) {
        return cells[static_cast<std::size_t>(row * columns + column)];
    }
};

// Cells of one shade are one path: a picture of thousands of cells stays small. A cell with one wrong word is seen.
std::string grid_svg(Grid grid, std::int64_t most, const std::string& label, std::int64_t marked) {
    std::array<std::string, kShades> paths;
    for (std::int64_t r = 0; r < grid.rows; ++r) {
        for (std::int64_t c = 0; c < grid.columns;) {
            const auto shade_of = [&](std::int64_t n) { return (n * kShades + most - 1) / most; };
            const std::int64_t shade = shade_of(grid.at(r, c));
            std::int64_t run = 1;
            while (c + run < grid.columns && shade_of(grid.at(r, c + run)) == shade) ++run;
            if (shade > 0)
                paths[static_cast<std::size_t>(shade - 1)] += fmt::format("M{} {}h{}v1h-{}z", c, r, run, run);
            c += run;
        }
    }
    // Small maps are enlarged to the same size as large ones.
    std::string svg = fmt::format(
        R"(<svg class="map" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title><rect class="frame" width="{}" height="{}"/>)",
        grid.columns, grid.rows, explore::escaped(label), explore::escaped(label), grid.columns, grid.rows);
    for (int s = 0; s < kShades; ++s) {
        if (!paths[static_cast<std::size_t>(s)].empty())
            svg += fmt::format(R"(<path class="h{}" d="{}"/>)", s + 1, paths[static_cast<std::size_t>(s)]);
    }
    if (marked >= 0)
        svg += fmt::format(R"(<rect class="mark" x="{}" y="{}" width="1" height="1"/>)", marked % grid.columns,
                           marked / grid.columns);
    return svg + "</svg>";
}

// What the shades mean, and how many images there are.
std::string shades(std::int64_t most, std::int64_t images) {
    std::string html = "<p class=\"soft shades\">Wrong words at a place: ";
    if (most > 1) {
        html += "1 <svg viewBox=\"0 0 8 1\" aria-hidden=\"true\">";
        for (int s = 0; s < kShades; ++s)
            html += fmt::format(R"(<rect class="h{}" x="{}" width="1" height="1"/>)", s + 1, s);
        html += "</svg> ";
    }
    return html + fmt::format("{} (of {} image{}). The framed place is that of the first wrong word.</p>",
                              grouped(most), grouped(images), images == 1 ? "" : "s");
}

std::string vector_strip(const PageWords& w, const Counts& counts) {
    const std::int64_t n = w.shape.count();
    explore::HeatMap map{.title = "Which elements are wrong, in percent of the images",
                         .x_title = "element (column added to row)"};
    for (std::int64_t c = 0; c < std::min(n, kStripWidth); ++c) map.columns.push_back(fmt::format("+{}", c));
    if (n <= kStripWidth) {
        map.x_title = "element";
        for (std::int64_t c = 0; c < n; ++c) map.columns[static_cast<std::size_t>(c)] = std::to_string(c);
    }
    for (std::int64_t r = 0; r * kStripWidth < n; ++r) {
        map.rows.push_back(n <= kStripWidth ? "" : std::to_string(r * kStripWidth));
        auto& cells = map.cells.emplace_back();
        for (std::int64_t c = 0; c < std::min(n, kStripWidth); ++c) {
            const std::int64_t e = r * kStripWidth + c;
            if (e >= n) {
                cells.push_back({0, "no element"});
                continue;
            }
            const std::int64_t wrong = counts.by_element[static_cast<std::size_t>(e)];
            cells.push_back(
                {static_cast<double>(wrong) / static_cast<double>(std::max<std::int64_t>(w.images(), 1)),
                 fmt::format("element {}: wrong in {} of {} images", e, grouped(wrong), grouped(w.images()))});
        }
    }
    return explore::heat_map(map);
}

std::string long_vector(const PageWords& w, const Counts& counts, const Mismatch* first) {
    const std::int64_t n = w.shape.count();
    Grid grid{.rows = (n + kMostCells - 1) / kMostCells, .columns = kMostCells};
    grid.cells.assign(static_cast<std::size_t>(grid.rows * grid.columns), 0);
    std::copy(counts.by_element.begin(), counts.by_element.end(), grid.cells.begin());
    const auto wrong =
        std::count_if(counts.by_element.begin(), counts.by_element.end(), [](std::int64_t c) { return c > 0; });
    const std::string label = fmt::format("{} of {} elements are wrong in some image", grouped(wrong), grouped(n));
    return fmt::format(
               "<figure><figcaption>Which elements are wrong</figcaption><p class=\"soft\">{}; {} a row, the first at "
               "the top left.</p><div class=\"long\">{}</div>",
               label, kMostCells,
               grid_svg(std::move(grid), counts.most, label, first != nullptr ? first->flat % n : -1)) +
           shades(counts.most, w.images()) + "</figure>\n";
}

std::string channel_map(const PageWords& w, const Counts& counts, std::int64_t channel, std::int64_t block,
                        std::int64_t most, const Mismatch* first) {
    const std::int64_t height = w.shape.height(), width = w.shape.width();
    Grid grid{.rows = (height + block - 1) / block, .columns = (width + block - 1) / block};
    grid.cells.assign(static_cast<std::size_t>(grid.rows * grid.columns), 0);
    std::int64_t worst = -1, worst_y = 0, worst_x = 0, marked = -1;
    const std::int64_t first_element = first != nullptr ? first->flat % w.shape.count() : -1;
    for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
            const std::int64_t element = w.shape.index(channel, y, x);
            const std::int64_t n = counts.by_element[static_cast<std::size_t>(element)];
            grid.at(y / block, x / block) += n;
            if (n > worst) worst = n, worst_y = y, worst_x = x;
            if (element == first_element) marked = y / block * grid.columns + x / block;
        }
    }
    const std::int64_t wrong = counts.by_channel[static_cast<std::size_t>(channel)];
    const std::string label = fmt::format("channel {}: {} wrong, most at row {}, column {} ({} of {} images)", channel,
                                          counted_words(wrong), worst_y, worst_x, grouped(worst), grouped(w.images()));
    return fmt::format("<div>{}<span>channel {}<br><b>{}</b> wrong</span></div>",
                       grid_svg(std::move(grid), most, label, marked), channel, grouped(wrong));
}

std::string left_out(const Counts& counts, const std::vector<std::int64_t>& order, std::size_t wrong) {
    std::string text;
    if (wrong > kMapsShown) {
        const auto count = [&](std::size_t i) { return counts.by_channel[static_cast<std::size_t>(order[i])]; };
        const std::int64_t low = count(wrong - 1), high = count(kMapsShown);
        text = fmt::format("{} more channels with {} wrong words each are not drawn. ", wrong - kMapsShown,
                           low == high ? grouped(low) : grouped(low) + " to " + grouped(high));
    }
    if (const std::size_t clean = order.size() - wrong; clean > 0)
        text += fmt::format("{} of {} channels {} no wrong word.", clean, order.size(), clean == 1 ? "has" : "have");
    return text.empty() ? text : "<p class=\"soft\">" + text + "</p>";
}

std::string channel_maps(const PageWords& w, const Counts& counts, const Mismatch* first) {
    std::vector<std::int64_t> order(counts.by_channel.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
        return counts.by_channel[static_cast<std::size_t>(a)] > counts.by_channel[static_cast<std::size_t>(b)];
    });
    const auto wrong = static_cast<std::size_t>(
        std::count_if(counts.by_channel.begin(), counts.by_channel.end(), [](std::int64_t n) { return n > 0; }));
    const std::int64_t block = (std::max(w.shape.height(), w.shape.width()) + kMostCells - 1) / kMostCells;
    std::string html = fmt::format(
        "<figure><figcaption>Where the wrong words stand: one map per channel, all images{}</figcaption><div "
        "class=\"maps\">",
        wrong > 1 ? ", most wrong words first" : "");
    for (std::size_t i = 0; i < std::min(wrong, kMapsShown); ++i)
        html += channel_map(w, counts, order[i], block, counts.most * block * block, first);
    html += "</div>" + shades(counts.most * block * block, w.images());
    if (block > 1) html += fmt::format("<p class=\"soft\">A cell stands for {0} x {0} places.</p>", block);
    return html + left_out(counts, order, wrong) + "</figure>\n";
}

}  // namespace

std::string mismatch_maps(const PageWords& words, const Mismatch* first) {
    if (words.wrong.empty() || words.shape.count() == 0) return {};
    const Counts counts = count_wrong(words);
    if (counts.most == 0) return {};
    if (words.shape.layout != Layout::Vector) return channel_maps(words, counts, first);
    return words.shape.count() <= kNumberedCells ? vector_strip(words, counts) : long_vector(words, counts, first);
}

}  // namespace bittrue::cli
