#include "search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "gradient.hpp"
#include "stage.hpp"

namespace bittrue::corner {
namespace {

using Raws = std::vector<i128>;

// The conversion that is to become a wanted number: the last one of an output at a site.
struct Aim {
    std::size_t node = 0;
    std::int64_t output = 0;
    const Site* site = nullptr;
};

class Search {
public:
    Search(Maker& maker, std::size_t images)
        : maker_(maker),
          probe_(maker.probe()),
          random_(maker.random()),
          numbers_(probe_.numbers_of(-1)),
          last_(maker.tried() + static_cast<std::int64_t>(images)) {
        quiet_.counts = false;
        quiet_.trace = &trace_;
        for (std::size_t k = 0; k < probe_.layers(); ++k) {
            if (!Stage::of(maker, k) && maker.missing(k)) inner_.push_back(k);
        }
    }

    void run() {
        if (inner_.empty()) return;
        for (int k = 0; k < 4 && goes_on(); ++k) scatter();
        list_outputs();
        const std::int64_t budget = last_ - maker_.tried();
        extremes(0, 16, last_ - budget * 3 / 4);
        climb_further(last_ - budget * 5 / 8);
        aims(2, last_ - budget * 3 / 8);
        extremes(16, 4096, last_ - budget / 16);
        aims(1, last_);
        constexpr std::int64_t kPatience = 256;  // images that bring nothing new
        for (std::int64_t new_at = maker_.tried(); goes_on() && maker_.tried() - new_at < kPatience;) {
            const std::size_t kept = maker_.kept();
            scatter();
            if (maker_.kept() > kept) new_at = maker_.tried();
        }
    }

private:
    // An image that brings the sum of an output far up or down.
    struct End {
        std::size_t node = 0;
        std::int64_t output = 0;
        bool up = false;
        double reached = 0;  // of the sum, upward or downward
        Raws image{};
    };

    [[nodiscard]] bool goes_on() const {
        if (maker_.full() || maker_.tried() >= last_) return false;
        return std::any_of(inner_.begin(), inner_.end(), [this](std::size_t k) { return maker_.missing(k); });
    }

    [[nodiscard]] i128 any_of(const Strided& s) {
        if (s.step == 0) return s.low;
        return s.low +
               static_cast<i128>(u128{random_.next()} % (static_cast<u128>((s.high - s.low) / s.step) + 1)) * s.step;
    }
    [[nodiscard]] static i128 inside(const Strided& s, double raw) {
        if (s.step == 0) return s.low;
        const double steps = std::round((raw - static_cast<double>(s.low)) / static_cast<double>(s.step));
        const double most = static_cast<double>((s.high - s.low) / s.step);
        return s.low + static_cast<i128>(std::clamp(steps, 0.0, most)) * s.step;
    }

    void offer(const std::vector<Raws>& images, const std::function<void(std::size_t)>& seen = {}) {
        std::vector<Maker::Values> values;
        for (const Raws& raws : images) values.push_back(maker_.values_of(raws));
        maker_.offer(values, seen);
    }

    // Random images: noise of several densities, rectangles, mixtures of good images.
    void scatter() {
        std::vector<Raws> images;
        for (int k = 0; k < 16; ++k) {
            switch (random_.below(good_.size() < 2 ? 3 : 5)) {
                case 0: images.push_back(noise()); break;
                case 1:
                case 2: images.push_back(rectangles()); break;
                default: images.push_back(mixture()); break;
            }
        }
        offer(images, [&](std::size_t i) {
            if (good_.size() < 256) good_.push_back(images[i]);
        });
    }

    [[nodiscard]] Raws noise() {
        const std::int64_t density = 1 + random_.below(16);
        Raws x;
        for (const Strided& s : numbers_) x.push_back(random_.below(16) < density ? any_of(s) : inside(s, 0));
        return x;
    }

    [[nodiscard]] Raws rectangles() {
        const Shape& shape = probe_.graph().input.shape;
        Raws x;
        const bool dark = random_.below(2) == 0;
        for (const Strided& s : numbers_) x.push_back(dark ? inside(s, 0) : any_of(s));
        for (std::int64_t count = 1 + random_.below(6); count > 0; --count) {
            const std::int64_t top = random_.below(shape.height()), left = random_.below(shape.width());
            const std::int64_t bottom = top + 1 + random_.below(shape.height() - top);
            const std::int64_t right = left + 1 + random_.below(shape.width() - left);
            const std::int64_t kind = random_.below(4);
            for (std::int64_t c = 0; c < shape.channels(); ++c) {
                if (shape.channels() > 1 && random_.below(2) == 0) continue;
                for (std::int64_t y = top; y < bottom; ++y) {
                    for (std::int64_t column = left; column < right; ++column) {
                        const auto i = static_cast<std::size_t>(shape.index(c, y, column));
                        const Strided& s = numbers_[i];
                        x[i] = kind == 0 ? s.high : kind == 1 ? s.low : kind == 2 ? any_of(s) : inside(s, 0);
                    }
                }
            }
        }
        return x;
    }

