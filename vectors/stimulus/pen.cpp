#include "pen.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace bittrue {
namespace {

constexpr std::int64_t kOne = 65536;  // fixed-point one of coordinates and factors
constexpr int kFine = 8;              // sub-pixels per pixel and axis
constexpr int kPixels = 28;
constexpr int kBox = 20;  // MNIST's digits fill 20x20 of the 28x28 pixels
constexpr int kCanvas = kPixels * kFine;
constexpr int kMaxRadius = 20;  // of the pen, in sub-pixels

struct Dot {
    std::int64_t x = 0, y = 0;  // kOne = one glyph unit, later one sub-pixel
    std::int64_t pressure = 0;  // kOne = the pen's radius
};
using Line = std::vector<Dot>;

// sin(angle) for |angle| <= 1 rad, both in kOne; the series to the fifth power is right to 2 units.
std::int64_t sine(std::int64_t angle) {
    const std::int64_t square = angle * angle / kOne;
    const std::int64_t inner = kOne - square / 20;
    return angle * (kOne - square * inner / kOne / 6) / kOne;
}
std::int64_t cosine(std::int64_t angle) {
    const std::int64_t square = angle * angle / kOne;
    const std::int64_t inner = kOne - square / 12;
    return kOne - square * inner / kOne / 2;
}

// Where a hand puts the control points: each a little off, the whole slanted, turned and stretched.
struct Hand {
    std::int64_t xx, xy, yx, yy;

    explicit Hand(SplitMix64& random) {
        const std::int64_t wide = kOne + random.around_zero(kOne / 3);
        const std::int64_t slant = kOne / 14 + random.around_zero(kOne / 2);  // most people lean to the right
        const std::int64_t angle = random.around_zero(kOne / 4);
        const std::int64_t s = sine(angle);
        const std::int64_t c = cosine(angle);
        xx = c * wide / kOne;
        xy = -c * slant / kOne - s;
        yx = s * wide / kOne;
        yy = -s * slant / kOne + c;
    }

