// The fast bit-true engine: machine words, 128-bit intermediates. Computes what docs/numerics.md says, or declines.
#pragma once

#include <memory>
#include <vector>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/model/engine.hpp"

namespace bittrue::emulator {

// Quantises the exact value raw * 2^-frac into `to` (rules Q, O, D, E). `to` must be valid (reason_invalid) and
// storable; any raw, |frac| <= 2^20.
[[nodiscard]] Converted quantize(i128 raw, int frac, const FixedType& to);

// Quantises a double, which is exact; infinity by Q9. NaN is an InputError.
[[nodiscard]] Converted quantize_real(double value, const FixedType& to);

// Runs one accumulation (rules A) and lists its steps; the last step's accumulator_raw is the result. Throws
// InputError when the operands do not fit together or the exact sum needs more than 127 bits.
[[nodiscard]] std::vector<MacStep> mac(const MacOperands& operands, const AccumulatorSpec& spec);

// The cast of rule I2 on all images, on `threads` threads (0: all cores). A value that is not finite is an InputError.
// The engine does the same inside run(); who runs the same images more than once saves it.
[[nodiscard]] WordBatch words_of(const InputBatch& batch, const FixedType& type, int threads = 0);

// Copies what it needs of the validated graph. Throws InputError for a layer whose exact intermediates exceed 127 bits.
// The engine runs blocks of images; one thread holds plan_of().block_bytes for tensors, and the working room of its
// largest layer. run() may be called from several threads at once.
[[nodiscard]] std::unique_ptr<Engine> make_engine(const Graph& graph);
// The same with the instructions of `isa`, which must be available here.
[[nodiscard]] std::unique_ptr<Engine> make_engine_for(const Graph& graph, Isa isa);

}  // namespace bittrue::emulator
