// L22: words between two limits pass, the others become the nearer one.
#include "bittrue/emulator/emulator.hpp"
#include "bound_raws.hpp"
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

class ClipLayer : public Layer {
public:
    ClipLayer(const LayerSetup& setup, const Clip& op)
        : cast_(setup.format(), setup.node.result),
          count_(setup.shape().count()),
          format_(setup.format()),
          low_(first_raw_from(op.min, format_.frac())),
          high_(last_raw_to(op.max, format_.frac())),
          at_min_(quantize_real(op.min, setup.node.result)),
          at_max_(quantize_real(op.max, setup.node.result)) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) {
            const i128 raw = raw_from_word(inputs[0][i], format_);
            store(out[i], raw < low_ ? at_min_ : raw > high_ ? at_max_ : cast_(raw), events.result);
        }
    }

private:
    Caster cast_;
    std::int64_t count_;
    Format format_;
    i128 low_, high_;  // raws that pass; low_ > high_ where none does
    Converted at_min_, at_max_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Clip& op) {
    return std::make_unique<ClipLayer>(setup, op);
}

}  // namespace bittrue::emulator
