// The body of accumulate(), a source but for its template parameters; included by accumulate.hpp only.
#pragma once

namespace bittrue::emulator {

constexpr Events both(Events a, Events b) {
    return {a.inexact || b.inexact, a.above || b.above, a.below || b.below, a.saturated || b.saturated};
}

// Terms begin, begin + stride, ... < end: what a pass, a fold or a lane takes.
struct Group {
    std::int64_t begin = 0, end = 0, stride = 1;
};

template <class Int, class Observer>
class AccumulationRun {
public:
    AccumulationRun(const Accumulation<Int>& a, Terms<Int> terms, const BiasTerm<Int>& bias, std::span<Int> room,
                    AccumulationCounts& counts, Observer& observer)
        : a_(a),
          terms_(terms),
          bias_(bias),
          room_(room),
          counts_(counts),
          observer_(observer),
          group_(std::min<std::int64_t>(a.spec.group, terms.count)),
          first_bias_(bias.present && a.spec.bias == BiasPosition::First) {}

    Int run() {
        if (bias_.present && a_.spec.bias_cast) accumulator_.add(bias_.cast);
        Int acc = a_.spec.quantize == QuantizeAt::End ? at_end() : by_schedule();
        if (bias_.present && !first_bias_) acc = add_last_bias(acc);
        counts_.product += product_;
        counts_.accumulator += accumulator_;
        return acc;
    }

private:
    Int by_schedule() {
        if (a_.spec.schedule == Schedule::Tree) return tree();
        Int acc = start();
        switch (a_.spec.schedule) {
            case Schedule::Sequential: return pass(acc, StepKind::Term, 0, {0, terms_.count, 1});
            case Schedule::Interleave:
                for (std::int64_t r = 0; r < group_; ++r) acc = pass(acc, StepKind::Pass, r, {r, terms_.count, group_});
                return acc;
            case Schedule::Fold:
            case Schedule::Cascade:
                for (std::int64_t g = 0; g * group_ < terms_.count; ++g) {
                    acc = pass(acc, StepKind::Fold, g, {g * group_, std::min((g + 1) * group_, terms_.count), 1});
                }
                return acc;
            case Schedule::Partial: return partial(acc);
            case Schedule::Tree: break;
        }
        return acc;
    }

    // Q_A(acc + value), `value` at the frac of the terms.
    Int add(Int acc, Int value) {
        const auto q = a_.step((acc << a_.acc_up) + (value << a_.term_up));
        accumulator_.add(q.events);
        if constexpr (Observer::listens) events_ = q.events;
        return q.raw;
    }

    Int term(std::int64_t t) {
        if constexpr (Observer::alters) {
            return observer_.alter(t, unaltered_term(t));
        } else {
            return unaltered_term(t);
        }
    }
    Int unaltered_term(std::int64_t t) {
        const Int exact = terms_.weights[t] * terms_.inputs[t];
        if (!a_.casts_product) return exact;
        const auto q = a_.product(exact);
        product_.add(q.events);
        if constexpr (Observer::listens) product_events_ = both(product_events_, q.events);
        return q.raw;
    }

    Int sum(Group g) {
        Int total = 0;
        for (std::int64_t t = g.begin; t < g.end; t += g.stride) total += term(t);
        return total;
    }

    Int start() {
        Int acc = 0;
        if (first_bias_) {
            acc = bias_.first;
            accumulator_.add(bias_.first_events);
            if constexpr (Observer::listens) events_ = both(bias_.first_events, bias_.cast);
        }
        tell_start(acc, a_.acc_frac);
        return acc;
    }