    [[nodiscard]] Raws mixture() {
        const auto pick = [&]() -> const Raws& {
            return good_[static_cast<std::size_t>(random_.below(std::ssize(good_)))];
        };
        const Raws &a = pick(), &b = pick();
        const std::int64_t share = random_.below(257);
        Raws x;
        for (std::size_t i = 0; i < a.size(); ++i)
            x.push_back(inside(numbers_[i], static_cast<double>((a[i] * share + b[i] * (256 - share)) / 256)));
        return x;
    }

    // The outputs of the accumulating layers in random order, those of the deepest layer first: an image for it
    // works on all layers above.
    void list_outputs() {
        for (auto node = inner_.rbegin(); node != inner_.rend(); ++node) {
            Accumulating* const layer = probe_.layer(*node).accumulating();
            if (layer == nullptr) continue;
            std::vector<std::int64_t> all(static_cast<std::size_t>(std::min<std::int64_t>(layer->outputs(), 4096)));
            std::iota(all.begin(), all.end(), 0);
            for (std::size_t i = all.size(); i > 1; --i)
                std::swap(all[i - 1], all[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(i)))]);
            outputs_.push_back({*node, std::move(all)});
        }
    }

    // The ends of the sums of channels first .. last - 1 of that order: all inputs by the signs of their slopes,
    // again and again.
    void extremes(std::size_t first, std::size_t last, std::int64_t until) {
        for (const auto& [node, outputs] : outputs_) {
            const bool many = outputs.size() > 32;
            for (std::size_t i = first; i < std::min(last, outputs.size()); ++i) {
                if (!goes_on() || maker_.tried() >= until) return;
                for (const double sign : {1.0, -1.0}) climb(node, outputs[i], sign, many ? 2 : 5);
            }
        }
    }

    // `shares`: how much of the input is moved at once; the image that goes furthest is where the next round
    // starts.
    // Always all elements at once, downhill, too; the image that goes furthest is remembered.
    void climb(std::size_t node, std::int64_t output, double sign, int rounds) {
        const double far = std::numeric_limits<double>::infinity();
        End end{.node = node, .output = output, .up = sign > 0, .reached = -far};
        Raws x = noise();
        for (int round = 0; round <= rounds; ++round) {
            std::vector<double> slope;
            offer({x}, [&](std::size_t) {
                remember(end, x);
                slope = gradient_of(probe_, node, output);
            });
            x = pushed(x, slope, sign, 1.0);
        }
        good_.push_back(end.image);
        ends_.push_back(std::move(end));
    }

    // Whether the image that the probe holds goes further.
    bool remember(End& end, const Raws& image) {
        const double reached = (end.up ? 1 : -1) * sum_at(end.node, end.output);
        if (reached <= end.reached) return false;
        end.reached = reached;
        end.image = image;
        return true;
    }

    // On from where the sums of a layer went furthest, by smaller and smaller changes.
    void climb_further(std::int64_t until) {
        for (const auto& [node, outputs] : outputs_) {
            for (const bool up : {true, false}) {
                End* furthest = nullptr;
                for (End& e : ends_) {
                    if (e.node == node && e.up == up && (furthest == nullptr || e.reached > furthest->reached))
                        furthest = &e;
                }
                for (int round = 0; furthest != nullptr && round < 8 && goes_on() && maker_.tried() < until; ++round)
                    climb_from(*furthest);
            }
        }
    }

    void climb_from(End& end) {
        std::vector<double> slope;
        offer({end.image}, [&](std::size_t) { slope = gradient_of(probe_, end.node, end.output); });
        std::vector<Raws> images;
        for (const double share : {0.3, 0.1, 0.03, 0.01})
            images.push_back(pushed(end.image, slope, end.up ? 1 : -1, share));
        for (const double share : {0.3, 0.1, 0.03}) {  // some of those that have a slope, by chance
            for (double& s : slope) s = random_.below(1000) < static_cast<std::int64_t>(1000 * share) ? s : 0;
            images.push_back(pushed(end.image, slope, end.up ? 1 : -1, 1.0));
        }
        offer(images, [&](std::size_t i) { static_cast<void>(remember(end, images[i])); });
    }

