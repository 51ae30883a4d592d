// L1, L6 to L11: layers that look at one position at a time.
#include <algorithm>

#include "dyadic.hpp"
#include "flatten_sources.hpp"
#include "probe.hpp"

namespace bittrue::corner {
namespace {

FixedType result_of(const ProbeSetup& setup) {
    return setup.node.result;
}

Site result_site(const ProbeSetup& setup, int frac, const std::string& place = "result") {
    return make_site(place, EventClass::Result, {.to = result_of(setup), .frac = frac});
}

// Facts about the number in front of an activation.
struct Boundary {
    const char* goal;
    i128 low, high;
};

class BoundaryMarks {
public:
    BoundaryMarks() = default;
    BoundaryMarks(Probe& probe, std::vector<Boundary> all) : first_(probe.marks.size()), all_(std::move(all)) {
        for (const Boundary& b : all_)
            probe.marks.push_back({.place = "input", .goal = b.goal, .why = "the input never is there"});
    }
    void see(Concrete& d, Probe& probe, i128 x) const {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (x >= all_[i].low && x <= all_[i].high) d.hit(probe.marks[first_ + i].tally);
        }
    }
    void see(Abstract& /*d*/, Probe& probe, const Strided& x) const {
        for (std::size_t i = 0; i < all_.size(); ++i)
            probe.marks[first_ + i].tally.reachable |= within(x, all_[i].low, all_[i].high).has_value();
    }

private:
    std::size_t first_ = 0;
    std::vector<Boundary> all_{};
};

// 0, the smallest step to both sides, and the ends of the input's range.
std::vector<Boundary> around_zero(const FixedType& input) {
    const i128 low = range_min(input), high = range_max(input);
    return {{"zero", 0, 0},
            {"smallest positive", 1, 1},
            {"largest negative", -1, -1},
            {"positive", 1, i128{1} << kExactBits},
            {"negative", -(i128{1} << kExactBits), -1},
            {"largest input word", high, high},
            {"smallest input word", low, low}};
}

// Values of x > 0, and 0 for all others.
i128 positive_part(i128 x) {
    return x > 0 ? x : 0;
}
Strided positive_part(const Strided& x) {
    const auto positive = within(x, 1, x.high);
    if (!positive) return single(0);
    return x.low > 0 ? x : joined(single(0), *positive);
}

class CopyProbe : public ProbeOf<CopyProbe> {
public:
    CopyProbe(const ProbeSetup& setup, std::vector<std::size_t> sources) : sources_(std::move(sources)) {
        sites.push_back(result_site(setup, setup.format().frac()));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(sources_.size());
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = d.convert(sites[0], (*inputs[0])[sources_[i]]);
    }

private:
    std::vector<std::size_t> sources_;
};

class ReluProbe : public ProbeOf<ReluProbe> {
public:
    explicit ReluProbe(const ProbeSetup& setup) : marks_(*this, around_zero(setup.input_types.front())) {
        sites.push_back(result_site(setup, setup.format().frac()));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.clear();
        for (const auto& x : *inputs[0]) {
            marks_.see(d, *this, x);
            out.push_back(d.convert(sites[0], positive_part(x)));
        }
    }

private:
    BoundaryMarks marks_;
};

class ClippedReluProbe : public ProbeOf<ClippedReluProbe> {
public:
    ClippedReluProbe(const ProbeSetup& setup, const ClippedRelu& op)
        : max_(exact_double(op.max)), at_least_(raw_at_least(max_, setup.format().frac())) {
        std::vector<Boundary> all = around_zero(setup.input_types.front());
        all.push_back({"first at or above the maximum", at_least_, at_least_});
        all.push_back({"last below the maximum", at_least_ - 1, at_least_ - 1});
        all.push_back({"above the maximum", at_least_ + 1, i128{1} << kExactBits});
        marks_ = BoundaryMarks(*this, all);
        sites.push_back(result_site(setup, setup.format().frac()));
        sites.push_back(result_site(setup, max_.frac, "result of the maximum"));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.clear();
        for (const auto& x : *inputs[0]) {
            marks_.see(d, *this, x);
            out.push_back(clip(d, positive_part(x)));
        }
    }

private:
    i128 clip(Concrete& d, i128 x) { return x >= at_least_ ? d.convert(sites[1], max_.raw) : d.convert(sites[0], x); }
    Strided clip(Abstract& d, const Strided& x) {
        const auto below = within(x, x.low, at_least_ - 1);
        const auto clipped = within(x, at_least_, x.high);
        if (!clipped) return d.convert(sites[0], *below);
        const Strided top = d.convert(sites[1], single(max_.raw));
        return below ? joined(top, d.convert(sites[0], *below)) : top;
    }

