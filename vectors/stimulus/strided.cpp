#include "strided.hpp"

#include <algorithm>

namespace bittrue::corner {
namespace {

i128 gcd(i128 a, i128 b) {
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    while (b != 0) {
        if (a == 1 || b == 1) return 1;
        const i128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

i128 modulo(i128 a, i128 m) {
    return a - floor_div(a, m) * m;
}

bool is_power_of_two(i128 m) {
    return (m & (m - 1)) == 0;
}

// a^-1 mod m; a and m have no common divisor. Powers of two by Newton's iteration, others by Euclid.
i128 inverse(i128 a, i128 m) {
    if (is_power_of_two(m)) {
        const u128 odd = static_cast<u128>(a);
        u128 x = odd;  // right in 3 bits; each round doubles them
        for (int k = 0; k < 6; ++k) x *= 2 - odd * x;
        return static_cast<i128>(x & static_cast<u128>(m - 1));
    }
    i128 old_rest = modulo(a, m), rest = m, old_factor = 1, factor = 0;
    while (rest != 0) {
        const i128 q = old_rest / rest;
        std::swap(old_rest, rest);
        rest -= q * old_rest;
        std::swap(old_factor, factor);
        factor -= q * old_factor;
    }
    return modulo(old_factor, m);
}

i128 multiply_modulo(i128 a, i128 b, i128 m) {
    if (is_power_of_two(m))
        return static_cast<i128>(static_cast<u128>(a) * static_cast<u128>(b) & static_cast<u128>(m - 1));
    return a * b % m;  // both below 2^31
}

Strided mirrored(const Strided& a) {
    return {-a.high, -a.low, a.step};
}

}  // namespace

Strided normalised(i128 low, i128 high, i128 step) {
    if (step == 0 || high - low < step) return {low, low, 0};
    return {low, low + (high - low) / step * step, step};
}

Strided single(i128 raw) {
    return {raw, raw, 0};
}

Strided sum(const Strided& a, const Strided& b) {
    return {a.low + b.low, a.high + b.high, gcd(a.step, b.step)};
}

Strided scaled(const Strided& a, i128 factor) {
    if (factor == 0) return single(0);
    if (factor < 0) return mirrored(scaled(a, -factor));
    return {a.low * factor, a.high * factor, a.step * factor};
}

Strided product(const Strided& a, const Strided& b) {
    if (a.step == 0) return scaled(b, a.low);
    if (b.step == 0) return scaled(a, b.low);
    const auto [low, high] = std::minmax({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
    // (a0 + i s)(b0 + j t) = a0 b0 + multiples of a0 t, b0 s and s t.
    const i128 step = gcd(gcd(a.low * b.step, b.low * a.step), a.step * b.step);
    return normalised(low, high, step);
}

Strided joined(const Strided& a, const Strided& b) {
    const i128 step = gcd(gcd(a.step, b.step), a.low - b.low);
    return {std::min(a.low, b.low), std::max(a.high, b.high), step};
}

Strided larger_of(const Strided& a, const Strided& b) {
    const i128 low = std::max(a.low, b.low);
    if (a.low >= b.high) return a;
    if (b.low >= a.high) return b;
    const Strided both = joined(a, b);
    return normalised(low, both.high, both.step);
}

std::optional<Strided> within(const Strided& a, i128 low, i128 high) {
    if (a.step == 0) return a.low >= low && a.low <= high ? std::optional(a) : std::nullopt;
    const i128 first = low <= a.low ? a.low : a.low + ceil_div(low - a.low, a.step) * a.step;
    const i128 last = std::min(high, a.high);
    if (first > last) return std::nullopt;
    return normalised(first, last, a.step);
}

Strided converted(const Strided& a, const Conversion& c) {
    if (a.step == 0) return single(convert(a.low, c).raw);
    const i128 low = round_raw(a.low, c), high = round_raw(a.high, c);  // rounding is monotone
    i128 step = 1;
    if (c.divisor == 1) {
        const int drop = c.dropped();
        if (drop <= 0) {
            step = shift_up(a.step, -drop);
        } else if (drop < kExactBits && a.step % (i128{1} << drop) == 0 && a.low % (i128{1} << drop) == 0) {
            step = a.step >> drop;
        }
    }
    if (c.divisor > 1 || (low >= range_min(c.to) && high <= range_max(c.to))) return normalised(low, high, step);
    const Strided all = {range_min(c.to), range_max(c.to), 1};
    switch (c.to.overflow) {
        case Overflow::Sat:
        case Overflow::SatSym: {
            std::optional<Strided> set = within(normalised(low, high, step), all.low, all.high);
            if (low < all.low) set = set ? joined(*set, single(all.low)) : single(all.low);
            if (high > all.high) set = set ? joined(*set, single(all.high)) : single(all.high);
            return set.value();
        }
        case Overflow::Wrap: {
            // Wrapping keeps the number modulo 2^W.
            if (c.to.saturated_bits != 0 || low <= -(i128{1} << kExactBits) || high >= i128{1} << kExactBits) break;
            const i128 kept = gcd(step, i128{1} << c.to.format.width);
            const i128 first = all.low + modulo(low - all.low, kept);
            return normalised(first, all.high, kept);
        }
        case Overflow::SatZero:
        case Overflow::WrapSm: break;
    }
    return normalised(all.low, all.high, 1);
}

bool contains(const Target& t, i128 raw) {
    return raw >= t.low && raw <= t.high && (modulo(raw, t.modulus) == t.residue) != t.differs;
}

std::optional<i128> first_from(const Strided& a, const Target& t, i128 from) {
    const auto part = within(a, std::max(from, t.low), t.high);
    if (!part) return std::nullopt;
    if (t.modulus == 1) return t.differs ? std::nullopt : std::optional(part->low);
    if (contains(t, part->low)) return part->low;
    if (part->step == 0) return std::nullopt;
    if (t.differs) {
        // The first has the residue; if the second has it, too, all have.
        const i128 second = part->low + part->step;
        return contains(t, second) ? std::optional(second) : std::nullopt;
    }
    // step * k = residue - low (mod modulus)
    const i128 step = modulo(part->step, t.modulus);
    const i128 wanted = modulo(t.residue - part->low, t.modulus);
    if (step == 0) return std::nullopt;
    const i128 common = gcd(step, t.modulus);
    if (wanted % common != 0) return std::nullopt;
    const i128 period = t.modulus / common;
    const i128 k = multiply_modulo(modulo(wanted / common, period), inverse(step / common, period), period);
    if (k > (part->high - part->low) / part->step) return std::nullopt;
    return part->low + k * part->step;
}

std::optional<i128> last_to(const Strided& a, const Target& t, i128 from) {
    Target mirror = t;
    mirror.low = -t.high;
    mirror.high = -t.low;
    mirror.residue = modulo(-t.residue, t.modulus);
    const auto found = first_from(mirrored(a), mirror, -from);
    return found ? std::optional(-*found) : std::nullopt;
}

}  // namespace bittrue::corner