    // The given share of the elements with a slope, the steepest first, at the ends of their ranges.
    [[nodiscard]] Raws pushed(const Raws& x, const std::vector<double>& slope, double sign, double share) const {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < slope.size(); ++i) {
            if (slope[i] != 0) order.push_back(i);
        }
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return std::abs(slope[a]) > std::abs(slope[b]); });
        order.resize(static_cast<std::size_t>(static_cast<double>(order.size()) * share));
        Raws moved = x;
        for (const std::size_t i : order) moved[i] = slope[i] * sign > 0 ? numbers_[i].high : numbers_[i].low;
        return moved;
    }

    // What the accumulator holds at the end.
    [[nodiscard]] double sum_at(std::size_t node, std::int64_t output) {
        const int input = node_index(probe_.graph(), probe_.graph().nodes[node].inputs.front());
        trace_.clear();
        probe_.layer(node).accumulating()->walk_output(quiet_, probe_.words_of(input), output);
        return static_cast<double>(trace_.back().raw);
    }

    void aims(int rounds, std::int64_t until) {
        for (int round = 0; round < rounds; ++round) {
            for (const std::size_t node : inner_) {
                Probe& layer = probe_.layer(node);
                if (layer.accumulating() == nullptr) continue;
                for (const Site& site : layer.sites) {
                    for (std::size_t g = 0; g < kGoals && goes_on() && maker_.tried() < until; ++g) {
                        if (site.tallies[g].reachable && site.tallies[g].hits == 0) aim(node, site, g);
                    }
                }
            }
        }
    }

    void aim(std::size_t node, const Site& site, std::size_t goal) {
        const Target& target = site.targets[goal].target;
        Aim at{.node = node, .output = random_.below(probe_.layer(node).accumulating()->outputs()), .site = &site};
        Raws x = noise();
        // From an image that already goes far in the right direction.
        std::vector<const End*> ends;
        for (const End& e : ends_) {
            if (e.node == node && e.up == (target.high > 0)) ends.push_back(&e);
        }
        if (!ends.empty()) {
            const End& e = *ends[static_cast<std::size_t>(random_.below(std::ssize(ends)))];
            at.output = e.output;
            x = e.image;
        }
        constexpr int kSteps = 12;
        double best = std::numeric_limits<double>::infinity();
        std::vector<Raws> images{x};
        for (int step = 0; step < kSteps && goes_on() && site.tallies[goal].hits == 0; ++step) {
            std::vector<double> slope;
            double missing = 0;
            bool better = false;
            offer(images, [&](std::size_t i) {
                const std::optional<double> left = distance(at, target);
                if (!left || !(std::abs(*left) < best)) return;
                best = std::abs(*left);
                missing = *left;
                x = images[i];
                slope = gradient_of(probe_, node, at.output);
                better = true;
            });
            if (!better) {
                // The same slope again would propose the same images.
                offer({x}, [&](std::size_t) {
                    missing = distance(at, target).value_or(0);
                    slope = gradient_of(probe_, node, at.output);
                });
            }
            images = moves(x, slope, missing);
        }
    }

    // How much the number has to grow to reach the target, in steps of the sum of products.
    [[nodiscard]] std::optional<double> distance(const Aim& at, const Target& target) {
        Accumulating& layer = *probe_.layer(at.node).accumulating();
        const int input = node_index(probe_.graph(), probe_.graph().nodes[at.node].inputs.front());
        trace_.clear();
        layer.walk_output(quiet_, probe_.words_of(input), at.output);
        for (auto seen = trace_.rbegin(); seen != trace_.rend(); ++seen) {
            if (seen->site != at.site) continue;
            const auto up = first_from(at.site->values, target, seen->raw);
            const auto down = last_to(at.site->values, target, seen->raw);
            if (!up && !down) return std::nullopt;
            const i128 wanted = !down ? *up : !up ? *down : *up - seen->raw < seen->raw - *down ? *up : *down;
            return std::ldexp(static_cast<double>(wanted - seen->raw), layer.product_frac() - at.site->conversion.frac);
        }
        return std::nullopt;
    }

    // Images that, if the slope held, would bring the number there: by many elements, and by few.
    [[nodiscard]] std::vector<Raws> moves(const Raws& x, const std::vector<double>& slope, double missing) {
        std::vector<Raws> images;
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < slope.size(); ++i) {
            if (slope[i] != 0) order.push_back(i);
        }
        if (order.empty()) return {noise()};
        for (const double share : {1.0, 0.5, 1.5, 0.2}) {
            for (std::size_t i = order.size(); i > 1; --i)
                std::swap(order[i - 1], order[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(i)))]);
            Raws moved = x;
            double left = missing * share;
            for (const std::size_t i : order) {
                if (std::abs(left) < 0.5) break;
                const i128 to = inside(numbers_[i], static_cast<double>(x[i]) + left / slope[i]);
                left -= static_cast<double>(to - x[i]) * slope[i];
                moved[i] = to;
            }
            images.push_back(std::move(moved));
        }
        for (int k = 0; k < 4; ++k) {
            Raws moved = x;
            for (std::int64_t changes = 1 + random_.below(3); changes > 0; --changes) {
                const std::size_t i = order[static_cast<std::size_t>(random_.below(std::ssize(order)))];
                moved[i] = random_.below(2) == 0 ? inside(numbers_[i], static_cast<double>(x[i]) + missing / slope[i])
                                                 : any_of(numbers_[i]);
            }
            images.push_back(std::move(moved));
        }
        return images;
    }

    Maker& maker_;
    NetworkProbe& probe_;
    SplitMix64& random_;
    const std::vector<Strided>& numbers_;
    std::int64_t last_;
    std::vector<std::pair<std::size_t, std::vector<std::int64_t>>> outputs_{};  // by node
    std::vector<std::size_t> inner_{};
    std::vector<End> ends_{};
    std::vector<Raws> good_{};
    Concrete quiet_{};
    std::vector<Seen> trace_{};
};

}  // namespace

void search(Maker& maker, std::size_t images) {
    Search(maker, images).run();
}

}  // namespace bittrue::corner