    [[nodiscard]] Dot place(const GlyphPoint& point, SplitMix64& random) const {
        const std::int64_t x = (point.x - 50) * kOne + random.around_zero(13 * kOne);
        const std::int64_t y = (point.y - 50) * kOne + random.around_zero(13 * kOne);
        return {.x = (xx * x + xy * y) / kOne,
                .y = (yx * x + yy * y) / kOne,
                .pressure = kOne + random.around_zero(kOne / 5)};
    }
};

// Catmull-Rom through b and c at t = step / steps, doubled coefficients.
std::int64_t spline(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d, std::int64_t t) {
    const std::int64_t linear = c - a;
    const std::int64_t square = 2 * a - 5 * b + 4 * c - d;
    const std::int64_t cube = 3 * (b - c) + d - a;
    return (2 * b + (linear + (square + cube * t / kOne) * t / kOne) * t / kOne) / 2;
}

void trace_smooth(std::span<const Dot> dots, Line& line) {
    constexpr int steps = 12;
    for (std::size_t i = 0; i + 1 < dots.size(); ++i) {
        const Dot& b = dots[i];
        const Dot& c = dots[i + 1];
        const Dot& a = i > 0 ? dots[i - 1] : b;
        const Dot& d = i + 2 < dots.size() ? dots[i + 2] : c;
        for (int k = 0; k <= steps; ++k) {
            const std::int64_t t = k * kOne / steps;
            line.push_back({.x = spline(a.x, b.x, c.x, d.x, t),
                            .y = spline(a.y, b.y, c.y, d.y, t),
                            .pressure = b.pressure + (c.pressure - b.pressure) * t / kOne});
        }
    }
}

std::vector<Line> trace(const Glyph& glyph, const Hand& hand, SplitMix64& random) {
    std::vector<Line> lines;
    for (const GlyphStroke& stroke : glyph.strokes) {
        std::vector<Dot> dots;
        for (const GlyphPoint& point : stroke) dots.push_back(hand.place(point, random));
        Line line;
        std::size_t begin = 0;
        for (std::size_t i = 1; i < stroke.size(); ++i) {
            if (!stroke[i].corner && i + 1 != stroke.size()) continue;
            trace_smooth(std::span(dots).subspan(begin, i - begin + 1), line);
            begin = i;
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

// Brings the longer side to `size` sub-pixels and the upper left corner to `margin`.
void fit(std::vector<Line>& lines, std::int64_t size, std::int64_t margin) {
    std::int64_t left = lines[0][0].x, right = left, top = lines[0][0].y, bottom = top;
    for (const Line& line : lines) {
        for (const Dot& dot : line) {
            left = std::min(left, dot.x);
            right = std::max(right, dot.x);
            top = std::min(top, dot.y);
            bottom = std::max(bottom, dot.y);
        }
    }
    const std::int64_t extent = std::max({right - left, bottom - top, std::int64_t{1}});
    for (Line& line : lines) {
        for (Dot& dot : line) {
            dot.x = (dot.x - left) * (size * kOne / 16) / (extent / 16 + 1) + margin * kOne;
            dot.y = (dot.y - top) * (size * kOne / 16) / (extent / 16 + 1) + margin * kOne;
        }
    }
}

// Half the length of each row of a disc, so that drawing needs no square root.
using Disc = std::array<std::int8_t, kMaxRadius + 1>;
std::array<Disc, kMaxRadius + 1> make_discs() {
    std::array<Disc, kMaxRadius + 1> discs{};
    for (int radius = 0; radius <= kMaxRadius; ++radius) {
        for (int row = 0; row <= radius; ++row) {
            int half = 0;
            while ((half + 1) * (half + 1) + row * row <= radius * radius + radius) ++half;
            discs[static_cast<std::size_t>(radius)][static_cast<std::size_t>(row)] = static_cast<std::int8_t>(half);
        }
    }
    return discs;
}

class Canvas {
public:
    void dab(std::int64_t x, std::int64_t y, int radius) {
        static const auto discs = make_discs();
        const Disc& disc = discs[static_cast<std::size_t>(radius)];
        for (int row = -radius; row <= radius; ++row) {
            const std::int64_t at = y + row;
            if (at < 0 || at >= kCanvas) continue;
            const int half = disc[static_cast<std::size_t>(row < 0 ? -row : row)];
            const std::int64_t from = std::clamp<std::int64_t>(x - half, 0, kCanvas);
            const std::int64_t to = std::clamp<std::int64_t>(x + half + 1, 0, kCanvas);
            if (from >= to) continue;
            const auto begin = ink_.begin() + at * kCanvas;
            std::fill(begin + from, begin + to, std::uint8_t{1});
            left_ = std::min(left_, static_cast<int>(from));
            right_ = std::max(right_, static_cast<int>(to));
            top_ = std::min(top_, static_cast<int>(at));
            bottom_ = std::max(bottom_, static_cast<int>(at) + 1);
        }
    }

    void draw(const Line& line, std::int64_t radius) {
        for (std::size_t i = 0; i + 1 < line.size(); ++i) {
            const Dot& a = line[i];
            const Dot& b = line[i + 1];
            const std::int64_t reach = std::max(std::abs(b.x - a.x), std::abs(b.y - a.y));
            const std::int64_t steps = reach / (2 * kOne) + 1;
            for (std::int64_t k = 0; k <= steps; ++k) {
                const std::int64_t pressure = a.pressure + (b.pressure - a.pressure) * k / steps;
                const std::int64_t r = (radius * pressure / kOne + kOne / 2) / kOne;
                dab((a.x + (b.x - a.x) * k / steps) / kOne, (a.y + (b.y - a.y) * k / steps) / kOne,
                    static_cast<int>(std::clamp<std::int64_t>(r, 4, kMaxRadius)));
            }
        }
    }

    // The centre of mass goes to the image's centre plus `off` sub-pixels.
    void develop(std::int64_t off_x, std::int64_t off_y, std::span<std::uint8_t, 28 * 28> pixels) const {
        std::int64_t mass = 0, moment_x = 0, moment_y = 0;
        for (int y = top_; y < bottom_; ++y) {
            for (int x = left_; x < right_; ++x) {
                if (ink_[index(x, y)] == 0) continue;
                ++mass;
                moment_x += x;
                moment_y += y;
            }
        }
        const std::int64_t shift_x = moment_x / mass - kCanvas / 2 + off_x;
        const std::int64_t shift_y = moment_y / mass - kCanvas / 2 + off_y;
        std::array<int, 28 * 28> counts{};
        for (int y = top_; y < bottom_; ++y) {
            const std::int64_t to_y = y - shift_y;
            if (to_y < 0 || to_y >= kCanvas) continue;
            for (int x = left_; x < right_; ++x) {
                const std::int64_t to_x = x - shift_x;
                if (ink_[index(x, y)] == 0 || to_x < 0 || to_x >= kCanvas) continue;
                ++counts[static_cast<std::size_t>(to_y / kFine * kPixels + to_x / kFine)];
            }
        }
        constexpr int all = kFine * kFine;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            pixels[i] = static_cast<std::uint8_t>((counts[i] * 255 + all / 2) / all);
        }
    }

private:
    static std::size_t index(int x, int y) { return static_cast<std::size_t>(y * kCanvas + x); }
    int left_ = kCanvas, right_ = 0, top_ = kCanvas, bottom_ = 0;  // what the pen touched
    std::vector<std::uint8_t> ink_ = std::vector<std::uint8_t>(std::size_t{kCanvas} * kCanvas);
};

}  // namespace

void draw_glyph(const Glyph& glyph, SplitMix64& random, std::span<std::uint8_t, 28 * 28> pixels) {
    const Hand hand(random);
    std::vector<Line> lines = trace(glyph, hand, random);
    const std::int64_t radius = random.between(6 * kOne, 14 * kOne);  // 1.5 to 3.5 pixels wide
    const std::int64_t thick = (2 * radius + kOne - 1) / kOne;
    const std::int64_t smaller = random.between(0, 2 * kFine);
    fit(lines, kBox * kFine - thick - smaller, 4 * kFine + thick / 2);
    Canvas canvas;
    for (const Line& line : lines) canvas.draw(line, radius);
    const std::int64_t off_x = random.around_zero(kFine);
    const std::int64_t off_y = random.around_zero(kFine);
    canvas.develop(off_x, off_y, pixels);
}

}  // namespace bittrue
