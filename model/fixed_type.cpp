#include "bittrue/model/fixed_type.hpp"

namespace bittrue {

std::string_view reason_invalid(const FixedType& t) {
    if (t.format.width < 1 || t.format.width > kMaxStoredWidth) return "the width must be 1 to 64 bits";
    if (t.format.integer < -kMaxInteger || t.format.integer > kMaxInteger) {
        return "the number of integer bits must be -512 to 512";
    }
    if (t.rounding == Rounding::RndConvOdd && t.dialect != Dialect::Ac) {
        return "only ac_fixed rounds ties to odd (RND_CONV_ODD)";
    }
    if (t.overflow == Overflow::WrapSm) {
        if (t.dialect == Dialect::Ac) return "ac_fixed has no WRAP_SM";
        if (!t.format.is_signed) return "WRAP_SM needs a signed type";
    }
    if (t.saturated_bits < 0 || t.saturated_bits > kMaxStoredWidth) {
        return "the number of saturated bits N must be 0 to 64";
    }
    if (t.saturated_bits > 0) {
        if (t.dialect == Dialect::Ac) return "ac_fixed has no saturated bits N";
        if (t.overflow != Overflow::Wrap && t.overflow != Overflow::WrapSm) {
            return "saturated bits N go with WRAP and WRAP_SM only";
        }
    }
    return {};
}

}  // namespace bittrue
