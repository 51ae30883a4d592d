#include "ordered.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/ordered.cpp"
#include "highway_targets.hpp"

// clang-format off: this order is part of the interface
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "lanes-inl.hpp"
#include "pairs-inl.hpp"
#include "step_loop-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::linear {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Vectors run side by side, so that one works while the other waits.
constexpr std::size_t kPack = HWY_TARGET == HWY_AVX3 ? 4 : 2;

// AccumulationRun over a pack of lanes.
template <class D, bool kCount>
class OrderedRun {
    using T = hn::TFromD<D>;
    using V = hn::Vec<D>;
    using Quantizer = LaneQuantizer<D, kCount, kPack>;
    static constexpr std::size_t kWidth = lanes_of<D>() * kPack;
    static constexpr D d{};

    struct Pack {
        HWY_INLINE Pack() {}
        V v[kPack];
    };
    // Terms begin, begin + stride, ... < end.
    struct Group {
        std::int64_t begin = 0, end = 0, stride = 1;
    };

public:
    OrderedRun(const OrderedPlan& plan, const OrderedJob& job, std::size_t first)
        : plan_(plan),
          a_(plan.a),
          job_(job),
          window_(static_cast<const T*>(job.window) + first),
          weights_(static_cast<const T*>(job.weights)),
          room_(static_cast<T*>(job.room)),
          first_(first),
          terms_(plan.terms),
          group_(std::min<std::int64_t>(plan.a.spec.group, plan.terms)),
          first_bias_(job.bias->present && plan.a.spec.bias == BiasPosition::First),
          narrow_products_(plan.narrow_products),
          casts_product_(plan.a.casts_product),
          acc_up_(plan.a.acc_up),
          term_up_(plan.a.term_up),
          product_(plan.product),
          step_(plan.step),
          end_(plan.end),
          last_(plan.last) {}

    void run() {
        Pack acc = a_.spec.quantize == QuantizeAt::End ? at_end() : by_schedule();
        if (job_.bias->present && !first_bias_) {
            const V bias = splat(job_.bias->raw << a_.bias_last_up);
            each([&](std::size_t u) {
                acc.v[u] = last_(hn::Add(hn::ShiftLeftSame(acc.v[u], a_.acc_last_up), bias), u);
            });
            ++lasts_;
        }
        T* const out = static_cast<T*>(job_.out) + first_;
        each([&](std::size_t u) { hn::StoreU(acc.v[u], d, out + u * lanes_of<D>()); });
        if constexpr (kCount) count();
    }

private:
    template <class F>
    static HWY_INLINE void each(F f) {
        for (std::size_t u = 0; u < kPack; ++u) f(u);
    }
    static V splat(std::int64_t value) { return hn::Set(d, static_cast<T>(value)); }
    static Pack same(std::int64_t value) {
        Pack p;
        each([&](std::size_t u) { p.v[u] = splat(value); });
        return p;
    }

    Pack by_schedule() {
        if (a_.spec.schedule == Schedule::Tree) return tree();
        Pack acc = same(first_bias_ ? job_.bias->first : 0);
        switch (a_.spec.schedule) {
            case Schedule::Sequential: return pass(acc, {0, terms_, 1});
            case Schedule::Interleave:
                for (std::int64_t r = 0; r < group_; ++r) acc = pass(acc, {r, terms_, group_});
                return acc;
            case Schedule::Fold:
            case Schedule::Cascade:
                for (std::int64_t g = 0; g * group_ < terms_; ++g) {
                    acc = pass(acc, {g * group_, std::min((g + 1) * group_, terms_), 1});
                }
                return acc;
            case Schedule::Partial: return partial(acc);
            case Schedule::Tree: break;
        }
        return acc;
    }

