// L11: the exact sum of all inputs, aligned to the finest lsb.
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

// frac and width of the exact sum of one word of each input.
struct SumFormat {
    int frac = 0;
    int bits = 0;
};

SumFormat sum_of(const LayerSetup& setup) {
    SumFormat sum{.frac = setup.format().frac(), .bits = 0};
    for (const FixedType& t : setup.input_types) sum.frac = std::max(sum.frac, t.format.frac());
    for (const FixedType& t : setup.input_types) {
        sum.bits = std::max(sum.bits, signed_width(t.format) + sum.frac - t.format.frac());
    }
    sum.bits += ceil_log2(std::ssize(setup.input_types));
    return sum;
}

class AddLayer : public Layer {
public:
    AddLayer(const LayerSetup& setup, SumFormat sum)
        : cast_(sum.bits, sum.frac, setup.node.result), count_(setup.shape().count()) {
        for (const FixedType& t : setup.input_types) terms_.push_back({t.format, sum.frac - t.format.frac()});
    }

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) {
            i128 total = 0;
            for (std::size_t k = 0; k < terms_.size(); ++k) {
                total += raw_from_word(inputs[k][i], terms_[k].format) << terms_[k].up;
            }
            store(out[i], cast_(total), events.result);
        }
    }

private:
    struct Term {
        Format format{};
        int up = 0;
    };
    Caster cast_;
    std::int64_t count_;
    std::vector<Term> terms_{};
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Add& /*op*/) {
    const SumFormat sum = sum_of(setup);
    setup.require_exact(sum.bits);
    return std::make_unique<AddLayer>(setup, sum);
}

}  // namespace bittrue::emulator
