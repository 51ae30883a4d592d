// L17, L23, L24: layers with numbers of their own for every channel.
#include <algorithm>

#include "bittrue/model/error.hpp"
#include "dyadic.hpp"
#include "probe.hpp"

namespace bittrue::corner {
namespace {

// One number for all channels or one for each.
template <class T>
const T& of_channel(const std::vector<T>& all, const Shape& shape, std::size_t element) {
    return all[all.size() == 1 ? 0 : static_cast<std::size_t>(shape.channel_of(static_cast<std::int64_t>(element)))];
}

class AffineProbe : public ProbeOf<AffineProbe> {
public:
    explicit AffineProbe(const ProbeSetup& setup) : shape_(setup.shape()) {
        const Tensor& scale = *setup.parameter("scale");
        const Tensor* const bias = setup.parameter("bias");
        const Format product = product_format(setup.format(), scale.format);
        const int frac = bias == nullptr ? product.frac() : std::max(product.frac(), bias->format.frac());
        require_exact(setup, std::max(bits_at(product, frac), bias == nullptr ? 0 : bits_at(bias->format, frac)) + 1);
        for (const std::int64_t word : scale.words)
            factors_.push_back(raw_from_word(word, scale.format) << (frac - product.frac()));
        if (bias == nullptr) offsets_ = {0};
        for (std::size_t i = 0; bias != nullptr && i < bias->words.size(); ++i)
            offsets_.push_back(raw_from_word(bias->words[i], bias->format) << (frac - bias->format.frac()));
        sites.push_back(make_site("result", EventClass::Result, {.to = setup.node.result, .frac = frac}));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(inputs[0]->size());
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto product = d.scale((*inputs[0])[i], of_channel(factors_, shape_, i));
            out[i] = d.convert(sites[0], d.add(product, D::number(of_channel(offsets_, shape_, i))));
        }
    }

private:
    Shape shape_;
    std::vector<i128> factors_{}, offsets_{};
};

class ThresholdProbe : public ProbeOf<ThresholdProbe> {
public:
    ThresholdProbe(const ProbeSetup& setup, const Threshold& op) : shape_(setup.shape()) {
        const Tensor& thresholds = *setup.parameter("thresholds");
        const auto n = static_cast<std::size_t>(thresholds.dims[1]);
        const int from = thresholds.format.frac(), frac = setup.format().frac();
        for (std::size_t i = 0; i < thresholds.words.size(); ++i) {
            if (i % n == 0) firsts_.emplace_back();
            const i128 raw = raw_from_word(thresholds.words[i], thresholds.format);
            // x > t is not (-x >= -t).
            firsts_.back().push_back(op.strict ? 1 - raw_at_least({-raw, from}, frac)
                                               : raw_at_least({raw, from}, frac));
        }
        for (auto& firsts : firsts_) std::sort(firsts.begin(), firsts.end());
        const ExactDouble scale = exact_double(op.scale), bias = exact_double(op.bias);
        const int result_frac = scale.raw == 0  ? bias.frac
                                : bias.raw == 0 ? scale.frac
                                                : std::max(scale.frac, bias.frac);
        constexpr int kDoubleBits = 54;
        const int scale_up = scale.raw == 0 ? 0 : result_frac - scale.frac;
        const int bias_up = bias.raw == 0 ? 0 : result_frac - bias.frac;
        require_exact(setup,
                      kDoubleBits + 1 + std::max(scale_up + ceil_log2(static_cast<std::int64_t>(n) + 1), bias_up));
        scale_ = scale.raw << scale_up;
        bias_ = bias.raw << bias_up;
        for (const char* goal : {"no threshold reached", "all thresholds reached",
                                 "first word that reaches a threshold", "last word below a threshold"})
            marks.push_back({.place = "input", .goal = goal, .why = "the input never is there"});
        sites.push_back(make_site("result", EventClass::Result, {.to = setup.node.result, .frac = result_frac}));
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(inputs[0]->size());
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto reached = count(d, (*inputs[0])[i], of_channel(firsts_, shape_, i));
            out[i] = d.convert(sites[0], d.add(d.scale(reached, scale_), D::number(bias_)));
        }
    }

private:
    static std::ptrdiff_t reached_by(i128 x, const std::vector<i128>& firsts) {
        return std::upper_bound(firsts.begin(), firsts.end(), x) - firsts.begin();
    }
    i128 count(Concrete& d, i128 x, const std::vector<i128>& firsts) {
        const std::ptrdiff_t k = reached_by(x, firsts);
        if (k == 0) d.hit(marks[0].tally);
        if (k == std::ssize(firsts)) d.hit(marks[1].tally);
        if (k > 0 && firsts[static_cast<std::size_t>(k - 1)] == x) d.hit(marks[2].tally);
        if (k < std::ssize(firsts) && firsts[static_cast<std::size_t>(k)] == x + 1) d.hit(marks[3].tally);
        return k;
    }
    Strided count(Abstract& /*d*/, const Strided& x, const std::vector<i128>& firsts) {
        const std::ptrdiff_t low = reached_by(x.low, firsts), high = reached_by(x.high, firsts);
        marks[0].tally.reachable |= low == 0;
        marks[1].tally.reachable |= high == std::ssize(firsts);
        for (const i128 first : firsts) {
            marks[2].tally.reachable |= within(x, first, first).has_value();
            marks[3].tally.reachable |= within(x, first - 1, first - 1).has_value();
        }
        return normalised(low, high, 1);
    }