    ExactDouble max_;
    i128 at_least_;
    BoundaryMarks marks_{};
};

class ClipProbe : public ProbeOf<ClipProbe> {
public:
    ClipProbe(const ProbeSetup& setup, const Clip& op) : min_(exact_double(op.min)), max_(exact_double(op.max)) {
        const int frac = setup.format().frac();
        const ExactDouble mirrored{-max_.raw, max_.frac};
        low_ = raw_at_least(min_, frac);
        high_ = -raw_at_least(mirrored, frac);
        const i128 beyond = i128{1} << kExactBits;
        std::vector<Boundary> all = around_zero(setup.input_types.front());
        all.push_back({"first at or above the minimum", low_, low_});
        all.push_back({"below the minimum", -beyond, low_ - 1});
        all.push_back({"last at or below the maximum", high_, high_});
        all.push_back({"above the maximum", high_ + 1, beyond});
        marks_ = BoundaryMarks(*this, all);
        sites.push_back(result_site(setup, frac));
        sites.push_back(result_site(setup, min_.frac, "result of the minimum"));
        sites.push_back(result_site(setup, max_.frac, "result of the maximum"));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.clear();
        for (const auto& x : *inputs[0]) {
            marks_.see(d, *this, x);
            out.push_back(clip(d, x));
        }
    }

private:
    i128 clip(Concrete& d, i128 x) {
        if (x < low_) return d.convert(sites[1], min_.raw);
        return x > high_ ? d.convert(sites[2], max_.raw) : d.convert(sites[0], x);
    }
    Strided clip(Abstract& d, const Strided& x) {
        std::optional<Strided> all;
        const auto take = [&](Site& site, const Strided& values) {
            const Strided r = d.convert(site, values);
            all = all ? joined(*all, r) : r;
        };
        if (within(x, x.low, low_ - 1)) take(sites[1], single(min_.raw));
        if (const auto passes = low_ <= high_ ? within(x, low_, high_) : std::nullopt) take(sites[0], *passes);
        // Where no raw lies between the limits, what is below the minimum is not above the maximum as well.
        if (within(x, std::max(low_, high_ + 1), x.high)) take(sites[2], single(max_.raw));
        return all.value();
    }

    ExactDouble min_, max_;
    i128 low_ = 0, high_ = 0;  // raws that pass
    BoundaryMarks marks_{};
};

class LeakyReluProbe : public ProbeOf<LeakyReluProbe> {
public:
    explicit LeakyReluProbe(const ProbeSetup& setup) : marks_(*this, around_zero(setup.input_types.front())) {
        const Tensor& alpha = *setup.parameter("alpha");
        alpha_ = raw_from_word(alpha.words[0], alpha.format);
        require_exact(setup, alpha.format.width + setup.format().width + 2);
        sites.push_back(result_site(setup, setup.format().frac()));
        sites.push_back(result_site(setup, setup.format().frac() + alpha.format.frac(), "result of alpha"));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.clear();
        for (const auto& x : *inputs[0]) {
            marks_.see(d, *this, x);
            out.push_back(leak(d, x));
        }
    }

private:
    i128 leak(Concrete& d, i128 x) { return x < 0 ? d.convert(sites[1], x * alpha_) : d.convert(sites[0], x); }
    Strided leak(Abstract& d, const Strided& x) {
        const auto negative = within(x, x.low, -1);
        const auto other = within(x, 0, x.high);
        if (!negative) return d.convert(sites[0], *other);
        const Strided leaked = d.convert(sites[1], scaled(*negative, alpha_));
        return other ? joined(leaked, d.convert(sites[0], *other)) : leaked;
    }

