// Where a convolution or a pool reads its windows, and what a pool makes of them.
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "changes/fit.hpp"
#include "changes/pool_rules.hpp"
#include "changes/unfold.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

using At = std::array<std::int64_t, 2>;
constexpr At kOutside{-1, -1};

struct Geometry {
    std::array<std::int64_t, 2> size{1, 1};
    std::array<std::int64_t, 2> stride{1, 1};
    std::array<std::int64_t, 2> dilation{1, 1};
    Padding padding{};
    std::int64_t rows = 0, columns = 0;  // of the input

    [[nodiscard]] At at(std::int64_t y, std::int64_t x, std::int64_t r, std::int64_t s) const {
        return {y * stride[0] - padding.top + r * dilation[0], x * stride[1] - padding.left + s * dilation[1]};
    }
    // A place in the order of pixels, moved by some pixels.
    [[nodiscard]] At moved(const At& from, std::int64_t by) const {
        const std::int64_t pixel = from[0] * columns + from[1] + by;
        if (pixel < 0 || pixel >= rows * columns) return kOutside;
        return {pixel / columns, pixel % columns};
    }
    [[nodiscard]] bool has_padding() const { return padding != Padding{}; }
};

std::optional<Geometry> geometry_of(const Node& node, const ReadTensor& in) {
    Geometry g;
    const auto take = [&](const auto& op, std::int64_t rows, std::int64_t columns) {
        g.size = {rows, columns};
        g.stride = {op.stride[0], op.stride[1]};
        g.padding = op.padding;
    };
    if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
        take(*conv, conv->weights.dims[0], conv->weights.dims[1]);
        g.dilation = {conv->dilation[0], conv->dilation[1]};
    } else if (const auto* largest = std::get_if<MaxPool>(&node.op)) {
        take(*largest, largest->pool[0], largest->pool[1]);
    } else if (const auto* average = std::get_if<AveragePool>(&node.op)) {
        take(*average, average->pool[0], average->pool[1]);
    } else {
        return std::nullopt;
    }
    g.rows = in.shape.height();
    g.columns = in.shape.width();
    return g;
}

class WindowChanges {
public:
    WindowChanges(const Site& site, const Geometry& geometry)
        : site_(site),
          g_(geometry),
          pool_(!std::holds_alternative<Conv2d>(site.node().op)),
          fit_(fits_many(site.maker().evidence)) {}

    void propose() const {
        propose_strides();
        if (!pool_) propose_dilations();
        propose_offsets();
        propose_padding();
        if (pool_) propose_parts();
    }

private:
    void add(Cause cause, const std::string& setting, const std::string& expected, const std::string& found,
             const std::string& clause, double bits, Windows windows) const {
        const Datapath* datapath = &site_.maker().datapath;
        site_.propose_chain({.cause = cause,
                             .setting = setting,
                             .expected = expected,
                             .found = found,
                             .text = fmt::format("the window of '{}' {}", site_.name(), clause),
                             .bits = bits,
                             .fit = fit_,
                             .slot = "window"},
                            [datapath, windows = std::move(windows)](Variant& variant, int index) {
                                return unfold(variant, index, *datapath, windows);
                            });
    }

    static std::string print(const std::array<std::int64_t, 2>& a) {
        return a[0] == a[1] ? fmt::format("{}", a[0]) : fmt::format("[{}, {}]", a[0], a[1]);
    }

