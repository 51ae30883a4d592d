#include "ordered.hpp"

namespace bittrue::emulator::linear {

bool OrderedPlan::fits(int lane_bits, const AccumulatorSpec& spec, const AccumulationFormats& formats) {
    const Alignment at = align(spec, formats);
    const int product_frac = formats.weight.frac() + formats.input.frac();
    const bool at_end = spec.quantize == QuantizeAt::End;
    const bool product_fits = !spec.product || LaneCast::fits(lane_bits, at.product_bits, product_frac, *spec.product);
    const bool last_fits = !formats.bias || spec.bias == BiasPosition::First ||
                           LaneCast::fits(lane_bits, at.exact_bits, at.last_frac, spec.type);
    return product_fits && last_fits &&
           LaneCast::fits(lane_bits, at.exact_bits, at_end ? at.end_frac : at.step_frac, spec.type) &&
           signed_width(formats.input) <= lane_bits && signed_width(formats.weight) <= lane_bits;
}

OrderedPlan::OrderedPlan(int lane_bits, const Accumulation<std::int64_t>& accumulation,
                         const AccumulationFormats& formats)
    : a(accumulation),
      terms(formats.terms),
      room(working_room(a, formats.terms)),
      narrow_products(lane_bits == 32 && signed_width(formats.input) <= 16 && signed_width(formats.weight) <= 16) {
    const int product_frac = formats.weight.frac() + formats.input.frac();
    if (a.casts_product) product = LaneCast(lane_bits, product_frac, *a.spec.product);
    if (a.spec.quantize == QuantizeAt::End) {
        end = LaneCast(lane_bits, a.at.end_frac, a.spec.type);
    } else {
        step = LaneCast(lane_bits, a.at.step_frac, a.spec.type);
    }
    const auto clamps = [](const LaneCast& cast) { return cast.overflow == LaneOverflow::Clamp && cast.up == 0; };
    step_loop = narrow_products && a.spec.quantize == QuantizeAt::Step && a.term_up == 0 && clamps(step) &&
                (!a.casts_product || (clamps(product) && step.down == 0 && a.acc_up == 0));
    if (a.has_bias && a.spec.bias == BiasPosition::Last) last = LaneCast(lane_bits, a.at.last_frac, a.spec.type);
}

}  // namespace bittrue::emulator::linear
