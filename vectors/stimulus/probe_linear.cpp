// L2 and L3: dense layers and convolutions.
#include "accumulation.hpp"
#include "padding_marks.hpp"
#include "sum_marks.hpp"

namespace bittrue::corner {
namespace {

AccumulationSetup accumulation_setup(const ProbeSetup& setup, const Parameter& weights,
                                     const std::optional<Parameter>& bias, const AccumulatorSpec& spec,
                                     std::int64_t terms) {
    AccumulationSetup a{.spec = spec, .weight = weights.type, .input = setup.input_types.front(), .terms = terms};
    if (bias) a.bias = bias->type.format;
    return a;
}

std::vector<i128> raws(const Tensor* tensor) {
    std::vector<i128> all;
    if (tensor == nullptr) return all;
    for (const std::int64_t word : tensor->words) all.push_back(raw_from_word(word, tensor->format));
    return all;
}

// Both layers: `Geometry` says which inputs a word is made of.
template <class Geometry>
class LinearProbe : public ProbeOf<LinearProbe<Geometry>>, public Accumulating {
public:
    template <class Op>
    LinearProbe(const ProbeSetup& setup, const Op& op)
        : geometry_(setup, op),
          accumulation_(setup, *this,
                        accumulation_setup(setup, op.weights, op.bias, op.accumulator, geometry_.terms())),
          sums_(*this, geometry_.channels()),
          bias_(raws(setup.parameter("bias"))) {
        this->sites.push_back(
            make_site("result", EventClass::Result, {.to = setup.node.result, .frac = accumulation_.frac()}));
        const std::vector<i128> weights = raws(setup.parameter("weights"));
        for (std::int64_t k = 0; k < geometry_.channels(); ++k) {
            for (std::int64_t t = 0; t < geometry_.terms(); ++t)
                weights_.push_back(weights[static_cast<std::size_t>(geometry_.weight(t, k))]);
        }
        padding_ = PaddingMarks(*this, geometry_.padded());
        sources_.resize(static_cast<std::size_t>(geometry_.terms()));
    }

    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(static_cast<std::size_t>(outputs()));
        for (std::int64_t o = 0; o < outputs(); ++o) {
            const std::int64_t place = geometry_.place(o);
            out[static_cast<std::size_t>(place)] = word(d, *inputs[0], o);
        }
        if constexpr (!D::is_abstract) this->accumulator_reach = sums_.reach(*this);
    }

    Accumulating* accumulating() override { return this; }
    [[nodiscard]] std::int64_t outputs() const override { return geometry_.outputs(); }
    [[nodiscard]] int product_frac() const override { return accumulation_.product_frac(); }
    void spread(std::int64_t output, double slope, std::vector<double>& slopes) override {
        geometry_.gather(output, sources_);
        const auto weights = weights_of(geometry_.channel(output));
        for (std::size_t t = 0; t < sources_.size(); ++t) {
            if (sources_[t] >= 0)
                slopes[static_cast<std::size_t>(sources_[t])] += slope * static_cast<double>(weights[t]);
        }
    }
    [[nodiscard]] Terms terms(std::int64_t output) const override {
        Terms t{.channel = geometry_.channel(output)};
        t.sources.resize(static_cast<std::size_t>(geometry_.terms()));
        geometry_.gather(output, t.sources);
        const auto w = weights_of(t.channel);
        t.weights.assign(w.begin(), w.end());
        return t;
    }
    [[nodiscard]] std::int64_t place(std::int64_t output) const override { return geometry_.place(output); }
    [[nodiscard]] std::vector<std::int64_t> terms_before(const Site* site, std::int64_t k) const override {
        return accumulation_.terms_before(*this, site, k);
    }
    void walk_output(Concrete& numbers, const std::vector<i128>& input, std::int64_t output) override {
        static_cast<void>(word(numbers, input, output));
    }

private:
    [[nodiscard]] std::span<const i128> weights_of(std::int64_t channel) const {
        const auto terms = static_cast<std::size_t>(geometry_.terms());
        return std::span(weights_).subspan(static_cast<std::size_t>(channel) * terms, terms);
    }

    template <class D>
    typename D::Value word(D& d, const Values<D>& input, std::int64_t output) {
        geometry_.gather(output, sources_);
        Values<D>& window = window_of(d);
        for (std::size_t t = 0; t < sources_.size(); ++t)
            window[t] = sources_[t] < 0 ? D::number(0) : input[static_cast<std::size_t>(sources_[t])];
        const std::int64_t channel = geometry_.channel(output);
        std::optional<i128> bias;
        if (!bias_.empty()) bias = bias_[static_cast<std::size_t>(channel)];
        typename D::Value exact{};
        const auto acc = accumulation_.template run<D>(d, *this, weights_of(channel), window, bias, exact);
        sums_.see(d, *this, channel, exact);
        padding_.see(d, *this, geometry_.borders(output), window, sources_);
        return d.convert(this->sites.back(), acc);
    }

    std::vector<i128>& window_of(const Concrete&) { return resized(window_); }
    std::vector<Strided>& window_of(const Abstract&) { return resized(sets_); }
    template <class V>
    std::vector<V>& resized(std::vector<V>& v) {
        v.resize(sources_.size());
        return v;
    }

