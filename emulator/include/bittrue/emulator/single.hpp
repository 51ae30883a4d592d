// One layer on words that are given, without a network around it, and with faults that no network file can say: for who
// asks what a layer would have computed if.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bittrue/model/engine.hpp"

namespace bittrue::emulator {

// What is wrong inside every accumulation of a layer. All of it at once.
struct AccumulationFault {
    enum class At : std::uint8_t { Product, Weight, Input };
    // Bit `bit` of the product (after the product cast, where there is one), or of the weight or input, of each term t
    // with t mod lanes == lane reads as `value`, in the sums of the channels o with o mod outputs == output. Bits are
    // those of the format in two's complement, 0 the lowest; a bit that the format does not have is none. Terms count
    // as without the fault.
    struct StuckBit {
        int bit = 0;
        bool value = false;
        std::int64_t lanes = 1, lane = 0;
        At at = At::Product;
        std::int64_t outputs = 1, output = 0;
    };
    std::optional<StuckBit> stuck{};
    std::int64_t skip_first = 0, skip_last = 0;  // terms left out at either end; with all of them a sum of zero remains
};

// What a node reads: words of the format, images first, in storage order.
struct LayerInput {
    const Shape& shape;
    Format format{};
    std::span<const std::int64_t> words{};
};

// The words of a node's result, images first; of its inputs any word of their formats is taken as it is. `shape` is
// that of the result, and node and shapes fit together (checked_shape). Nothing is kept from call to call. A fault must
// be one of a dense or conv2d node, otherwise std::logic_error. InputError as make_engine().
[[nodiscard]] std::vector<std::int64_t> run_layer(const Node& node, const Shape& shape,
                                                  std::span<const LayerInput> inputs, std::size_t images,
                                                  const AccumulationFault* fault = nullptr);

// Weights, biases, constants and tables of a node after the cast.
[[nodiscard]] std::vector<ParameterWords> parameters_of(const Node& node, const LayerInput& input);

// The operands as the multipliers get them: words with a stuck bit of weights or inputs are altered.
[[nodiscard]] MacOperands faulty_operands(const MacOperands& operands, const AccumulationFault& fault);

// mac() with a fault in it: the steps, their terms numbered as without it, and only the last accumulator.
[[nodiscard]] std::vector<MacStep> faulty_steps(const MacOperands& operands, const AccumulatorSpec& spec,
                                                const AccumulationFault& fault);
[[nodiscard]] i128 faulty_mac(const MacOperands& operands, const AccumulatorSpec& spec, const AccumulationFault& fault);

}  // namespace bittrue::emulator
