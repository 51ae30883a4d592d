// The body of Accumulation::run(), a source but for its template parameter; included by accumulation.hpp only.
#pragma once

namespace bittrue::corner {

template <class D>
struct Accumulation::Run {
    using Value = typename D::Value;
    const Accumulation& a;
    D& d;
    Probe& probe;
    std::span<const i128> weights;
    std::span<const Value> inputs;
    Value bias{};
    bool was_positive = false, was_negative = false;

    [[nodiscard]] Value up(const Value& v, int from, int to) const {
        return from == to ? v : d.scale(v, i128{1} << (to - from));
    }
    [[nodiscard]] Value at(std::size_t site, const Value& v) const { return d.convert(probe.sites[site], v); }
    [[nodiscard]] i128 weight(std::int64_t t) const { return weights[static_cast<std::size_t>(t)]; }
    [[nodiscard]] const Value& input(std::int64_t t) const { return inputs[static_cast<std::size_t>(t)]; }

    [[nodiscard]] Value term(std::int64_t t) const {
        const Value exact = d.scale(input(t), weight(t));
        return a.product_ == kNone ? exact : at(a.product_, exact);
    }

    // Q_A(acc + v), v of term_frac.
    [[nodiscard]] Value add(std::size_t site, const Value& acc, const Value& v) {
        const Value next = at(site, d.add(up(acc, a.frac(), a.step_frac_), up(v, a.term_frac_, a.step_frac_)));
        see_sign(next);
        return next;
    }

    // Whether the running sum has been on both sides of zero.
    void see_sign(const Value& acc) {
        if constexpr (D::is_abstract) {
            was_positive |= acc.high > 0;
            was_negative |= acc.low < 0;
            probe.marks[a.first_mark_ + 3].tally.reachable |= was_positive && was_negative;
        } else {
            const bool before = was_positive && was_negative;
            was_positive |= acc > 0;
            was_negative |= acc < 0;
            if (!before && was_positive && was_negative) d.hit(probe.marks[a.first_mark_ + 3].tally);
        }
    }

    // Exact sum of terms begin, begin + stride, ... < end.
    [[nodiscard]] Value sum_of(std::int64_t begin, std::int64_t end, std::int64_t stride) const {
        Value total = D::number(0);
        for (std::int64_t t = begin; t < end; t += stride) total = d.add(total, term(t));
        return total;
    }

    [[nodiscard]] Value start() {
        const Value acc = a.start_ == kNone ? D::number(0) : at(a.start_, bias);
        see_sign(acc);
        return acc;
    }

    Value by_schedule() {
        const std::int64_t n = a.terms_, group = a.group_;
        const bool by_group = a.spec_.quantize == QuantizeAt::Fold;
        switch (a.spec_.schedule) {
            case Schedule::Sequential: return steps(start(), 0, n, 1);
            case Schedule::Interleave: {
                Value acc = start();
                for (std::int64_t r = 0; r < group; ++r)
                    acc = by_group ? add(a.step_, acc, sum_of(r, n, group)) : steps(acc, r, n, group);
                return acc;
            }
            case Schedule::Fold:
            case Schedule::Cascade: {
                if (!by_group) return steps(start(), 0, n, 1);
                Value acc = start();
                for (std::int64_t t = 0; t < n; t += group)
                    acc = add(a.step_, acc, sum_of(t, std::min(t + group, n), 1));
                return acc;
            }
            case Schedule::Partial: return partial(by_group);
            case Schedule::Tree: return tree();
        }
        return D::number(0);
    }

    [[nodiscard]] Value steps(Value acc, std::int64_t begin, std::int64_t end, std::int64_t stride) {
        for (std::int64_t t = begin; t < end; t += stride) acc = add(a.step_, acc, term(t));
        return acc;
    }