    Geometry geometry_;
    Accumulation accumulation_;
    SumMarks sums_;
    PaddingMarks padding_{};
    std::vector<i128> bias_{}, weights_{};  // weights [channel][term]
    std::vector<std::int64_t> sources_{};
    std::vector<i128> window_{};
    std::vector<Strided> sets_{};
};

class DenseGeometry {
public:
    DenseGeometry(const ProbeSetup& /*setup*/, const Dense& op)
        : terms_(op.weights.dims[0]), outputs_(op.weights.dims[1]) {}
    [[nodiscard]] std::int64_t terms() const { return terms_; }
    [[nodiscard]] std::int64_t channels() const { return outputs_; }
    [[nodiscard]] std::int64_t outputs() const { return outputs_; }
    [[nodiscard]] std::int64_t channel(std::int64_t output) const { return output; }
    [[nodiscard]] std::int64_t place(std::int64_t output) const { return output; }
    [[nodiscard]] std::int64_t weight(std::int64_t t, std::int64_t channel) const { return t * outputs_ + channel; }
    [[nodiscard]] bool padded() const { return false; }
    [[nodiscard]] Borders borders(std::int64_t /*output*/) const { return {}; }
    void gather(std::int64_t /*output*/, std::span<std::int64_t> sources) const {
        for (std::size_t t = 0; t < sources.size(); ++t) sources[t] = static_cast<std::int64_t>(t);
    }

private:
    std::int64_t terms_, outputs_;
};

struct Tap {
    std::int64_t row = 0, column = 0, channel = 0;
};

class ConvGeometry {
public:
    ConvGeometry(const ProbeSetup& setup, const Conv2d& op) : op_(&op), in_(setup.shape()), out_(setup.node.shape) {
        const Dims& dims = op.weights.dims;
        const bool by_kernel = op.accumulator.terms == TermOrder::Kernel;
        const std::int64_t positions = dims[0] * dims[1];
        for (std::int64_t t = 0; t < positions * dims[2]; ++t) {
            const std::int64_t position = by_kernel ? t % positions : t / dims[2];
            const std::int64_t channel = by_kernel ? t / positions : t % dims[2];
            taps_.push_back({position / dims[1], position % dims[1], channel});
        }
    }
    [[nodiscard]] std::int64_t terms() const { return std::ssize(taps_); }
    [[nodiscard]] std::int64_t channels() const { return out_.channels(); }
    [[nodiscard]] std::int64_t outputs() const { return out_.count(); }
    [[nodiscard]] std::int64_t channel(std::int64_t output) const { return output % channels(); }
    [[nodiscard]] std::int64_t place(std::int64_t output) const {
        return out_.index(channel(output), row(output), column(output));
    }
    [[nodiscard]] std::int64_t weight(std::int64_t t, std::int64_t channel) const {
        const Tap& tap = taps_[static_cast<std::size_t>(t)];
        const Dims& dims = op_->weights.dims;
        return ((tap.row * dims[1] + tap.column) * dims[2] + tap.channel) * dims[3] + channel;
    }
    [[nodiscard]] bool padded() const { return op_->padding != Padding{}; }
    [[nodiscard]] Borders borders(std::int64_t output) const {
        const std::int64_t top = row(output) * op_->stride[0] - op_->padding.top;
        const std::int64_t left = column(output) * op_->stride[1] - op_->padding.left;
        return {.top = top < 0,
                .bottom = top + (op_->weights.dims[0] - 1) * op_->dilation[0] >= in_.height(),
                .left = left < 0,
                .right = left + (op_->weights.dims[1] - 1) * op_->dilation[1] >= in_.width()};
    }
    void gather(std::int64_t output, std::span<std::int64_t> sources) const {
        const std::int64_t first = channel(output) / (channels() / op_->groups) * op_->weights.dims[2];
        for (std::size_t t = 0; t < sources.size(); ++t) {
            const Tap& tap = taps_[t];
            const std::int64_t y = row(output) * op_->stride[0] - op_->padding.top + tap.row * op_->dilation[0];
            const std::int64_t x = column(output) * op_->stride[1] - op_->padding.left + tap.column * op_->dilation[1];
            const bool inside = y >= 0 && y < in_.height() && x >= 0 && x < in_.width();
            sources[t] = inside ? in_.index(first + tap.channel, y, x) : -1;
        }
    }

private:
    [[nodiscard]] std::int64_t row(std::int64_t output) const { return output / channels() / out_.width(); }
    [[nodiscard]] std::int64_t column(std::int64_t output) const { return output / channels() % out_.width(); }

    const Conv2d* op_;
    Shape in_, out_;
    std::vector<Tap> taps_{};
};

}  // namespace

ProbePtr probe_of(const ProbeSetup& setup, const Dense& op) {
    return std::make_unique<LinearProbe<DenseGeometry>>(setup, op);
}

ProbePtr probe_of(const ProbeSetup& setup, const Conv2d& op) {
    return std::make_unique<LinearProbe<ConvGeometry>>(setup, op);
}

}  // namespace bittrue::corner