    HWY_INLINE Pack term(std::int64_t t) {
        Pack p;
        const T* const x = window_ + t * kLanes;
        bool done = false;
        if constexpr (sizeof(T) == sizeof(std::int32_t) && HWY_TARGET != HWY_SCALAR) {
            if (narrow_products_) {  // the high half of the weight is zero, so that of the input does not matter
                const V w = hn::Set(d, static_cast<T>(weights_[t] & 0xffff));
                each([&](std::size_t u) { p.v[u] = pair_dot(d, hn::Load(d, x + u * lanes_of<D>()), w); });
                done = true;
            }
        }
        if (!done) {
            const V w = hn::Set(d, weights_[t]);
            each([&](std::size_t u) { p.v[u] = multiply(d, hn::Load(d, x + u * lanes_of<D>()), w); });
        }
        if (casts_product_) each([&](std::size_t u) { p.v[u] = product_(p.v[u], u); });
        return p;
    }

    Pack sum(Group g) {
        Pack all = same(0);
        for (std::int64_t t = g.begin; t < g.end; t += g.stride) {
            const Pack p = term(t);
            each([&](std::size_t u) { all.v[u] = hn::Add(all.v[u], p.v[u]); });
        }
        return all;
    }

    // Q_A(acc + value), `value` at the frac of the terms.
    HWY_INLINE Pack add(Pack acc, Pack value) {
        each([&](std::size_t u) { acc.v[u] = step_(hn::Add(acc_up_.left(acc.v[u]), term_up_.left(value.v[u])), u); });
        ++steps_;
        return acc;
    }

    Pack pass(Pack acc, Group g) {
        if (a_.spec.quantize == QuantizeAt::Fold) return add(acc, sum(g));
        if constexpr (!kCount && sizeof(T) == sizeof(std::int32_t) && HWY_TARGET != HWY_SCALAR) {
            if (plan_.step_loop) {
                StepLoop<D, kPack>(plan_, job_, first_).run(acc.v, g.begin, g.end, g.stride);
                return acc;
            }
        }
        for (std::int64_t t = g.begin; t < g.end; t += g.stride) acc = add(acc, term(t));
        return acc;
    }

    Pack load(std::int64_t node) const {
        Pack p;
        each([&](std::size_t u) { p.v[u] = hn::Load(d, room_ + node * kLanes + u * lanes_of<D>()); });
        return p;
    }
    void store(std::int64_t node, const Pack& p) {
        each([&](std::size_t u) { hn::Store(p.v[u], d, room_ + node * kLanes + u * lanes_of<D>()); });
    }

    Pack partial(Pack acc) {
        for (std::int64_t l = 0; l < group_; ++l) store(l, same(0));
        if (a_.spec.quantize == QuantizeAt::Fold) {
            for (std::int64_t l = 0; l < group_; ++l) store(l, add(same(0), sum({l, terms_, group_})));
        } else {
            for (std::int64_t t = 0; t < terms_; ++t) store(t % group_, add(load(t % group_), term(t)));
        }
        for (std::int64_t l = 0; l < group_; ++l) {
            const Pack lane = load(l);
            each([&](std::size_t u) { acc.v[u] = step_(acc_up_.left(hn::Add(acc.v[u], lane.v[u])), u); });
            ++steps_;
        }
        return acc;
    }

    // Quantises a node at step_frac and brings it back to step_frac.
    Pack node(Pack exact) {
        each([&](std::size_t u) { exact.v[u] = acc_up_.left(step_(exact.v[u], u)); });
        ++steps_;
        return exact;
    }

    Pack tree() {
        std::int64_t count = 0;
        if (first_bias_) store(count++, same(job_.bias->raw << a_.bias_up));
        for (std::int64_t t = 0; t < terms_; ++t) {
            Pack leaf = term(t);
            each([&](std::size_t u) { leaf.v[u] = term_up_.left(leaf.v[u]); });
            store(count++, leaf);
        }
        if (count == 1) store(0, node(load(0)));
        while (count > 1) {
            const std::int64_t pairs = count / 2;
            for (std::int64_t i = 0; i < pairs; ++i) {
                Pack both = load(2 * i);
                const Pack right = load(2 * i + 1);
                each([&](std::size_t u) { both.v[u] = hn::Add(both.v[u], right.v[u]); });
                store(i, node(both));
            }
            if (count % 2 != 0) store(pairs, load(count - 1));
            count = pairs + count % 2;
        }
        Pack root = load(0);
        each([&](std::size_t u) { root.v[u] = acc_up_.right(root.v[u]); });
        return root;
    }

