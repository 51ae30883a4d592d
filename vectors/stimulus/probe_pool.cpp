// L4 and L5: pooling.
#include <algorithm>

#include "padding_marks.hpp"

namespace bittrue::corner {
namespace {

// The positions of every window, row by row; -1 in the padding.
class Windows {
public:
    template <class Op>
    Windows(const ProbeSetup& setup, const Op& op)
        : pool_(op.pool), stride_(op.stride), padding_(op.padding), in_(setup.shape()), out_(setup.node.shape) {}

    [[nodiscard]] std::int64_t size() const { return std::int64_t{pool_[0]} * pool_[1]; }
    [[nodiscard]] std::int64_t outputs() const { return out_.count(); }
    [[nodiscard]] std::int64_t channel(std::int64_t output) const { return output % out_.channels(); }
    [[nodiscard]] std::int64_t place(std::int64_t output) const {
        return out_.index(channel(output), row(output), column(output));
    }
    [[nodiscard]] std::int64_t columns() const { return pool_[1]; }
    [[nodiscard]] bool padded() const { return padding_ != Padding{}; }
    [[nodiscard]] Borders borders(std::int64_t output) const {
        const std::int64_t top = row(output) * stride_[0] - padding_.top;
        const std::int64_t left = column(output) * stride_[1] - padding_.left;
        return {top<0, top + pool_[0]> in_.height(), left<0, left + pool_[1]> in_.width()};
    }
    void gather(std::int64_t output, std::vector<std::int64_t>& sources) const {
        sources.clear();
        for (std::int64_t r = 0; r < pool_[0]; ++r) {
            for (std::int64_t s = 0; s < pool_[1]; ++s) {
                const std::int64_t y = row(output) * stride_[0] - padding_.top + r;
                const std::int64_t x = column(output) * stride_[1] - padding_.left + s;
                const bool inside = y >= 0 && y < in_.height() && x >= 0 && x < in_.width();
                sources.push_back(inside ? in_.index(channel(output), y, x) : -1);
            }
        }
    }

private:
    [[nodiscard]] std::int64_t row(std::int64_t output) const { return output / out_.channels() / out_.width(); }
    [[nodiscard]] std::int64_t column(std::int64_t output) const { return output / out_.channels() % out_.width(); }

    std::array<int, 2> pool_, stride_;
    Padding padding_;
    Shape in_, out_;
};

class MaxPoolProbe : public ProbeOf<MaxPoolProbe> {
public:
    MaxPoolProbe(const ProbeSetup& setup, const MaxPool& op)
        : windows_(setup, op), casts_(op.accumulator.has_value()), pads_msb_(op.pad_rule == PoolPadding::Msb) {
        const Format in = setup.format();
        pad_ = in.is_signed ? raw_min(in) : i128{1} << (in.width - 1);
        if (casts_) {
            sites.push_back(
                make_site("accumulator", EventClass::Accumulator, {.to = *op.accumulator, .frac = in.frac()}));
        }
        const int frac = casts_ ? op.accumulator->format.frac() : in.frac();
        sites.push_back(make_site("result", EventClass::Result, {.to = setup.node.result, .frac = frac}));
        for (std::int64_t i = 0; i < windows_.size(); ++i) {
            marks.push_back({.place = "window",
                             .goal = "largest alone at row " + std::to_string(i / windows_.columns()) + ", column " +
                                     std::to_string(i % windows_.columns()),
                             .why = "no window has its largest number there alone"});
        }
        marks.push_back(
            {.place = "window", .goal = "several largest", .why = "no two numbers of a window can be equal"});
        marks.push_back({.place = "window",
                         .goal = "the padding is the largest",
                         .why = pads_msb_ ? "no padded position can be the largest" : "padding does not take part"});
        padding_ = PaddingMarks(*this, windows_.padded());
    }

    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(static_cast<std::size_t>(windows_.outputs()));
        Values<D> window;
        for (std::int64_t o = 0; o < windows_.outputs(); ++o) {
            windows_.gather(o, sources_);
            window.clear();
            for (const std::int64_t s : sources_)
                window.push_back(s < 0 ? D::number(pad_) : (*inputs[0])[static_cast<std::size_t>(s)]);
            see_window(d, window);
            padding_.see(d, *this, windows_.borders(o), window, sources_);
            auto value = largest(d, window);
            if (casts_) value = d.convert(sites.front(), value);
            out[static_cast<std::size_t>(windows_.place(o))] = d.convert(sites.back(), value);
        }
    }

private:
    [[nodiscard]] bool takes(std::size_t i) const { return sources_[i] >= 0 || pads_msb_; }

    template <class D>
    typename D::Value largest(D& d, const Values<D>& window) const {
        std::optional<typename D::Value> best;
        for (std::size_t i = 0; i < window.size(); ++i) {
            if (takes(i)) best = best ? d.larger(*best, window[i]) : window[i];
        }
        return best.value();
    }

    void see_window(Concrete& d, const std::vector<i128>& window) {
        const i128 best = largest(d, window);
        std::size_t count = 0, where = 0;
        for (std::size_t i = 0; i < window.size(); ++i) {
            if (takes(i) && window[i] == best) ++count, where = i;
        }
        if (count > 1) return d.hit(marks[window.size()].tally);
        d.hit(marks[where].tally);
        if (sources_[where] < 0) d.hit(marks[window.size() + 1].tally);
    }

