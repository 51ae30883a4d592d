// Contents of activation tables (rule T2): computed in IEEE single precision, fl32 after each step, once when a network
// is loaded. Entries are real numbers; the engines cast them into `type` (rule T1).
#pragma once

#include "bittrue/model/ops.hpp"

namespace bittrue {

inline constexpr int kMaxTableSize = 1 << 20;

// N = size (2..2^20) entries over [-span/2, span/2); hls4ml uses span 16 for sigmoid and 8 for tanh.
[[nodiscard]] Table sigmoid_table(int size, const FixedType& type, int span = 16);
[[nodiscard]] Table tanh_table(int size, const FixedType& type, int span = 8);

// exp(-d) for the difference d of a stable softmax, exp(x) for the input of a latency softmax: entry i belongs to the
// words of format `index` whose top log2(size) bits are i. size is a power of two, at most 2^width.
[[nodiscard]] Table stable_exp_table(int size, const FixedType& type, Format index);
[[nodiscard]] Table latency_exp_table(int size, const FixedType& type, Format index);
// 1/s, s indexed likewise; entry 0 is +infinity.
[[nodiscard]] Table inverse_table(int size, const FixedType& type, Format index);

// Legacy softmax: exp over [-8, 8), 1/s over [0, 64) with entry 0 = 0.
[[nodiscard]] Table legacy_exp_table(int size, const FixedType& type);
[[nodiscard]] Table legacy_inverse_table(int size, const FixedType& type);

}  // namespace bittrue
