// Products of the two 16-bit or 8-bit numbers of a lane; included once per target by kernel files.
#if defined(BITTRUE_PAIRS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef BITTRUE_PAIRS_INL
#undef BITTRUE_PAIRS_INL
#else
#define BITTRUE_PAIRS_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::linear {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// a.low * b.low + a.high * b.high of the signed 16-bit halves of 32-bit lanes, modulo 2^32.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V pair_dot([[maybe_unused]] D d, V a, V b) {
#if HWY_TARGET == HWY_AVX3
    return V{_mm512_madd_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
    return V{_mm256_madd_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_SSE4
    return V{_mm_madd_epi16(a.raw, b.raw)};
#else
    const auto low = [](V v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); };
    const auto high = [](V v) { return hn::ShiftRight<16>(v); };
    return hn::Add(hn::Mul(low(a), low(b)), hn::Mul(high(a), high(b)));
#endif
}

// The unsigned bytes of a times the signed bytes of b, both pairs added, in 16-bit lanes; the sum must fit.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V byte_pair_dot([[maybe_unused]] D d, V a, V b) {
#if HWY_TARGET == HWY_AVX3
    return V{_mm512_maddubs_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
    return V{_mm256_maddubs_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_SSE4
    return V{_mm_maddubs_epi16(a.raw, b.raw)};
#else
    const auto byte = hn::Set(d, std::int16_t{0xff});
    const hn::RebindToUnsigned<D> du;
    const auto a_high = hn::And(hn::BitCast(d, hn::ShiftRight<8>(hn::BitCast(du, a))), byte);
    const auto b_low = hn::ShiftRight<8>(hn::ShiftLeft<8>(b));
    return hn::Add(hn::Mul(hn::And(a, byte), b_low), hn::Mul(a_high, hn::ShiftRight<8>(b)));
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#endif
