#include "sweep/steps.hpp"

#include <algorithm>
#include <numeric>

namespace bittrue::explore {

namespace {

class StepMaker {
public:
    StepMaker(const AccumulatorSpec& spec, std::int64_t terms, bool has_bias)
        : spec_(spec),
          count_(static_cast<std::int32_t>(terms)),
          group_(static_cast<std::int32_t>(std::min<std::int64_t>(spec.group, terms))),
          first_bias_(has_bias && spec.bias == BiasPosition::First),
          last_bias_(has_bias && spec.bias == BiasPosition::Last) {}

    Steps make() {
        if (spec_.quantize == QuantizeAt::End) {
            take(0, -1, 0, count_, 1);
            steps_.list.back().bias = first_bias_;
        } else {
            by_schedule();
        }
        if (last_bias_) steps_.list.push_back({.to = 0, .from = 0, .bias = true});
        return std::move(steps_);
    }

private:
    void by_schedule() {
        if (spec_.schedule == Schedule::Tree) return tree();
        if (first_bias_) steps_.list.push_back({.to = 0, .bias = true});
        switch (spec_.schedule) {
            case Schedule::Sequential: one_by_one(1); break;
            case Schedule::Interleave:
                if (spec_.quantize == QuantizeAt::Fold) {
                    for (std::int32_t r = 0; r < group_; ++r) take(0, accumulator(), r, count_, group_);
                } else {
                    one_by_one(spec_.group > count_ ? 1 : group_);
                }
                break;
            case Schedule::Fold:
            case Schedule::Cascade:
                if (spec_.quantize == QuantizeAt::Fold) {
                    for (std::int32_t g = 0; g < count_; g += group_)
                        take(0, accumulator(), g, std::min(g + group_, count_), 1);
                } else {
                    one_by_one(1);
                }
                break;
            case Schedule::Partial: partial(); break;
            case Schedule::Tree: break;
        }
    }

    [[nodiscard]] std::int32_t visited() const { return static_cast<std::int32_t>(steps_.terms.size()); }

    // Register 0 once something is in it.
    [[nodiscard]] int accumulator() const { return steps_.list.empty() ? -1 : 0; }

    void take(int to, int from, std::int32_t begin, std::int32_t end, std::int32_t stride) {
        Step step{.to = to, .from = from, .begin = visited()};
        for (std::int32_t t = begin; t < end; t += stride) steps_.terms.push_back(t);
        step.end = visited();
        steps_.list.push_back(step);
    }

    void one_by_one(std::int32_t stride) {
        for (std::int32_t r = 0; r < stride; ++r)
            for (std::int32_t t = r; t < count_; t += stride) take(0, accumulator(), t, t + 1, 1);
        steps_.one_by_one = true;
    }

    void partial() {
        steps_.registers = group_ + 1;
        if (spec_.quantize == QuantizeAt::Fold) {
            for (std::int32_t l = 0; l < group_; ++l) take(l + 1, -1, l, count_, group_);
        } else {
            for (std::int32_t t = 0; t < count_; ++t) {
                const int lane = t % group_ + 1;
                take(lane, t < group_ ? -1 : lane, t, t + 1, 1);
            }
        }
        for (std::int32_t l = 0; l < group_; ++l) {
            const bool empty = l == 0 && !first_bias_;
            steps_.list.push_back({.to = 0, .from = empty ? -1 : 0, .other = l + 1});
        }
    }

    // A node's value: in a register, or a leaf that no conversion has met yet.
    struct Value {
        int reg = -1;
        std::int32_t leaf = -1;
    };

    void tree() {
        const std::int32_t leaves = count_ + (first_bias_ ? 1 : 0);
        std::int32_t levels = 0;
        while ((std::int64_t{1} << levels) < leaves) ++levels;
        const Value root = node(levels, 0, leaves, 0);
        if (root.leaf >= 0) add_node(0, root, {});
    }

    // The node at `index` of a level holds the leaves from index * 2^level on.
    Value node(std::int32_t level, std::int32_t index, std::int32_t leaves, int depth) {
        if (level == 0) return {.leaf = index};
        const Value left = node(level - 1, 2 * index, leaves, depth);
        const std::int64_t right_begin = (std::int64_t{2} * index + 1) << (level - 1);
        if (right_begin >= leaves) return left;
        const Value right = node(level - 1, 2 * index + 1, leaves, depth + 1);
        add_node(depth, left, right);
        return {.reg = depth};
    }

    void add_node(int to, Value left, Value right) {
        Step step{.to = to, .from = left.reg, .other = right.reg, .begin = visited()};
        for (const std::int32_t leaf : {left.leaf, right.leaf}) {
            if (leaf < 0) continue;
            if (first_bias_ && leaf == 0) {
                step.bias = true;
            } else {
                steps_.terms.push_back(leaf - (first_bias_ ? 1 : 0));
            }
        }
        step.end = visited();
        steps_.registers = std::max(steps_.registers, to + 1);
        steps_.list.push_back(step);
    }

    const AccumulatorSpec& spec_;
    std::int32_t count_, group_;
    bool first_bias_, last_bias_;
    Steps steps_{};
};

}  // namespace

Steps steps_of(const AccumulatorSpec& spec, std::int64_t terms, bool has_bias) {
    return StepMaker(spec, terms, has_bias).make();
}

}  // namespace bittrue::explore