    i128 alpha_ = 0;
    BoundaryMarks marks_;
};

class AddProbe : public ProbeOf<AddProbe> {
public:
    explicit AddProbe(const ProbeSetup& setup) {
        const std::vector<std::string>& names = setup.node.inputs;
        int frac = setup.format().frac(), bits = 0;
        for (const FixedType& t : setup.input_types) frac = std::max(frac, t.format.frac());
        for (const FixedType& t : setup.input_types) bits = std::max(bits, bits_at(t.format, frac));
        require_exact(setup, bits + ceil_log2(std::ssize(names)) + 1);
        for (std::size_t k = 0; k < names.size(); ++k) {
            // An input that is named twice is the same number twice, not two numbers.
            if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(k), names[k]) !=
                names.begin() + static_cast<std::ptrdiff_t>(k))
                continue;
            const auto times = static_cast<i128>(std::count(names.begin(), names.end(), names[k]));
            parts_.push_back({k, times << (frac - setup.input_types[k].format.frac())});
        }
        sites.push_back(result_site(setup, frac));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(inputs[0]->size());
        for (std::size_t i = 0; i < out.size(); ++i) {
            typename D::Value total = D::number(0);
            for (const Part& p : parts_) total = d.add(total, d.scale((*inputs[p.input])[i], p.factor));
            out[i] = d.convert(sites[0], total);
        }
    }

private:
    struct Part {
        std::size_t input = 0;
        i128 factor = 1;
    };
    std::vector<Part> parts_{};
};

class MultiplyProbe : public ProbeOf<MultiplyProbe> {
public:
    explicit MultiplyProbe(const ProbeSetup& setup) {
        int frac = 0, bits = 0;
        for (const FixedType& t : setup.input_types) {
            frac += t.format.frac();
            bits += bits_at(t.format, t.format.frac());
        }
        require_exact(setup, bits);
        sites.push_back(result_site(setup, frac));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(inputs[0]->size());
        for (std::size_t i = 0; i < out.size(); ++i) {
            typename D::Value product = (*inputs[0])[i];
            for (std::size_t k = 1; k < inputs.size(); ++k) product = d.multiply(product, (*inputs[k])[i]);
            out[i] = d.convert(sites[0], product);
        }
    }
};

std::vector<std::size_t> in_order(std::int64_t count) {
    std::vector<std::size_t> all(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
}

}  // namespace

ProbePtr probe_of(const ProbeSetup& setup, const Quantize& /*op*/) {
    return std::make_unique<CopyProbe>(setup, in_order(setup.shape().count()));
}

ProbePtr probe_of(const ProbeSetup& setup, const Reshape& /*op*/) {
    return std::make_unique<CopyProbe>(setup, in_order(setup.shape().count()));
}

ProbePtr probe_of(const ProbeSetup& setup, const Flatten& /*op*/) {
    return std::make_unique<CopyProbe>(setup, flatten_sources(setup.node, setup.shape()));
}

ProbePtr probe_of(const ProbeSetup& setup, const Relu& /*op*/) {
    return std::make_unique<ReluProbe>(setup);
}

ProbePtr probe_of(const ProbeSetup& setup, const ClippedRelu& op) {
    return std::make_unique<ClippedReluProbe>(setup, op);
}

ProbePtr probe_of(const ProbeSetup& setup, const LeakyRelu& /*op*/) {
    return std::make_unique<LeakyReluProbe>(setup);
}

ProbePtr probe_of(const ProbeSetup& setup, const Add& /*op*/) {
    return std::make_unique<AddProbe>(setup);
}

ProbePtr probe_of(const ProbeSetup& setup, const Clip& op) {
    return std::make_unique<ClipProbe>(setup, op);
}

ProbePtr probe_of(const ProbeSetup& setup, const Multiply& /*op*/) {
    return std::make_unique<MultiplyProbe>(setup);
}

}  // namespace bittrue::corner