    void see_window(Abstract& /*d*/, const std::vector<Strided>& window) {
        for (std::size_t i = 0; i < window.size(); ++i) {
            if (!takes(i)) continue;
            bool can_win = true;
            for (std::size_t k = 0; k < window.size() && can_win; ++k)
                can_win = k == i || !takes(k) || window[k].low < window[i].high;
            marks[i].tally.reachable |= can_win;
            if (sources_[i] < 0) marks[window.size() + 1].tally.reachable |= can_win;
            for (std::size_t k = 0; k < i; ++k) {
                const bool meet = takes(k) && window[k].low <= window[i].high && window[i].low <= window[k].high;
                marks[window.size()].tally.reachable |= meet;
            }
        }
    }

    Windows windows_;
    bool casts_, pads_msb_;
    i128 pad_ = 0;
    PaddingMarks padding_{};
    std::vector<std::int64_t> sources_{};
};

class AveragePoolProbe : public ProbeOf<AveragePoolProbe>, public Accumulating {
public:
    AveragePoolProbe(const ProbeSetup& setup, const AveragePool& op)
        : windows_(setup, op), counts_padding_(op.count_padding) {
        const Format in = setup.format(), acc = op.accumulator.format;
        frac_ = std::max(in.frac(), acc.frac());
        in_up_ = frac_ - in.frac();
        acc_up_ = frac_ - acc.frac();
        require_exact(setup, std::max(bits_at(in, frac_) + ceil_log2(windows_.size()), bits_at(acc, frac_)) + 2);
        sites.push_back(make_site("accumulator", EventClass::Accumulator, {.to = op.accumulator, .frac = frac_}));
        for (std::int64_t o = 0; o < windows_.outputs(); ++o) {
            const std::int64_t m = divisor(o);
            if (std::find(divisors_.begin(), divisors_.end(), m) == divisors_.end()) divisors_.push_back(m);
        }
        FixedType divided = op.accumulator;
        divided.rounding = op.divide;
        for (const std::int64_t m : divisors_) {
            sites.push_back(make_site("average of " + std::to_string(m), EventClass::Accumulator,
                                      {.to = divided, .frac = acc.frac(), .divisor = m}));
        }
        sites.push_back(make_site("result", EventClass::Result, {.to = setup.node.result, .frac = acc.frac()}));
        padding_ = PaddingMarks(*this, windows_.padded());
    }

    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.resize(static_cast<std::size_t>(windows_.outputs()));
        for (std::int64_t o = 0; o < windows_.outputs(); ++o)
            out[static_cast<std::size_t>(windows_.place(o))] = word(d, *inputs[0], o);
    }

    Accumulating* accumulating() override { return this; }
    [[nodiscard]] std::int64_t outputs() const override { return windows_.outputs(); }
    [[nodiscard]] int product_frac() const override { return frac_ - in_up_; }
    void spread(std::int64_t output, double slope, std::vector<double>& slopes) override {
        windows_.gather(output, sources_);
        for (const std::int64_t s : sources_) {
            if (s >= 0) slopes[static_cast<std::size_t>(s)] += slope;
        }
    }
    [[nodiscard]] Terms terms(std::int64_t output) const override {
        Terms t{.channel = windows_.channel(output)};
        windows_.gather(output, t.sources);
        t.weights.assign(t.sources.size(), 1);
        return t;
    }
    [[nodiscard]] std::int64_t place(std::int64_t output) const override { return windows_.place(output); }
    [[nodiscard]] std::vector<std::int64_t> terms_before(const Site* site, std::int64_t k) const override {
        const std::int64_t count = site == &sites.front() ? k + 1 : windows_.size();
        std::vector<std::int64_t> terms;
        for (std::int64_t t = 0; t < count; ++t) terms.push_back(t);
        return terms;
    }
    void walk_output(Concrete& numbers, const std::vector<i128>& input, std::int64_t output) override {
        static_cast<void>(word(numbers, input, output));
    }

private:
    [[nodiscard]] std::int64_t divisor(std::int64_t output) {
        windows_.gather(output, sources_);
        if (counts_padding_) return windows_.size();
        return std::count_if(sources_.begin(), sources_.end(), [](std::int64_t s) { return s >= 0; });
    }

    template <class D>
    typename D::Value word(D& d, const Values<D>& input, std::int64_t output) {
        const std::int64_t m = divisor(output);
        Values<D> window;
        for (const std::int64_t s : sources_)
            window.push_back(s < 0 ? D::number(0) : input[static_cast<std::size_t>(s)]);
        padding_.see(d, *this, windows_.borders(output), window, sources_);
        typename D::Value acc = D::number(0);
        for (std::size_t i = 0; i < window.size(); ++i) {
            if (sources_[i] < 0 && !counts_padding_) continue;
            acc = d.convert(sites.front(),
                            d.add(d.scale(acc, i128{1} << acc_up_), d.scale(window[i], i128{1} << in_up_)));
        }
        const auto which = std::find(divisors_.begin(), divisors_.end(), m) - divisors_.begin();
        const auto mean = d.convert(sites[static_cast<std::size_t>(which) + 1], acc);
        return d.convert(sites.back(), mean);
    }

    Windows windows_;
    bool counts_padding_;
    int frac_ = 0, in_up_ = 0, acc_up_ = 0;
    std::vector<std::int64_t> divisors_{};
    PaddingMarks padding_{};
    std::vector<std::int64_t> sources_{};
};

}  // namespace

ProbePtr probe_of(const ProbeSetup& setup, const MaxPool& op) {
    return std::make_unique<MaxPoolProbe>(setup, op);
}

ProbePtr probe_of(const ProbeSetup& setup, const AveragePool& op) {
    return std::make_unique<AveragePoolProbe>(setup, op);
}

}  // namespace bittrue::corner
