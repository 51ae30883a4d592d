#include "saturate.hpp"
#include "steps.hpp"
#include "vnni.hpp"

namespace bittrue::emulator::linear {
namespace {

constexpr i128 kWord = 32767;  // inputs of 16 bits stay within +-kWord, so that no product is 2^30

bool fit_words(const ChannelFacts& facts, int shift) {
    return i128{facts.low_weight} << shift >= -kWord - 1 && i128{facts.high_weight} << shift <= kWord;
}

// Both shifts, together `total`, as much as fits of it at the input.
bool share_shift(const ChannelFacts& facts, int total, SaturatePlan& plan) {
    if (total < 0) return false;
    plan.input_shift = 0;
    while (plan.input_shift < total && facts.largest_input << (plan.input_shift + 1) <= kWord) ++plan.input_shift;
    plan.weight_shift = total - plan.input_shift;
    return plan.weight_shift < 16 && facts.largest_input <= kWord && fit_words(facts, plan.weight_shift);
}

class Planner {
public:
    Planner(const LinearTerms& terms, const ChannelFacts& facts, Isa isa)
        : terms_(terms), facts_(facts), isa_(isa), to_(terms.mac.spec.type) {
        plan_.fuses = facts.inputs.low >= 0;
        plan_.wraps = to_.overflow == Overflow::Wrap;
    }

    std::optional<SaturatePlan> plan() {
        if (!is_sequence(terms_.mac.spec) || !CellFormat{CellKind::SingleS16}.holds(lane_type(terms_.input)))
            return std::nullopt;
        const bool saturates = to_.overflow == Overflow::Sat || to_.overflow == Overflow::SatSym;
        if (!saturates && (!plan_.wraps || to_.saturated_bits > 0)) return std::nullopt;
        if (!last_fits()) return std::nullopt;
        const auto& cast = terms_.mac.spec.product;
        const bool cast_rounds = cast && cast->format.frac() < terms_.product_frac();
        if (cast_rounds) {
            const bool same_lsb = cast->format.frac() == to_.format.frac();
            return facts_.products_fit && same_lsb ? rounding(*cast) : std::nullopt;
        }
        if (!facts_.products_fit) return std::nullopt;
        if (up() < 0) return rounding(to_);
        return plan_.wraps ? std::nullopt : exact();
    }

private:
    [[nodiscard]] int up() const { return to_.format.frac() - terms_.product_frac(); }
    [[nodiscard]] i128 range() const { return range_max(to_) - range_min(to_); }

    // A last bias is added as it is: at the accumulator's lsb, within 16 bits.
    [[nodiscard]] bool last_fits() const {
        const AccumulatorSpec& spec = terms_.mac.spec;
        if (!terms_.mac.bias || spec.bias == BiasPosition::First) return true;
        const Format bias = spec.bias_cast ? spec.bias_cast->format : terms_.mac.bias->format;
        const int shift = to_.format.frac() - bias.frac();
        return shift >= 0 && signed_width(bias) + shift <= 16 && !plan_.wraps;
    }

    std::optional<SaturatePlan> rounding(const FixedType& type) {
        if (range() > 65535 || (plan_.wraps && to_.format.width > 16)) return std::nullopt;
        const int dropped = terms_.product_frac() - type.format.frac();
        if (type.rounding == Rounding::Rnd) {
            plan_.kernel = SaturateKernel::Round16;
            if (share_shift(facts_, 15 - dropped, plan_)) return plan_;
        } else if (type.rounding == Rounding::Trn) {
            plan_.kernel = SaturateKernel::Floor16;
            if (share_shift(facts_, 16 - dropped, plan_)) return plan_;
        }
        return std::nullopt;
    }

    std::optional<SaturatePlan> exact() {
        if (up() > 15) return std::nullopt;
        const i128 product = facts_.largest_input * facts_.largest_weight << up();
        if (range() <= 65535 && product <= kWord) {
            plan_.weight_shift = up();
            const bool bytes = facts_.low_weight << up() >= -128 && facts_.high_weight << up() <= 127;
            const bool pairs = bytes && CellFormat{CellKind::PairU8}.holds(lane_type(terms_.input));
            plan_.kernel = pairs ? SaturateKernel::Pairs16 : SaturateKernel::Low16;
            return plan_;
        }
        const int scale = 32 - to_.format.width;
        const bool last = terms_.mac.bias && terms_.mac.spec.bias == BiasPosition::Last;
        if (has_vnni(isa_) && to_.format.is_signed && scale >= (last ? 1 : 0) &&
            share_shift(facts_, scale + up(), plan_)) {
            plan_.kernel = SaturateKernel::Native32;
            plan_.scale = scale;
            return plan_;
        }
        const i128 ends = std::max(range_max(to_), -range_min(to_));
        if (facts_.largest_input <= kWord && fit_words(facts_, up()) && ends + 2 * product < i128{1} << 31) {
            plan_.kernel = SaturateKernel::Clamped32;
            plan_.input_shift = 0;
            plan_.weight_shift = up();
            return plan_;
        }
        return std::nullopt;
    }

    const LinearTerms& terms_;
    const ChannelFacts& facts_;
    Isa isa_;
    const FixedType& to_;
    SaturatePlan plan_{};
};

}  // namespace

CellKind cells_of(SaturateKernel kernel) {
    switch (kernel) {
        case SaturateKernel::Pairs16: return CellKind::PairU8;
        case SaturateKernel::Low16:
        case SaturateKernel::Floor16:
        case SaturateKernel::Round16: return CellKind::SingleS16;
        case SaturateKernel::Native32:
        case SaturateKernel::Clamped32: return CellKind::PairS16;
    }
    return CellKind::SingleS16;
}

std::optional<SaturatePlan> plan_saturation(const LinearTerms& terms, const ChannelFacts& facts, Isa isa) {
    return Planner(terms, facts, isa).plan();
}

std::string print(const SaturatePlan& plan) {
    const std::string wraps = plan.wraps ? " wrap" : "";
    switch (plan.kernel) {
        case SaturateKernel::Pairs16: return "saturate16 pairs";
        case SaturateKernel::Low16: return "saturate16";
        case SaturateKernel::Floor16: return "floor16" + wraps;
        case SaturateKernel::Round16: return "round16" + wraps;
        case SaturateKernel::Native32: return plan.fuses ? "saturate32 pairs" : "saturate32";
        case SaturateKernel::Clamped32: return plan.fuses ? "clamp32 pairs" : "clamp32";
    }
    return {};
}

}  // namespace bittrue::emulator::linear
