// Max pooling: which position of the window wins, and words for the conversions behind it.
#include <algorithm>
#include <set>

#include "stage.hpp"

namespace bittrue::corner {
namespace {

class MaxPoolConstruction {
public:
    MaxPoolConstruction(const Stage& stage, const MaxPool& op) : stage_(stage), op_(op), shape_(stage.shape()) {}

    void run() {
        winners();
        words();
    }

private:
    template <class Pixel>
    [[nodiscard]] Stage::Raws image(const Pixel& pixel) const {
        Stage::Raws raws(stage_.numbers().size());
        for (std::int64_t c = 0; c < shape_.channels(); ++c) {
            for (std::int64_t y = 0; y < shape_.height(); ++y) {
                for (std::int64_t x = 0; x < shape_.width(); ++x) {
                    const auto i = static_cast<std::size_t>(shape_.index(c, y, x));
                    raws[i] = pixel(c, y, x, stage_.numbers()[i]);
                }
            }
        }
        return raws;
    }

    // One large number among small ones, at each position of the first window that has this position in the map.
    void winners() const {
        std::vector<Stage::Raws> images;
        for (int r = 0; r < op_.pool[0]; ++r) {
            for (int s = 0; s < op_.pool[1]; ++s) {
                const int rows = op_.stride[0] * ((op_.padding.top + op_.stride[0] - 1) / op_.stride[0]);
                const int columns = op_.stride[1] * ((op_.padding.left + op_.stride[1] - 1) / op_.stride[1]);
                for (const bool inner : {true, false}) {
                    const std::int64_t y = r + (inner ? rows : 0) - op_.padding.top;
                    const std::int64_t x = s + (inner ? columns : 0) - op_.padding.left;
                    images.push_back(image([&](std::int64_t, std::int64_t row, std::int64_t column, const Strided& n) {
                        return row == y && column == x ? n.high : n.low;
                    }));
                }
            }
        }
        stage_.offer(images);
    }

    void words() const {
        std::set<i128> found;
        Strided all = stage_.numbers().front();
        for (const Strided& s : stage_.numbers()) all = joined(all, s);
        const int frac = stage_.format().frac();
        for (const Site& site : stage_.probe().sites) {
            const int up = site.conversion.frac - frac;  // where an accumulator stands in front, as if it were exact
            for (const GoalTarget& t : site.targets) {
                if (!t.possible || up > 64 || up < -64) continue;
                const Strided in = up >= 0 ? scaled(all, i128{1} << up) : all;
                for (const auto& raw : {first_from(in, t.target, in.low), last_to(in, t.target, in.high),
                                        first_from(in, t.target, 0), last_to(in, t.target, 0)}) {
                    if (raw) found.insert(up >= 0 ? *raw >> up : *raw << -up);
                }
            }
        }
        constexpr i128 kMostWords = 1 << 12;
        if (all.step != 0 && (all.high - all.low) / all.step < kMostWords) {
            for (i128 raw = all.low; raw <= all.high; raw += all.step) found.insert(raw);
        }
        // Windows of one word each, then whole images of one word, for windows that overlap.
        const Stage::Raws words(found.begin(), found.end());
        for (std::size_t first = 0; first < words.size() && stage_.missing();) {
            std::map<std::array<std::int64_t, 3>, i128> word_of;
            stage_.offer({image([&](std::int64_t c, std::int64_t y, std::int64_t x, const Strided&) {
                const std::array<std::int64_t, 3> window = {c, (y + op_.padding.top) / op_.stride[0],
                                                            (x + op_.padding.left) / op_.stride[1]};
                const auto [it, added] = word_of.try_emplace(window, 0);
                if (added) it->second = words[std::min(first++, words.size() - 1)];
                return it->second;
            })});
        }
        for (std::size_t i = 0; i < words.size() && i < 512 && stage_.missing(); ++i) {
            stage_.offer({image([&](std::int64_t, std::int64_t, std::int64_t, const Strided&) { return words[i]; })});
        }
    }

    const Stage& stage_;
    const MaxPool& op_;
    const Shape& shape_;
};

}  // namespace

void construct_max_pool(const Stage& stage, const MaxPool& op) {
    MaxPoolConstruction(stage, op).run();
}

}  // namespace bittrue::corner