    Int pass(Int acc, StepKind kind, std::int64_t index, Group g) {
        if (a_.spec.quantize == QuantizeAt::Fold) {
            const Int total = sum(g);
            acc = add(acc, total);
            tell(kind, index, 0, total, a_.at.term_frac, acc);
            return acc;
        }
        if constexpr (!Observer::listens && !Observer::alters && sizeof(Int) == sizeof(std::int64_t)) {
            const bool plain = a_.step.is_plain() && (!a_.casts_product || a_.product.is_plain());
            if (a_.casts_product) return plain ? fast_pass<true, true>(acc, g) : fast_pass<false, true>(acc, g);
            return plain ? fast_pass<true, false>(acc, g) : fast_pass<false, false>(acc, g);
        }
        for (std::int64_t t = g.begin; t < g.end; t += g.stride) {
            const Int p = term(t);
            acc = add(acc, p);
            tell(StepKind::Term, t, 0, p, a_.at.term_frac, acc);
        }
        return acc;
    }

    // The loop of pass() with step, where most of the time goes: local copies of everything, one branch per conversion.
    template <bool kPlain, bool kCastsProduct>
    Int fast_pass(Int acc, Group g) {
        CountingQuantizer<kPlain> product(a_.product), step(a_.step);
        const Int* const weights = terms_.weights;
        const Int* const inputs = terms_.inputs;
        const int acc_up = a_.acc_up, term_up = a_.term_up;
        std::int64_t steps = 0;
        for (std::int64_t t = g.begin; t < g.end; t += g.stride, ++steps) {
            Int p = weights[t] * inputs[t];
            if constexpr (kCastsProduct) p = product(p);
            acc = step((acc << acc_up) + (p << term_up));
        }
        accumulator_ += step.counts(steps);
        if constexpr (kCastsProduct) product_ += product.counts(steps);
        return acc;
    }

    Int partial(Int acc) {
        Int* lanes = room_.data();
        std::fill_n(lanes, group_, Int{0});
        if (a_.spec.quantize == QuantizeAt::Fold) {
            for (std::int64_t l = 0; l < group_; ++l) {
                const Int total = sum({l, terms_.count, group_});
                lanes[l] = add(0, total);
                tell(StepKind::LaneTotal, l, 0, total, a_.at.term_frac, lanes[l]);
            }
        } else {
            for (std::int64_t t = 0, l = 0; t < terms_.count; ++t, l = l + 1 == group_ ? 0 : l + 1) {
                const Int p = term(t);
                lanes[l] = add(lanes[l], p);
                tell(StepKind::TermOfLane, t, l, p, a_.at.term_frac, lanes[l]);
            }
        }
        for (std::int64_t l = 0; l < group_; ++l) {
            const auto q = a_.step((acc + lanes[l]) << a_.acc_up);
            accumulator_.add(q.events);
            if constexpr (Observer::listens) events_ = q.events;
            acc = q.raw;
            tell(StepKind::Lane, l, 0, lanes[l], a_.acc_frac, acc);
        }
        return acc;
    }

    // All nodes are kept at step_frac. After k levels node i covers the leaves i*2^k .. (i+1)*2^k - 1, as far as they
    // exist.
    Int tree() {
        Int* nodes = room_.data();
        std::int64_t count = 0;
        if (first_bias_) nodes[count++] = bias_.raw << a_.bias_up;
        Events* leaf_events = nullptr;
        if constexpr (Observer::listens) leaf_events = observer_.leaf_events(terms_.count + 1);
        for (std::int64_t t = 0; t < terms_.count; ++t) {
            nodes[count] = term(t) << a_.term_up;
            if constexpr (Observer::listens) leaf_events[count] = take(product_events_);
            ++count;
        }
        const std::int64_t leaves = count;
        if (leaves == 1) return node(nodes[0], 0, 0, leaf_frac(0), leaf_events) >> a_.acc_up;
        for (std::int64_t span = 1; count > 1; span *= 2) {
            const std::int64_t pairs = count / 2;
            for (std::int64_t i = 0; i < pairs; ++i) {
                const std::int64_t first = 2 * i * span;
                const std::int64_t middle = first + span;
                const std::int64_t end = std::min(first + 2 * span, leaves);
                const int left = span == 1 ? leaf_frac(first) : a_.acc_frac;
                const int right = end - middle == 1 ? leaf_frac(middle) : a_.acc_frac;
                nodes[i] = node(nodes[2 * i] + nodes[2 * i + 1], first, end - 1, std::max(left, right), leaf_events);
            }
            if (count % 2 != 0) nodes[pairs] = nodes[count - 1];
            count = pairs + count % 2;
        }
        return nodes[0] >> a_.acc_up;
    }