    Value partial(bool by_group) {
        Value acc = start();
        std::vector<Value> lanes(static_cast<std::size_t>(a.group_), D::number(0));
        if (by_group) {
            for (std::size_t l = 0; l < lanes.size(); ++l)
                lanes[l] = add(a.lanes_, lanes[l], sum_of(static_cast<std::int64_t>(l), a.terms_, a.group_));
        } else {
            for (std::int64_t t = 0; t < a.terms_; ++t) {
                Value& lane = lanes[static_cast<std::size_t>(t % a.group_)];
                lane = add(a.lanes_, lane, term(t));
            }
        }
        for (const Value& lane : lanes) {
            acc = at(a.step_, d.add(acc, lane));
            see_sign(acc);
        }
        return acc;
    }

    Value tree() {
        std::vector<Value> nodes;  // at step_frac
        if (a.bias_first_) nodes.push_back(up(bias, a.bias_frac_, a.step_frac_));
        for (std::int64_t t = 0; t < a.terms_; ++t) nodes.push_back(up(term(t), a.term_frac_, a.step_frac_));
        if (nodes.size() == 1) return at(a.step_, nodes[0]);
        while (nodes.size() > 1) {
            std::vector<Value> level;
            for (std::size_t i = 0; i + 1 < nodes.size(); i += 2)
                level.push_back(up(at(a.step_, d.add(nodes[i], nodes[i + 1])), a.frac(), a.step_frac_));
            if (nodes.size() % 2 != 0) level.push_back(nodes.back());
            nodes = std::move(level);
        }
        return down(nodes[0], a.step_frac_ - a.frac());
    }

    // The root is a multiple of 2^k.
    [[nodiscard]] static Value down(const Value& v, int k) {
        if constexpr (D::is_abstract) {
            return {v.low >> k, v.high >> k, v.step >> k};
        } else {
            return v >> k;
        }
    }

    Value at_end() {
        Value total = D::number(0);
        for (std::int64_t t = 0; t < a.terms_; ++t) total = d.add(total, term(t));
        total = up(total, a.term_frac_, a.end_frac_);
        if (a.bias_first_) total = d.add(total, up(bias, a.bias_frac_, a.end_frac_));
        return at(a.step_, total);
    }

    // What the products are and how far their sum goes, whatever the accumulator makes of it.
    [[nodiscard]] Value exact_sum() {
        Value total = D::number(0);
        Mark* const marks = &probe.marks[a.first_mark_];
        for (std::int64_t t = 0; t < a.terms_; ++t) {
            const Value p = d.scale(input(t), weight(t));
            total = d.add(total, p);
            const bool lowest_weight = weight(t) == range_min(a.weight_) && weight(t) < 0;
            const i128 lowest_input = range_min(a.input_);
            if constexpr (D::is_abstract) {
                marks[0].tally.reachable |= lowest_weight && lowest_input < 0 && input(t).low == lowest_input;
                marks[1].value = std::max(marks[1].value, p.high);
                marks[2].value = std::min(marks[2].value, p.low);
            } else {
                if (lowest_weight && lowest_input < 0 && input(t) == lowest_input) d.hit(marks[0].tally);
                if (p == marks[1].value) d.hit(marks[1].tally);
                if (p == marks[2].value) d.hit(marks[2].tally);
            }
        }
        total = up(total, a.product_frac_, a.sum_frac_);
        if (a.bias_) total = d.add(total, up(bias, a.bias_frac_, a.sum_frac_));
        return total;
    }
};

template <class D>
typename D::Value Accumulation::run(D& d, Probe& probe, std::span<const i128> weights,
                                    std::span<const typename D::Value> inputs, std::optional<i128> bias,
                                    typename D::Value& exact) const {
    Run<D> run{*this, d, probe, weights, inputs};
    if (bias) run.bias = bias_cast_ == kNone ? D::number(*bias) : run.at(bias_cast_, D::number(*bias));
    auto acc = spec_.quantize == QuantizeAt::End ? run.at_end() : run.by_schedule();
    if (last_ != kNone) {
        acc = run.at(last_, d.add(run.up(acc, frac(), last_frac_), run.up(run.bias, bias_frac_, last_frac_)));
    }
    exact = run.exact_sum();
    return acc;
}

}  // namespace bittrue::corner