    Shape shape_;
    std::vector<std::vector<i128>> firsts_{};  // raws that reach one threshold more, ascending
    i128 scale_ = 0, bias_ = 0;
};

// With the zero point in front of the rounding a requantisation is a conversion of an exact number.
bool is_a_conversion(const Requantize& op, const FixedType& to) {
    if (op.rule != RequantizeRule::Exact) return false;
    const bool moves_with_integers =
        to.rounding == Rounding::Trn || to.rounding == Rounding::Rnd || to.rounding == Rounding::RndMinInf;
    return op.zero_point == 0 || op.zero_point_first || moves_with_integers;
}

class RequantizeProbe : public ProbeOf<RequantizeProbe> {
public:
    RequantizeProbe(const ProbeSetup& setup, const Requantize& op) : shape_(setup.shape()) {
        if (!is_a_conversion(op, setup.node.result)) {
            throw InputError("layer '" + setup.node.name + "'",
                             "coverage looks only into a requantize with the rule exact and its zero point first (or "
                             "zero); measure the network up to this layer");
        }
        const Tensor& multiplier = *setup.parameter("multiplier");
        int zero_bits = 1;
        while (op.zero_point >> (zero_bits - 1) != 0 && op.zero_point >> (zero_bits - 1) != -1) ++zero_bits;
        FixedType to = setup.node.result;
        to.format.integer = to.format.width;  // the raw is what counts
        for (std::size_t i = 0; i < op.shift.size(); ++i) {
            const int frac = std::max(op.shift[i], 0);
            const Format product = product_format(setup.format(), multiplier.format);
            const int bits = bits_at(product, product.frac());
            require_exact(setup, std::max(bits + frac - op.shift[i], zero_bits + frac) + 1);
            const auto same =
                std::find_if(sites.begin(), sites.end(), [&](const Site& s) { return s.conversion.frac == frac; });
            channels_.push_back({raw_from_word(multiplier.words[i], multiplier.format) << (frac - op.shift[i]),
                                 i128{op.zero_point} << frac, static_cast<std::size_t>(same - sites.begin())});
            if (same != sites.end()) continue;
            sites.push_back(make_site(op.shift.size() == 1 ? "result" : "result of shift " + std::to_string(frac),
                                      EventClass::Result, {.to = to, .frac = frac}));
        }
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(inputs[0]->size());
        for (std::size_t i = 0; i < out.size(); ++i) {
            const Channel& c = of_channel(channels_, shape_, i);
            out[i] = d.convert(sites[c.site], d.add(d.scale((*inputs[0])[i], c.factor), D::number(c.offset)));
        }
    }

private:
    struct Channel {
        i128 factor = 1, offset = 0;
        std::size_t site = 0;
    };
    Shape shape_;
    std::vector<Channel> channels_{};
};

}  // namespace

ProbePtr probe_of(const ProbeSetup& setup, const Affine& /*op*/) {
    return std::make_unique<AffineProbe>(setup);
}

ProbePtr probe_of(const ProbeSetup& setup, const Threshold& op) {
    return std::make_unique<ThresholdProbe>(setup, op);
}

ProbePtr probe_of(const ProbeSetup& setup, const Requantize& op) {
    return std::make_unique<RequantizeProbe>(setup, op);
}

}  // namespace bittrue::corner