    int leaf_frac(std::int64_t leaf) const { return first_bias_ && leaf == 0 ? a_.at.bias_frac : a_.at.term_frac; }

    // Quantises a node; the exact sum and the result are at step_frac, `frac` is where the sum is shown.
    Int node(Int exact, std::int64_t first, std::int64_t last, int frac, [[maybe_unused]] Events* leaf_events) {
        const auto q = a_.step(exact);
        accumulator_.add(q.events);
        if constexpr (Observer::listens) {
            events_ = q.events;
            for (std::int64_t i = first; i <= last; ++i) product_events_ = both(product_events_, take(leaf_events[i]));
        }
        tell(StepKind::Node, first, last, exact >> (a_.at.step_frac - frac), frac, q.raw);
        return q.raw << a_.acc_up;
    }

    Int at_end() {
        Int total = 0;
        if (first_bias_) {
            total = bias_.raw << a_.bias_end_up;
            if constexpr (Observer::listens) events_ = bias_.cast;
        }
        tell_start(total, a_.at.end_frac);
        for (std::int64_t t = 0; t < terms_.count; ++t) {
            const Int p = term(t);
            total += p << a_.term_end_up;
            tell(StepKind::Term, t, 0, p, a_.at.term_frac, total, a_.at.end_frac);
        }
        const auto q = a_.end(total);
        accumulator_.add(q.events);
        if constexpr (Observer::listens) events_ = q.events;
        tell(StepKind::End, 0, 0, total, a_.at.end_frac, q.raw);
        return q.raw;
    }

    Int add_last_bias(Int acc) {
        const auto q = a_.last((acc << a_.acc_last_up) + (bias_.raw << a_.bias_last_up));
        accumulator_.add(q.events);
        if constexpr (Observer::listens) events_ = both(q.events, bias_.cast);
        tell(StepKind::Bias, 0, 0, bias_.raw, a_.at.bias_frac, q.raw);
        return q.raw;
    }

    void tell_start(Int acc, int frac) {
        const bool shown = first_bias_;
        tell(StepKind::Start, 0, 0, shown ? bias_.raw : Int{0}, shown ? a_.at.bias_frac : 0, acc, frac);
    }
    void tell(StepKind kind, std::int64_t index, std::int64_t second, Int product, int product_frac, Int acc) {
        tell(kind, index, second, product, product_frac, acc, a_.acc_frac);
    }
    void tell([[maybe_unused]] StepKind kind, [[maybe_unused]] std::int64_t index, [[maybe_unused]] std::int64_t second,
              [[maybe_unused]] Int product, [[maybe_unused]] int product_frac, [[maybe_unused]] Int acc,
              [[maybe_unused]] int acc_frac) {
        if constexpr (Observer::listens) {
            observer_(
                {kind, index, second, product, product_frac, acc, acc_frac, take(product_events_), take(events_)});
        }
    }
    static Events take(Events& events) { return std::exchange(events, Events{}); }

    const Accumulation<Int>& a_;
    const Terms<Int> terms_;
    const BiasTerm<Int>& bias_;
    const std::span<Int> room_;
    AccumulationCounts& counts_;
    Observer& observer_;
    const std::int64_t group_;
    const bool first_bias_;
    EventCounts product_{}, accumulator_{};  // here, so that they stay in registers
    Events product_events_{}, events_{};     // of the step that is told next
};

template <class Int, class Observer>
Int accumulate(const Accumulation<Int>& a, Terms<Int> terms, const BiasTerm<Int>& bias, std::span<Int> room,
               AccumulationCounts& counts, Observer& observer) {
    return AccumulationRun<Int, Observer>(a, terms, bias, room, counts, observer).run();
}

}  // namespace bittrue::emulator