    void propose_strides() const {
        constexpr std::array<std::array<int, 2>, 6> kBy{{{1, 1}, {-1, -1}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}}};
        const Shape& out = site_.node().shape;
        for (const auto& by : kBy) {
            Geometry found = g_;
            found.stride = {g_.stride[0] + by[0], g_.stride[1] + by[1]};
            if (found.stride[0] < 1 || found.stride[1] < 1) continue;
            if ((by[0] == 0 || out.height() == 1) && (by[1] == 0 || out.width() == 1)) continue;
            add(Cause::Stride, "stride", print(g_.stride), print(found.stride),
                fmt::format("moves by {} where the network has a stride of {}", print(found.stride), print(g_.stride)),
                by[0] == by[1] ? 4 : 5, {.address = [found](auto... a) { return found.at(a...); }});
        }
    }

    void propose_dilations() const {
        for (const int by : {1, -1}) {
            Geometry found = g_;
            found.dilation = {g_.dilation[0] + by, g_.dilation[1] + by};
            if (found.dilation[0] < 1 || found.dilation[1] < 1 || (g_.size[0] == 1 && g_.size[1] == 1)) continue;
            add(Cause::Dilation, "dilation", print(g_.dilation), print(found.dilation),
                fmt::format("has a dilation of {} where the network has {}", print(found.dilation), print(g_.dilation)),
                5, {.address = [found](auto... a) { return found.at(a...); }});
        }
    }

    void propose_offsets() const {
        constexpr std::array<std::array<int, 2>, 12> kBy{
            {{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, -1}, {0, 2}, {0, -2}, {2, 0}, {-2, 0}, {1, -1}, {-1, 1}}};
        const std::array<int, 2> other_side{g_.padding.top - g_.padding.bottom, g_.padding.left - g_.padding.right};
        for (const auto& by : kBy) {
            // Those are padding that lies on the other side.
            const bool rows_fit = by[0] == 0 || by[0] == other_side[0],
                       columns_fit = by[1] == 0 || by[1] == other_side[1];
            if (rows_fit && columns_fit) continue;
            const auto axis = [](int n, const char* more, const char* less, const char* what) {
                return n == 0 ? std::string{}
                              : fmt::format("{} too far {}", count_of(std::abs(n), what), n > 0 ? more : less);
            };
            const std::string rows = axis(by[0], "down", "up", "row"), columns = axis(by[1], "right", "left", "column");
            const std::string clause =
                fmt::format("begins {}{}{}", rows, rows.empty() || columns.empty() ? "" : " and ", columns);
            const bool far = std::abs(by[0]) == 2 || std::abs(by[1]) == 2;
            const double bits = far ? 7 : by[0] != 0 && by[1] != 0 ? 6 : 4;
            const std::string expected = fmt::format("row -{}, column -{}", g_.padding.top, g_.padding.left);
            const std::string found = fmt::format("row {}, column {}", by[0] - g_.padding.top, by[1] - g_.padding.left);
            add(Cause::Offset, "padding", expected, found, clause + ", beyond the map it reads padding", bits,
                {.address = [g = g_, by](auto... a) {
                    At at = g.at(a...);
                    return At{at[0] + by[0], at[1] + by[1]};
                }});
            if (far || by[1] == 0 || by[0] != 0) continue;
            add(Cause::Offset, "padding", expected, found + ", across line ends",
                clause + ", beyond a line it reads the next one", bits + 1.5, {.address = [g = g_, by](auto... a) {
                    const At at = g.at(a...);
                    if (at[0] < 0 || at[0] >= g.rows || at[1] < 0 || at[1] >= g.columns) return kOutside;
                    return g.moved(at, by[1]);
                }});
        }
    }

    // The larger half of the padding in front, or the other way round.
    void propose_other_side() const {
        const Padding& p = g_.padding;
        for (const int sides : {3, 1, 2}) {
            Geometry found = g_;
            if ((sides & 1) != 0) std::swap(found.padding.top, found.padding.bottom);
            if ((sides & 2) != 0) std::swap(found.padding.left, found.padding.right);
            const bool rows = found.padding.top != p.top, columns = found.padding.left != p.left;
            // Both axes together only where both differ; the padding's value counts beyond the map.
            if ((sides == 3) != (rows && columns) || (!rows && !columns)) continue;
            const auto print_padding = [](const Padding& q) {
                return fmt::format("[{}, {}, {}, {}]", q.top, q.bottom, q.left, q.right);
            };
            add(Cause::Offset, "padding", print_padding(p), print_padding(found.padding),
                fmt::format("has its padding {} where the network has {}", print_padding(found.padding),
                            print_padding(p)),
                3, {.address = [found](auto... a) { return found.at(a...); }});
        }
    }

    void propose_padding() const {
        if (!g_.has_padding()) return;
        propose_other_side();
        const Format f = site_.inputs()[0].type.format;
        const Address plain = [g = g_](auto... a) { return g.at(a...); };
        const auto word = [&](i128 raw, const std::string& name, double bits) {
            const std::int64_t w = word_from_raw(raw);
            if (!pool_ && w == 0) return;
            add(Cause::PaddingValue, "padding", pool_ ? "as the pool's rule has it" : "0", print_raw(raw),
                fmt::format("reads padding as {} ({})", name, print_raw(raw)), bits, {.address = plain, .padding = w});
        };
        if (pool_) word(0, "zeros", 3);
        word(raw_min(f), "the lowest word", 4);
        word(raw_max(f), "the highest word", 6);
        if (!f.is_signed) word(i128{1} << (f.width - 1), "half the range", 5);
        if (f.is_signed) word(-1, "words of ones", 7);
        word(1, "one lsb", 8);
        if (f.frac() > 0 && f.frac() < 62) word(i128{1} << f.frac(), "the value 1", 8);
        add(Cause::PaddingValue, "padding", "0", "the nearest element", "repeats the border of the map in its padding",
            5, {.address = [g = g_](auto... a) {
                const At at = g.at(a...);
                return At{std::clamp<std::int64_t>(at[0], 0, g.rows - 1),
                          std::clamp<std::int64_t>(at[1], 0, g.columns - 1)};
            }});
        add(Cause::PaddingValue, "padding", "0", "the mirrored element", "mirrors the map in its padding", 8,
            {.address = [g = g_](auto... a) {
                const auto mirror = [](std::int64_t i, std::int64_t n) {
                    if (i < 0) i = -i;
                    return i >= n ? 2 * n - 2 - i : i;
                };
                const At at = g.at(a...);
                return At{mirror(at[0], g.rows), mirror(at[1], g.columns)};
            }});
        add(Cause::PaddingValue, "padding", "0", "the next line",
            "has no padding beside the map: it reads the end of the line before or the begin of the next", 5,
            {.address = [g = g_](auto... a) {
                const At at = g.at(a...);
                return g.moved(at, 0);
            }});
    }

    // Pools that leave out a part of their window, or take a part from another one.
    void propose_parts() const {
        const std::int64_t h = g_.size[0], w = g_.size[1];
        const auto part = [&](const std::string& clause, std::int64_t row, std::int64_t column, std::int64_t rows,
                              std::int64_t columns, double bits) {
            if (rows < 1 || columns < 1) return;
            const std::string setting = "pool";
            const Address from = [g = g_, row, column](std::int64_t y, std::int64_t x, std::int64_t r, std::int64_t s) {
                return g.at(y, x, r + row, s + column);
            };
            add(Cause::PoolRule, setting, print(g_.size), fmt::format("[{}, {}]", rows, columns), clause, bits,
                {.address = from, .size = {rows, columns}});
        };
        // Of a pool that ignores padding these are among the faults of pools (layer_faults.cpp).
        const auto* largest = std::get_if<MaxPool>(&site_.node().op);
        const bool elsewhere = largest != nullptr && largest->pad_rule == PoolPadding::Ignore;
        if (!elsewhere) {
            part("leaves out its left column", 0, 1, h, w - 1, 4);
            part("leaves out its right column", 0, 0, h, w - 1, 4);
            part("leaves out its top row", 1, 0, h - 1, w, 4);
            part("leaves out its bottom row", 0, 0, h - 1, w, 4);
        }
        if (h > 2 || w > 2) part("leaves out its last row and column", 0, 0, h - 1, w - 1, 5);
        part("is one column wider", 0, 0, h, w + 1, 5);
        part("is one row higher", 0, 0, h + 1, w, 5);
        part("is one row and one column larger", 0, 0, h + 1, w + 1, 5);
        if (h * w > 1) part("is its first element only", 0, 0, 1, 1, 6);
        if (h * w > 2) part("is its last element only", h - 1, w - 1, 1, 1, 7);
        if (std::holds_alternative<AveragePool>(site_.node().op)) propose_absent_parts();
        if (h < 2 || elsewhere) return;
        for (const int by : {-1, 1}) {
            add(Cause::PoolRule, "pool", "rows of one window",
                fmt::format("upper rows of the window {}", by < 0 ? "before" : "behind"),
                fmt::format("has the upper rows of the window {}", by < 0 ? "before it" : "behind it"), 6,
                {.address = [g = g_, by, last = site_.node().shape.width() - 1](std::int64_t y, std::int64_t x,
                                                                                std::int64_t r, std::int64_t s) {
                    const std::int64_t other = std::clamp<std::int64_t>(x + by, 0, last);
                    return g.at(y, r + 1 < g.size[0] ? other : x, r, s);
                }});
        }
    }

    // Of an average a part can also be missing in the sum only.
    void propose_absent_parts() const {
        const auto absent = [&](const std::string& what, auto is_absent) {
            add(Cause::PoolRule, "pool", print(g_.size), "without " + what,
                fmt::format("does not add {}, but divides by all elements", what), 6,
                {.address = [g = g_, is_absent](
                                std::int64_t y, std::int64_t x, std::int64_t r,
                                std::int64_t s) { return is_absent(g, r, s) ? kOutside : g.at(y, x, r, s); },
                 .padding = 0});
        };
        absent("its first element", [](const Geometry&, auto r, auto s) { return r == 0 && s == 0; });
        absent("its last element",
               [](const Geometry& g, auto r, auto s) { return r + 1 == g.size[0] && s + 1 == g.size[1]; });
        absent("its left column", [](const Geometry&, auto, auto s) { return s == 0; });
        absent("its right column", [](const Geometry& g, auto, auto s) { return s + 1 == g.size[1]; });
        absent("its top row", [](const Geometry&, auto r, auto) { return r == 0; });
        absent("its bottom row", [](const Geometry& g, auto r, auto) { return r + 1 == g.size[0]; });
    }

    const Site& site_;
    const Geometry& g_;
    bool pool_;
    double fit_;
};

}  // namespace

void add_window_changes(const Maker& maker) {
    for_each_site(maker, [](const Site& site) {
        const std::optional<Geometry> geometry = geometry_of(site.node(), site.inputs()[0]);
        if (!geometry) return;
        WindowChanges(site, *geometry).propose();
        add_pool_rules(site);
    });
}

}  // namespace bittrue::diagnose_detail