    Pack at_end() {
        Pack all = same(first_bias_ ? job_.bias->raw << a_.bias_end_up : 0);
        for (std::int64_t t = 0; t < terms_; ++t) {
            const Pack p = term(t);
            each([&](std::size_t u) { all.v[u] = hn::Add(all.v[u], hn::ShiftLeftSame(p.v[u], a_.term_end_up)); });
        }
        each([&](std::size_t u) { all.v[u] = end_(all.v[u], u); });
        ++ends_;
        return all;
    }

    void count() const {
        AccumulationCounts& counts = *job_.counts;
        const auto terms = static_cast<std::uint64_t>(terms_);
        const std::uint64_t asked = job_.lanes.counted >> first_;
        if (a_.casts_product) product_.count(counts.product, counts.lanes, terms, asked, first_);
        step_.count(counts.accumulator, counts.lanes, steps_, asked, first_);
        end_.count(counts.accumulator, counts.lanes, ends_, asked, first_);
        last_.count(counts.accumulator, counts.lanes, lasts_, asked, first_);
    }

    const OrderedPlan& plan_;
    const Accumulation<std::int64_t>& a_;
    const OrderedJob& job_;
    const T* const window_;
    const T* const weights_;
    T* const room_;
    const std::size_t first_;
    const std::int64_t terms_, group_;
    const bool first_bias_, narrow_products_, casts_product_;
    const LaneShift<D> acc_up_, term_up_;
    Quantizer product_, step_, end_, last_;
    std::uint64_t steps_ = 0, ends_ = 0, lasts_ = 0;
};

template <class D>
void run_lanes(const OrderedPlan& plan, const OrderedJob& job) {
    constexpr std::size_t kWidth = kPack * lanes_of<D>();
    for (std::size_t first = 0; first < kLanes; first += kWidth) {
        if ((job.lanes.computed >> first & ~std::uint64_t{0} >> (64 - kWidth)) == 0) continue;
        if (job.counts == nullptr) {
            OrderedRun<D, false>(plan, job, first).run();
        } else {
            OrderedRun<D, true>(plan, job, first).run();
        }
    }
}

void run32(const OrderedPlan& plan, const OrderedJob& job) {
    run_lanes<hn::CappedTag<std::int32_t, kLanes / kPack>>(plan, job);
}
void run64(const OrderedPlan& plan, const OrderedJob& job) {
    run_lanes<hn::CappedTag<std::int64_t, kLanes / kPack>>(plan, job);
}

template <class To, class From>
void widen_words(const std::byte* plane, void* out) {
    const From* const from = reinterpret_cast<const From*>(plane);
    To* const to = static_cast<To*>(out);
    for (int i = 0; i < kLanes; ++i) to[i] = static_cast<To>(from[i]);
}

template <class To>
void widen(const std::byte* plane, LaneType type, void* out) {
    switch (type) {
        case LaneType::U8: return widen_words<To, std::uint8_t>(plane, out);
        case LaneType::S8: return widen_words<To, std::int8_t>(plane, out);
        case LaneType::S16: return widen_words<To, std::int16_t>(plane, out);
        case LaneType::S32: return widen_words<To, std::int32_t>(plane, out);
        case LaneType::S64: return widen_words<To, std::int64_t>(plane, out);
    }
}

OrderedKernels kernels() {
    return {run32, run64, widen<std::int32_t>, widen<std::int64_t>};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bittrue::emulator::linear {

BITTRUE_PER_ISA(OrderedKernels, ordered_kernels, kernels())

}  // namespace bittrue::emulator::linear
#endif
